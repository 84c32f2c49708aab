import { describe, expect, test } from '@jest/globals';
import type { PhysicalFunctions } from '../api/v1alpha1.ts';
import { physicalFunctions, wrongPhysicalFunctions } from './physicalFunctions.ts';

const [A, B] = ['0000:01:00.0', '0000:01:00.1'];
type Pf = string | undefined;
const SAME = { placement: 'SameNode', pairs: 1 } as const;

/** Two for each pair: server, client. */
const facts = (...pfs: Pf[]): { name: string; pfPciAddress?: string }[] =>
  pfs.map((pfPciAddress, i) => ({
    name: `${i % 2 === 0 ? 'server' : 'client'}-${Math.floor(i / 2)}`,
    ...(pfPciAddress === undefined ? {} : { pfPciAddress }),
  }));

describe('how the VFs of pairs are placed', () => {
  test.each<[Pf[], PhysicalFunctions | null]>([
    [[A, A], 'Same'],
    [[A, B], 'Different'],
    [[A, A, B, B], 'Same'],
    [[A, B, B, A], 'Different'],
    [[A, A, A, B], 'Mixed'],
    [[A, undefined], null],
    [[A, A, undefined, A], null],
    [[], null],
  ])('%j: %s', (pfs, expected) => {
    expect(physicalFunctions({ placement: 'SameNode', pairs: Math.max(1, pfs.length / 2) }, facts(...pfs))).toBe(
      expected,
    );
  });

  test('between nodes there is no such thing', () => {
    expect(physicalFunctions({ placement: 'CrossNode', pairs: 1 }, facts(A, A))).toBeNull();
  });
});

describe('what a mode demands', () => {
  const judge = (pf: 'Same' | 'Different' | undefined, ...pfs: Pf[]): string | null => {
    const mode = { name: 'm', type: 'Passthrough', ...(pf === undefined ? {} : { pf }) } as const;
    const found = wrongPhysicalFunctions(mode, { ...SAME, pairs: Math.max(1, pfs.length / 2) }, facts(...pfs));
    return found === null ? null : `${found.reason}: ${found.message}`;
  };

  test.each<['Same' | 'Different' | undefined, Pf[]]>([
    [undefined, [A, B]],
    [undefined, [undefined, undefined]],
    ['Same', [A, A, B, B]],
    ['Different', [A, B, B, A]],
  ])('%s holds for %j', (pf, pfs) => expect(judge(pf, ...pfs)).toBeNull());

  test.each<['Same' | 'Different', Pf[], RegExp]>([
    [
      'Same',
      [A, B],
      /^WrongPhysicalFunction: server-0 is on PF 0000:01:00\.0, client-0 on PF 0000:01:00\.1, and the mode wants pf: Same: let one/,
    ],
    [
      'Different',
      [A, B, A, A],
      /^WrongPhysicalFunction: server-1 is on PF .*: make a resource pool and a network for each PF/,
    ],
    ['Same', [A, undefined], /^PhysicalFunctionUnknown: client-0 has no VF that is known, and the mode wants pf: Same/],
  ])('%s does not hold for %j', (pf, pfs, message) => expect(judge(pf, ...pfs)).toMatch(message));

  test('a VF whose PF nobody tells is named', () => {
    const known = [{ name: 'server-0', hostPciAddress: '0000:01:11.2' }, ...facts(A, A).slice(1)];
    expect(wrongPhysicalFunctions({ name: 'm', type: 'Passthrough', pf: 'Same' }, SAME, known)?.message).toMatch(
      /^Nobody tells the PF of server-0's VF 0000:01:11\.2/,
    );
  });

  test('only on one node', () => {
    const spec = { placement: 'CrossNode', pairs: 1 } as const;
    expect(wrongPhysicalFunctions({ name: 'm', type: 'Native', pf: 'Same' }, spec, facts(A, B))).toBeNull();
  });
});
