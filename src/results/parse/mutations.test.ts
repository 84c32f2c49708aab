/** A small share of `npm run fuzz`, and that its judges do find what they are for. */
import { expect, test } from '@jest/globals';
import type { Case } from '../../../test/fuzz/cases.ts';
import { goodCases } from '../../../test/fuzz/cases.ts';
import { ambiguous, dishonest, invented, untrue } from '../../../test/fuzz/oracle.ts';
import { fuzz } from '../../../test/fuzz/run.ts';
import type { ParseOutcome } from './outcome.ts';

test('mutated output of every tool gives its true values or none', () => {
  const { inputs, read, findings } = fuzz(5, 4_000);
  expect(findings).toEqual([]);
  expect(inputs).toBe(4_000);
  expect(read).toBeGreaterThan(500);
});

test('no value of any whole sample is invented or other than itself', () => {
  for (const one of goodCases()) expect([dishonest(one.truth), untrue(one, one.truth)]).toEqual([null, null]);
});

test('the judges see a value that is wrong, half or from nowhere, and one without a source', () => {
  const one = goodCases().find(({ name }) => name === 'sockperf/pp-udp.txt') as Case;
  const changed = (change: (value: number) => number): ParseOutcome => {
    if (!one.truth.ok) throw new Error('a good case');
    const measurements = one.truth.measurements.map((m) => (m.value === null ? m : { ...m, value: change(m.value) }));
    return { ...one.truth, measurements };
  };
  expect(
    untrue(
      one,
      changed((value) => value / 2),
    ),
  ).toContain('rttP50=');
  expect(
    invented(
      one.text,
      changed((value) => value),
    ),
  ).toBeNull();
  expect(
    invented(
      one.text,
      changed((value) => value * 1.37),
    ),
  ).toContain('does not follow');
  expect(dishonest(changed(() => Number.NaN))).toContain('rttP50');
  expect(dishonest(changed((value) => -1 - value))).toContain('rttP50');
  const { source: _source, ...bare } = one.truth.ok ? (one.truth.measurements[0] ?? {}) : {};
  expect(dishonest({ ...one.truth, measurements: [bare] } as ParseOutcome)).toContain('rttP50');
});

test('a document that says a figure twice is seen as such, however the key is written, unless 3.12 does so itself', () => {
  const [one, several] = ['iperf3/tcp.json', 'iperf3/tcp-p4.json'].map((name) =>
    goodCases().find((found) => found.name === name),
  ) as [Case, Case];
  const twice = (key: string): string => one.text.replace(/("sum_received":\s*\{)/, `$1 "${key}" : "a\\":{", `);
  expect(ambiguous(twice('bytes'), one.truth)).toContain('"bytes" twice');
  expect(ambiguous(twice('other'), one.truth)).toBeNull();
  expect(ambiguous(several.text, several.truth)).toBeNull();
  expect(ambiguous(twice('bytes'), { ok: false, problem: { reason: 'DuplicateKey', message: 'x' } })).toBeNull();
});
