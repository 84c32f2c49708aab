/** No data without permission: whoever asks, however they ask. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  anotherExperiment,
  anotherTestbed,
  type HeldPage,
  running,
  startHeldPage,
} from '../../../test/support/page.ts';
import { ask, readPage } from '../../../test/support/reader.ts';

const DATA = [
  '/api/v1/stream',
  '/api/v1/experiments/bench/secret-one',
  '/api/v1/experiments/bench/secret-one/report',
  '/api/v1/testbeds/bench/secret-bed',
];

let now: number;
let page: HeldPage;
beforeEach(async () => {
  now = 1_000_000;
  page = await startHeldPage({ now: () => now });
  page.objects.put(anotherExperiment('bench', 'secret-one', running()));
  page.objects.put(anotherExperiment('team', 'secret-two', running()));
  page.objects.put(anotherTestbed('bench', 'secret-bed', true));
  page.users.add('all', 'admin', '*');
  page.users.add('bench', 'ann', 'bench');
  page.users.add('none', 'eve');
});
afterEach(() => page.server.close());

const keys = async (token: string, query = ''): Promise<string[]> => {
  const reader = await readPage(`${page.url}/api/v1/stream${query}`, token);
  const { data } = await reader.message(0);
  reader.close();
  return [...data.experiments, ...data.testbeds].map(({ key }) => key).toSorted();
};

describe('without a good token', () => {
  test.each(DATA)('%s tells nothing', async (path) => {
    for (const headers of [
      {},
      { authorization: 'Basic YTpi' },
      { authorization: 'Bearer ' },
      { cookie: 'token=all' },
    ]) {
      const { status, text, headers: told } = await ask(`${page.url}${path}`, { headers });
      expect([status, told['www-authenticate']]).toEqual([401, 'Bearer realm="vfbench"']);
      expect(text).not.toContain('secret');
    }
    expect(page.users.asked).toEqual([]);
    const bad = await ask(`${page.url}${path}`, { token: 'guess' });
    expect([bad.status, bad.text.includes('secret')]).toEqual([401, false]);
    expect((await ask(`${page.url}${path}?token=all`)).status).toBe(401);
  });

  test('the page itself holds no data', async () => {
    const { status, text } = await ask(`${page.url}/`);
    expect(status).toBe(200);
    expect(text).not.toMatch(/secret|bench\//);
  });

  test('a guesser is not shown to the API server without end', async () => {
    for (let i = 0; i < 40; i++) await ask(`${page.url}${DATA[0]}`, { token: `guess-${i}` });
    expect(page.users.asked).toHaveLength(20);
    const { status, headers } = await ask(`${page.url}${DATA[0]}`, { token: 'another' });
    expect([status, headers['retry-after']]).toEqual([429, '10']);
    now += 10_000;
    expect(await keys('all')).toHaveLength(3);
  });
});

describe('with a token', () => {
  test.each<[string, string, string[]]>([
    ['everywhere', 'all', ['bench/secret-bed', 'bench/secret-one', 'team/secret-two']],
    ['in one namespace', 'bench', ['bench/secret-bed', 'bench/secret-one']],
    ['nowhere', 'none', []],
  ])('who may list %s sees just that', async (_, token, wanted) => {
    expect(await keys(token)).toEqual(wanted);
  });

  test('one namespace is asked for where one is wanted', async () => {
    expect(await keys('all', '?namespace=team')).toEqual(['team/secret-two']);
    expect(await keys('bench', '?namespace=team')).toEqual([]);
    expect(page.users.asked.filter((question) => question.startsWith('ann') && question.endsWith('bench'))).toEqual([]);
    expect((await ask(`${page.url}/api/v1/stream?namespace=../x`, { token: 'all' })).status).toBe(400);
  });

  test('an object is given by the right to get its kind in its namespace', async () => {
    const statuses = async (token: string) =>
      Promise.all(DATA.slice(1).map(async (path) => (await ask(`${page.url}${path}`, { token })).status));
    expect(await statuses('all')).toEqual([200, 200, 200]);
    expect(await statuses('bench')).toEqual([200, 200, 200]);
    expect(await statuses('none')).toEqual([403, 403, 403]);
    page.users.rights.delete('ann list trials bench');
    now += 10_000;
    expect(await statuses('bench')).toEqual([200, 403, 200]);
  });

  test('who may not see it is not told whether there is one', async () => {
    const there = await ask(`${page.url}/api/v1/experiments/team/secret-two`, { token: 'bench' });
    const absent = await ask(`${page.url}/api/v1/experiments/team/nothing`, { token: 'bench' });
    expect([there.status, there.text]).toEqual([403, absent.text]);
    expect((await ask(`${page.url}/api/v1/experiments/bench/nothing`, { token: 'bench' })).status).toBe(404);
  });

  test('what Trials tell is for those who may list them', async () => {
    const get = async (token: string): Promise<string> =>
      (await ask(`${page.url}/api/v1/experiments/bench/secret-one`, { token })).text;
    page.users.rights.delete('ann list trials bench');
    expect(JSON.parse(await get('bench'))).toMatchObject({ failed: [], hasReport: false, line: { running: [] } });
  });

  test('the answer counts for ten seconds, yes and no', async () => {
    await keys('bench');
    const { length } = page.users.asked;
    page.users.revoke('ann');
    expect(await keys('bench')).toHaveLength(2);
    expect(page.users.asked).toHaveLength(length);
    now += 10_000;
    expect(await keys('bench')).toEqual([]);
    page.users.add('bench', 'ann', 'bench');
    expect(await keys('bench')).toEqual([]);
    now += 10_000;
    expect(await keys('bench')).toHaveLength(2);
  });

  test('users are told apart by all that the API server knows of them', async () => {
    page.users.users.set('twin', { username: 'ann', groups: ['other'] });
    await keys('bench');
    const { length } = page.users.asked;
    await keys('twin');
    expect(page.users.asked.length - length).toBeGreaterThan(1);
  });

  test('nothing is shown while the API server gives no answer, and that is not remembered', async () => {
    page.users.isDown = true;
    const { status, text } = await ask(`${page.url}${DATA[1]}`, { token: 'all' });
    expect([status, text.includes('ReviewFailed')]).toEqual([503, true]);
    page.users.isDown = false;
    expect((await ask(`${page.url}${DATA[1]}`, { token: 'all' })).status).toBe(200);
  });
});

describe('on loopback, without a token', () => {
  let open: HeldPage;
  beforeEach(async () => {
    open = await startHeldPage({ access: 'AnonymousLoopback' });
    open.objects.put(anotherExperiment('bench', 'secret-one', running()));
  });
  afterEach(() => open.server.close());

  const path = '/api/v1/experiments/bench/secret-one';

  test.each(['localhost:1', '127.0.0.1', '127.1.2.3:80', '[::1]:8090'])('%s is ours', async (host) => {
    expect((await ask(`${open.url}${path}`, { headers: { host } })).status).toBe(200);
  });

  test.each<[string, Record<string, string>]>([
    ['a name that was made to resolve to loopback', { host: 'evil.example' }],
    ['one that begins like ours', { host: '127.0.0.1.evil.example' }],
    ['one that ends like ours', { host: 'evil-localhost' }],
    ['another site’s page', { origin: 'https://evil.example' }],
    ['a page of another port', { origin: 'http://127.0.0.1:1' }],
    ['a sandboxed page', { origin: 'null' }],
    ['a link or a frame of another site', { 'sec-fetch-site': 'cross-site' }],
    ['a sister site', { 'sec-fetch-site': 'same-site' }],
  ])('%s is refused', async (_, headers) => {
    const { status, text } = await ask(`${open.url}${path}`, { headers });
    expect([status, text.includes('WrongHost')]).toEqual([403, true]);
    expect((await readPage(`${open.url}/api/v1/stream`, '', headers)).status).toBe(403);
  });
});
