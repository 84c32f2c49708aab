import { describe, expect, test } from '@jest/globals';
import type { Trial } from '../api/v1alpha1.ts';
import { condition, experiment, trial } from '../../test/support/builders.ts';
import { begunBlocks, blockState, failureText, indexTrials, isComplete, isOver } from './blocks.ts';
import { blockOrder } from './expand.ts';

const SPEC = experiment({ blocks: { min: 2, max: 4, precisionPercent: 3, retries: 1 } }).spec;
const MODES = ['native', 'virtio', 'passthrough'];

type End = 'ok' | 'failed' | 'running';
function attempt(mode: string, block: number, n: number, end: End): Trial {
  const conditions =
    end === 'running'
      ? []
      : [
          condition('Finished', 'True'),
          condition('Succeeded', end === 'ok' ? 'True' : 'False', { reason: 'BootTimeout', message: `${n}` }),
        ];
  return trial({ mode, block, attempt: n }, { conditions });
}
const whole = (block: number, end: End = 'ok'): Trial[] => MODES.map((mode) => attempt(mode, block, 0, end));

/** State of one cell after these attempts. */
function stateOf(...ends: End[]): string {
  const trials = ends.map((end, n) => attempt('virtio', 0, n, end));
  const { cells } = blockState(SPEC, 7, 0, indexTrials(trials.toReversed()));
  const state = cells.find(({ cell }) => cell.mode === 'virtio')?.state;
  if (state?.state === 'Open') return `Open ${state.attempt}`;
  if (state?.state === 'GivenUp') return `GivenUp ${failureText(state.last).message}`;
  return state?.state ?? 'none';
}

test.each<[End[], string]>([
  [[], 'Open 0'],
  [['running'], 'Running'],
  [['ok'], 'Done'],
  [['failed'], 'Open 1'],
  [['failed', 'running'], 'Running'],
  [['failed', 'ok'], 'Done'],
  [['failed', 'failed'], 'GivenUp 1'],
  [['ok', 'failed'], 'Done'],
])('after %j a cell is %s', (ends, expected) => {
  expect(stateOf(...ends)).toBe(expected);
});

test('an attempt that somebody deleted: its number is not used again', () => {
  const { cells } = blockState(SPEC, 7, 0, indexTrials([attempt('virtio', 0, 1, 'failed')]));
  expect(cells.find(({ cell }) => cell.mode === 'virtio')?.state).toEqual({ state: 'Open', attempt: 2 });
});

test('an attempt that failed while it was being deleted: its cell waits until it is gone', () => {
  const leaving = attempt('virtio', 0, 0, 'failed');
  leaving.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
  const { cells } = blockState(SPEC, 7, 0, indexTrials([leaving]));
  expect(cells.find(({ cell }) => cell.mode === 'virtio')?.state.state).toBe('Running');
});

describe('a block', () => {
  test('has its cells in the order in which they run', () => {
    expect(blockState(SPEC, 7, 3, new Map()).cells.map(({ cell }) => cell)).toEqual(blockOrder(SPEC, 7, 3));
  });

  test.each<[string, Trial[], boolean, boolean]>([
    ['not begun', [], false, false],
    ['all done', whole(0), true, true],
    ['one running', [...whole(0).slice(1), attempt('native', 0, 0, 'running')], false, false],
    [
      'one given up',
      [...whole(0).slice(1), attempt('native', 0, 0, 'failed'), attempt('native', 0, 1, 'failed')],
      true,
      false,
    ],
    ['one to be repeated', [...whole(0).slice(1), attempt('native', 0, 0, 'failed')], false, false],
    ["another block's trials", whole(1), false, false],
  ])('%s', (_, trials, over, complete) => {
    const state = blockState(SPEC, 7, 0, indexTrials(trials));
    expect([isOver(state), isComplete(state)]).toEqual([over, complete]);
  });
});

test.each<[string, Trial[], number[]]>([
  ['none begun: the first', [], [0]],
  ['the first under way', whole(0, 'running'), [0]],
  ['the first over: the second', whole(0), [0, 1]],
  ['two over', [...whole(0), ...whole(1)], [0, 1, 2]],
  ['all over: no more than the cap', [0, 1, 2, 3].flatMap((block) => whole(block)), [0, 1, 2, 3]],
  ['a gap is filled first', [...whole(0), ...whole(2)], [0, 1]],
])('blocks begun: %s', (_, trials, expected) => {
  expect(begunBlocks(SPEC, 7, trials).map(({ block }) => block)).toEqual(expected);
});

test('a trial without conditions failed for unknown reasons', () => {
  expect(failureText(trial())).toEqual({ reason: 'Unknown', message: '' });
});
