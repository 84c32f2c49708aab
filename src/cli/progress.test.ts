import { describe, expect, test } from '@jest/globals';
import type { Experiment, Trial } from '../api/v1alpha1.ts';
import { condition, experiment, NOW, trial } from '../../test/support/builders.ts';
import { secondsLeft } from '../plan/progress.ts';
import { left } from '../plan/remaining.ts';
import { duration, progressLine } from './progress.ts';

const at = (secondsAgo: number): string => new Date(NOW - secondsAgo * 1000).toISOString();

/** A trial that began and ended so many seconds ago; running where it has not ended. */
type Cell = [mode: string, block: number, attempt: number];

function ran([mode, block, attempt]: Cell, [begun, ended]: [number, number?], succeeded = true): Trial {
  const made = trial({ mode, block, attempt });
  const ends =
    ended === undefined ? [] : [condition('Finished', 'True'), condition('Succeeded', succeeded ? 'True' : 'False')];
  return {
    ...made,
    metadata: { ...made.metadata, name: `${mode}-${block}-${attempt}`, creationTimestamp: at(begun) },
    status: { conditions: ends, ...(ended === undefined ? {} : { completionTime: at(ended) }) },
  };
}

function with6(trials: readonly Trial[]): Experiment {
  const base = experiment({ blocks: { min: 2, max: 2, precisionPercent: 3, retries: 1 } });
  const finished = trials.filter(({ status }) => status?.completionTime !== undefined).length;
  return {
    ...base,
    status: { progress: { blocks: 1, plannedBlocks: 2, trials: finished, plannedTrials: 6, failed: 1 } },
  };
}

/** Five of six cells measured; of the last one an attempt failed and the next runs: six trials are over. */
const RETRIED = [
  ran(['native', 0, 0], [100, 90]),
  ran(['virtio', 0, 0], [90, 70]),
  ran(['passthrough', 0, 0], [70, 50]),
  ran(['native', 1, 0], [50, 40]),
  ran(['virtio', 1, 0], [40, 20]),
  ran(['passthrough', 1, 0], [20, 15], false),
  ran(['passthrough', 1, 1], [5]),
];

describe('cells, not attempts, are counted', () => {
  test('a retry is no progress', () => {
    const found = with6(RETRIED);
    expect(left(found, RETRIED)).toMatchObject({ planned: 6, done: 5, givenUp: 0, retries: 1 });
    expect(progressLine(found, RETRIED, NOW)).toMatch(
      /^block 2\/2 {2}trial 6\/6 {2}1 retry {2}passthrough CrossNode, attempt 2: waiting 5s/,
    );
  });

  test('time left is that of the cell that is still to be done: its mode took 20 s, 5 s are over', () => {
    expect(secondsLeft(with6(RETRIED), RETRIED, NOW)).toBeCloseTo(15);
  });

  test('between the failure and the retry the cell is still open', () => {
    const before = RETRIED.slice(0, -1);
    expect(left(with6(before), before).open.get('passthrough/CrossNode/1')).toBe(1);
    expect(secondsLeft(with6(before), before, NOW)).toBeCloseTo(20);
  });

  test('a cell whose every attempt failed is given up, and takes no more time', () => {
    const given = [...RETRIED.slice(0, -1), ran(['passthrough', 1, 1], [15, 5], false)];
    expect(left(with6(given), given)).toMatchObject({ done: 5, givenUp: 1 });
    expect(secondsLeft(with6(given), given, NOW)).toBe(0);
    expect(progressLine(with6(given), given, NOW)).toContain('1 given up');
  });

  test('without the right to read Trials the counters of status tell', () => {
    const found = with6(RETRIED);
    expect(left(found, [])).toMatchObject({ done: 5 });
    expect(secondsLeft(found, [], NOW)).toBeNull();
  });

  test('where precision may end it sooner, the time is the most', () => {
    const found = with6(RETRIED);
    const open = { ...found, spec: { ...found.spec, blocks: { ...found.spec.blocks, min: 1 } } };
    expect(progressLine(open, RETRIED, NOW)).toContain('at most about 15s left');
  });
});

test.each([
  [0, '0s'],
  [59.4, '59s'],
  [75, '1m15s'],
  [3600 * 2 + 60 * 3, '2h03m'],
  [-4, '0s'],
])('duration of %p s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
