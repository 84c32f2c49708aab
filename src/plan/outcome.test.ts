import { describe, expect, test } from '@jest/globals';
import type { ResultRow } from '../api/v1alpha1.ts';
import type { Analysis } from '../results/analyse.ts';
import { experiment } from '../../test/support/builders.ts';
import { outcomeOf, resultConditions } from './outcome.ts';

const SPEC = experiment({ deadlineSeconds: 600, blocks: { min: 6, max: 12, precisionPercent: 3, retries: 0 } }).spec;

const ROW: ResultRow = {
  test: 'latency',
  point: { messageBytes: 64 },
  placement: 'CrossNode',
  pairs: 1,
  metric: 'rttP50',
  unit: 's',
  better: 'Lower',
  mode: 'native',
  n: 12,
  verdict: 'Baseline',
};

function analysis(changes: Partial<Analysis> = {}): Analysis {
  const convergence = { converged: true, within: 3, rows: 3, widest: { name: 'r', percent: 2.5, n: 12 } };
  return {
    rows: [ROW],
    family: { comparisons: 2, fewestBlocks: 7 },
    geometricMeans: [],
    drifts: [],
    verdict: 'None',
    expectations: [],
    converged: true,
    convergence,
    completeBlocks: 12,
    ...changes,
  };
}

describe('Converged', () => {
  const wide = {
    converged: false,
    within: 1,
    rows: 3,
    widest: { name: 'latency rttP99 of virtio', percent: 7.25, n: 12 },
  };
  const lost = { ...wide, widest: { ...wide.widest, percent: null } };
  const short = '1 of 3 rows are known to 3 %; ';
  test.each<[string, { convergence?: Analysis['convergence']; end: string | null; status: string; message: string }]>([
    ['reached', { end: 'Completed', status: 'True', message: 'Every primary metric is known to 3 %' }],
    ['more blocks to run', { end: null, status: 'Unknown', message: '3 of 3 rows are known to 3 %' }],
    [
      'not reached at the cap',
      {
        convergence: wide,
        end: 'Completed',
        status: 'False',
        message: `${short}the widest, latency rttP99 of virtio, to 7.3 %; spec.blocks.max is 12: raise it, or durationSeconds, in a new Experiment`,
      },
    ],
    [
      'not reached in time',
      {
        convergence: wide,
        end: 'DeadlineExceeded',
        status: 'False',
        message: `${short}the widest, latency rttP99 of virtio, to 7.3 %; spec.deadlineSeconds is 600: raise it in a new Experiment`,
      },
    ],
    [
      'not reached since a cell failed',
      {
        convergence: wide,
        end: 'CellFailed',
        status: 'False',
        message: `${short}the widest, latency rttP99 of virtio, to 7.3 %; the Experiment ended before its time: condition Finished names the cell that failed`,
      },
    ],
    [
      'without an interval',
      {
        convergence: lost,
        end: null,
        status: 'Unknown',
        message: `${short}latency rttP99 of virtio has no interval`,
      },
    ],
  ])('%s', (_, { convergence, end, ...expected }) => {
    const found = analysis(convergence === undefined ? {} : { convergence });
    expect(resultConditions(SPEC, found, end)[0]).toMatchObject({ type: 'Converged', ...expected });
  });
});

describe('Stationary', () => {
  const drift = (mode: string, p: number, tau = 0.5) => ({ test: 'latency', metric: 'rttP50', mode, n: 12, tau, p });

  test('is not said where nothing was tested', () => {
    expect(resultConditions(SPEC, analysis(), 'Completed')).toHaveLength(1);
  });

  test.each([
    ['no drift', [drift('a', 0.3), drift('b', 0.9)], 'True', /beyond chance/],
    ['one of many by chance', [drift('a', 0.03), drift('b', 0.9)], 'True', /beyond chance/],
    [
      'one that rises',
      [drift('a', 0.001), drift('b', 0.9)],
      'False',
      /^latency rttP50 of a rises over the blocks, tau 0.50:/,
    ],
    [
      'two, the clearer named',
      [drift('a', 0.02), drift('b', 1e-4, -0.9)],
      'False',
      /of b falls .* tau -0.90 \(and 1 more\)/,
    ],
  ])('%s', (_, drifts, status, message) => {
    expect(resultConditions(SPEC, analysis({ drifts }), 'Completed')[1]).toMatchObject({
      type: 'Stationary',
      status,
      message: expect.stringMatching(message),
    });
  });
});

describe('the status', () => {
  test('holds expectations with their outcome and words', () => {
    const expectation = { test: 'latency', metric: 'rttP50', mode: 'virtio', ratioAtMost: '1.2' };
    const judged = { expectation, outcome: 'Failed' as const, message: 'm'.repeat(600) };
    const [found] = outcomeOf(analysis({ expectations: [judged] })).expectations ?? [];
    expect(found).toEqual({
      test: 'latency',
      metric: 'rttP50',
      mode: 'virtio',
      outcome: 'Failed',
      message: 'm'.repeat(512),
    });
  });

  test('fits into one object however many rows there are and however long their words', () => {
    const rows = Array.from({ length: 5000 }, () => ROW);
    expect(outcomeOf(analysis({ rows })).results).toHaveLength(2000);
    const wordy = rows.map((row) => ({ ...row, message: 'x'.repeat(512) }));
    const { results = [] } = outcomeOf(analysis({ rows: wordy }));
    expect(results.length).toBeGreaterThan(1000);
    expect(JSON.stringify(results).length).toBeLessThan(1_000_000);
  });
});
