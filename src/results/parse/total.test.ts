/** Parsers are total: whatever text comes in, an outcome comes out, soon. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PARSERS, sampleNames } from '../../../test/fuzz/cases.ts';
import { HUGE } from '../../../test/fuzz/huge.ts';
import { output, sample } from '../../../test/support/results/samples.ts';
import type { ParseOutcome } from './outcome.ts';
import { cpuMs } from '../../../test/support/cpu-time.ts';

const files = sampleNames();

/** Every measurement is a finite number that is not negative, or null with a reason; never both, never neither. */
function expectHonest(outcome: ParseOutcome): void {
  if (!outcome.ok) {
    expect(outcome.problem.reason).toMatch(/^[A-Z][A-Za-z0-9]+$/);
    expect(outcome.problem.message).not.toBe('');
    return;
  }
  for (const { value, reason } of outcome.measurements) {
    expect((value === null) === (reason !== null)).toBe(true);
    if (value !== null) expect(Number.isFinite(value) && value >= 0).toBe(true);
  }
}

describe.each(PARSERS)('$name', ({ parse, point }) => {
  test('any text', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.json(),
      fc.constantFrom(...files.map(sample)),
    );
    const code = fc.option(fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(text, text, code, (stdout, stderr, exitCode) => {
        expectHonest(parse({ stdout, stderr, exitCode, point }));
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  test('samples with one value replaced by any other', () => {
    const own = files.filter((name) => !name.endsWith('stderr')).map(sample);
    const swap = fc.constantFrom('-1', '0', 'null', '"x"', '1e308', '1e999', '{}', '[]', 'nan', '', '9'.repeat(400));
    fc.assert(
      fc.property(fc.constantFrom(...own), fc.nat(), swap, (text, which, replacement) => {
        const numbers = [...text.matchAll(/-?\d+(\.\d+)?/g)];
        const hit = numbers[which % Math.max(numbers.length, 1)];
        const mutated = hit ? text.slice(0, hit.index) + replacement + text.slice(hit.index + hit[0].length) : text;
        expectHonest(parse(output(mutated, point)));
      }),
      { numRuns: 500, seed: 2 },
    );
  });

  test('a cut sample gives a problem or the very figures of the whole one, never others', () => {
    for (const text of files.map(sample)) {
      const whole = parse(output(text, point));
      const step = Math.max(1, Math.floor(text.length / 150));
      for (let length = text.length % step; length < text.length; length += step) {
        const cut = parse(output(text.slice(0, length), point));
        if (cut.ok) expect(cut).toEqual(whole);
      }
    }
  });

  test.each(HUGE)('1 MB of %s takes less than 50 ms of CPU', (_, make) => {
    const input = output(make(1_000_000), point, { stderr: make(1_000_000) });
    const times = [1, 2, 3].map(() => {
      const start = cpuMs();
      expectHonest(parse(input));
      return cpuMs() - start;
    });
    expect(Math.min(...times)).toBeLessThan(50);
  });

  test('what no tool ever prints is refused unread', () => {
    expect(parse(output(' '.repeat(9_000_000), point))).toMatchObject({ problem: { reason: 'OutputTooLarge' } });
  });
});
