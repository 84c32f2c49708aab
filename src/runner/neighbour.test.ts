import { describe, expect, test } from '@jest/globals';
import { demandNeighbour, judge, parseNeighbours } from './neighbour.ts';

const EXPECTED = { nic: 'data0', address: '192.0.2.1', mac: '02:00:00:00:00:01' };
const reason = (found: string[], mac: string | undefined = EXPECTED.mac): string | undefined =>
  judge({ ...EXPECTED, mac }, found)?.problem.reason;

describe('the neighbour at the peer address', () => {
  test.each<[string, string[]]>([
    ['[{"dst":"192.0.2.1","lladdr":"02:00:00:00:00:01","state":["REACHABLE"]}]', ['02:00:00:00:00:01']],
    ['[{"dst":"192.0.2.1","lladdr":"02:00:00:00:00:0A","state":["STALE"]}]', ['02:00:00:00:00:0a']],
    ['[{"dst":"fd00::1","lladdr":"02:00:00:00:00:01","router":null,"state":["DELAY"]}]', ['02:00:00:00:00:01']],
    ['[{"dst":"192.0.2.1","state":["INCOMPLETE"]}]', []],
    ['[{"dst":"192.0.2.1","lladdr":"02:00:00:00:00:01","state":["FAILED"]}]', []],
    ['[ ]', []],
    ['', []],
    ['Cannot find device "data0"', []],
  ])('%s', (json, expected) => expect(parseNeighbours(json)).toEqual(expected));

  test.each([
    [['02:00:00:00:00:01'], undefined],
    [['02:00:00:00:00:01', '02:00:00:00:00:02'], undefined],
    [['02:00:00:00:00:02'], 'WrongNeighbour'],
    [[], 'NeighbourMissing'],
  ])('at %j: %s', (found, expected) => expect(reason(found)).toBe(expected));

  test('says who is there instead', () => {
    expect(judge(EXPECTED, ['02:00:00:00:00:02'])?.message).toMatch(
      /^192\.0\.2\.1 is at 02:00:00:00:00:02 on data0; its data NIC has 02:00:00:00:00:01: another host/,
    );
  });

  test('where they are not resolved, or the peer told no MAC: why it is unchecked', async () => {
    const { signal } = new AbortController();
    const ask = (nic: string, mac: string | undefined): Promise<string | null> =>
      demandNeighbour({ nic, address: '127.0.0.1', mac }, signal);
    expect(await ask('lo', EXPECTED.mac)).toBe('lo resolves no neighbours');
    expect(await ask('lo', undefined)).toBe('the peer told no MAC to hold its neighbour entry against');
    expect(await ask('lo', 'none')).toBe('the peer told no MAC to hold its neighbour entry against');
    expect(await ask('no-such-nic', EXPECTED.mac)).toBe('no-such-nic resolves no neighbours');
  });
});
