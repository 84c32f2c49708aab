/** The estimate of `npm run bench:bias`, and what it reads off a tool's output by hand. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import type { TestPoint } from '../../src/api/protocol.ts';
import { difference, type Goal, judge, type Quadruple, type Reading } from '../bench/biasEstimate.ts';
import { printed } from '../bench/biasHand.ts';
import { sample, streamPoint } from '../support/results/samples.ts';

const GOAL: Goal = { metric: 'throughput', what: '', percent: 1 };

const reading = (throughput: number | null): Reading => ({ throughput, rttP99: 1e-4 });

/** In the order of time: hand, vfbench, vfbench, hand. */
function quadruple(values: readonly [number | null, number | null, number | null, number | null]): Quadruple {
  const [a, b, c, d] = values;
  return { hand: [reading(a), reading(d)], vfbench: [reading(b), reading(c)] };
}

describe('difference', () => {
  test('is what vfbench reads more, in percent, whatever the level and its steady drift', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -5, max: 5, noNaN: true }),
        fc.array(fc.record({ level: fc.double({ min: 1, max: 1e12, noNaN: true }), drift: fc.double({ min: 0.5, max: 2, noNaN: true }) }), { minLength: 6, maxLength: 25 }), // prettier-ignore
        (percent, blocks) => {
          const factor = 1 + percent / 100;
          const quadruples = blocks.map(({ level, drift }) =>
            quadruple([level, level * drift * factor, level * drift ** 2 * factor, level * drift ** 3]),
          );
          const found = difference(quadruples, 'throughput');
          expect(found.percent).toBeCloseTo(percent, 6);
          expect(found.interval?.low).toBeCloseTo(percent, 6);
          expect(found.interval?.high).toBeCloseTo(percent, 6);
        },
      ),
    );
  });

  // Walsh averages of 1..6 as logarithms: 21 sorted, c = 1, so the interval is their extremes and the estimate 3.5.
  test('has the exact interval of the signed-rank test', () => {
    const quadruples = [1, 2, 3, 4, 5, 6].map((k) => {
      const value = 100 * Math.exp(k / 100);
      return quadruple([100, value, value, 100]);
    });
    const { n, percent, interval } = difference(quadruples, 'throughput');
    expect(n).toBe(6);
    expect(percent).toBeCloseTo(100 * (Math.exp(0.035) - 1), 9);
    expect(interval?.low).toBeCloseTo(100 * (Math.exp(0.01) - 1), 9);
    expect(interval?.high).toBeCloseTo(100 * (Math.exp(0.06) - 1), 9);
  });

  test('leaves out, and counts, quadruples with a figure missing', () => {
    const whole = quadruple([100, 101, 101, 100]);
    const gaps = [0, 1, 2, 3].map((at) => quadruple([at, 1, 2, 3].map((v, i) => (i === at ? null : v + 1)) as never));
    const found = difference(
      [...gaps, ...Array.from({ length: 6 }, () => whole), quadruple([0, 1, 1, 1])],
      'throughput',
    );
    expect(found).toMatchObject({ n: 6, incomplete: 5 });
    expect(found.percent).toBeCloseTo(1, 9);
  });

  test('of fewer than six has no interval, of none no estimate', () => {
    const five = difference(
      Array.from({ length: 5 }, () => quadruple([1, 1, 1, 1])),
      'throughput',
    );
    expect(five).toEqual({ n: 5, incomplete: 0, percent: 0 });
    expect(difference([], 'throughput')).toEqual({ n: 0, incomplete: 0, percent: null });
  });
});

test.each([
  [{ low: -0.9, high: 1 }, 20, 'Met'],
  [{ low: -0.9, high: 0.9 }, 19, 'CannotTell'],
  [{ low: -0.9, high: 1.1 }, 40, 'CannotTell'],
  [{ low: -1.1, high: 0 }, 40, 'CannotTell'],
  [{ low: -3, high: 3 }, 40, 'CannotTell'],
  [{ low: 1.1, high: 3 }, 40, 'NotMet'],
  [{ low: -3, high: -1.1 }, 6, 'NotMet'],
])('an interval of %o from %i quadruples is judged %s', (interval, n, judgement) => {
  expect(judge({ n, incomplete: 0, percent: 0, interval }, GOAL).judgement).toBe(judgement);
});

test('without an interval nobody can tell', () => {
  expect(judge({ n: 3, incomplete: 0, percent: 50 }, GOAL).judgement).toBe('CannotTell');
});

describe('by hand', () => {
  beforeAll(() => void jest.spyOn(console, 'error').mockImplementation(() => undefined));
  afterAll(() => void jest.restoreAllMocks());
  const stream = streamPoint();
  const roundTrips: TestPoint = { ...stream, type: 'RequestResponse', messageBytes: 64 };

  test.each<[string, TestPoint, RegExp, number]>([
    ['iperf3/tcp.json', stream, /"sum_received":\s*\{[^}]*"bits_per_second":\s*([0-9.e+]+)/, 1],
    ['sockperf/pp-tcp-fullrtt.txt', roundTrips, /percentile 99\.000 =\s*([0-9.]+)/, 1e-6],
  ])('%s gives the figure that is printed in it', (file, point, figure, unit) => {
    const value = Number(figure.exec(sample(file))?.[1]) * unit;
    const found = Object.values(printed(point, { stdout: sample(file), exitCode: 0 }));
    expect(value).toBeGreaterThan(0);
    expect(found).toEqual([expect.closeTo(value, 12)]);
  });

  test.each<[string, TestPoint]>([
    ['iperf3/err-refused.json', stream],
    ['iperf3/tcp.json', { ...stream, durationSeconds: 4 }],
    ['sockperf/err-tcp-noserver.txt', roundTrips],
    ['sockperf/sigterm.txt', roundTrips],
  ])('%s gives nothing where the run does not count', (file, point) => {
    expect(Object.values(printed(point, { stdout: sample(file), exitCode: 0 }))).toEqual([null]);
  });

  test('a tool that failed gives nothing, whatever it printed', () => {
    expect(printed(stream, { stdout: sample('iperf3/tcp.json'), exitCode: 1 })).toEqual({ throughput: null });
  });
});
