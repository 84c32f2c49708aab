/** Experiments as their controller leaves them, for what reads their health. */
import { findCondition } from '../../../src/api/conditions.ts';
import type { Experiment, ExperimentSpec, Trial } from '../../../src/api/v1alpha1.ts';
import { planExperiment } from '../../../src/plan/experiment.ts';
import type { ExperimentObserved } from '../../../src/plan/experimentObserved.ts';
import { attachments, condition, experiment, nodes, NOW, testbed } from '../builders.ts';

/** What a trial of a mode and block measured in bit/s; null where it failed. */
type Result = (trial: Trial) => number | null;

interface Life {
  /** Default: trials alike, so that every precision is reached. */
  result?: Result;
  /** Trials that end; default: all. */
  ended?: number;
  /** What is not as usual in what the controller sees. */
  world?: Partial<ExperimentObserved>;
  /** What the allocator said to a trial that waits. */
  waits?: { reason: string; message: string };
}

function ended(trial: Trial, value: number | null): Trial {
  const reason = { reason: 'BootTimeout', message: 'client: exp-vm runs, but did not report in within 300 s' };
  const succeeded = value === null ? condition('Succeeded', 'False', reason) : condition('Succeeded', 'True');
  const point = { test: 'bandwidth', point: { streams: 1 }, pair: 0, metric: 'throughput' as const, unit: 'bit/s' };
  return {
    ...trial,
    status: {
      conditions: [condition('Finished', 'True'), succeeded],
      ...(value === null ? {} : { measurements: [{ ...point, value }] }),
    },
  };
}

/** Carries plans out until nothing is left to do or so many trials have ended. */
function live(
  spec: Partial<ExperimentSpec>,
  { result = () => 1e9, ended: most = Infinity, world = {}, waits }: Life,
): Experiment {
  let current = experiment(spec);
  const trials: Trial[] = [];
  const see = (): ExperimentObserved => ({
    experiment: current,
    testbed: testbed(),
    nodes: nodes('node-a', 'node-b'),
    attachments: attachments(),
    trials,
    ...world,
  });
  for (let step = 0; step < 300; step++) {
    const plan = planExperiment(see(), NOW + step * 1000);
    if (plan.status !== undefined) current = { ...current, status: plan.status };
    for (const { metadata, ...rest } of plan.create)
      trials.push({ ...(rest as unknown as Trial), metadata: { ...metadata, uid: `u-${metadata.name}` } });
    const at = trials.findIndex((trial) => findCondition(trial.status?.conditions, 'Finished') === undefined);
    if (at < 0 || at >= most) break;
    trials[at] = ended(trials[at] as Trial, result(trials[at] as Trial));
  }
  const last = trials.at(-1);
  if (waits === undefined || last === undefined) return current;
  trials[trials.length - 1] = {
    ...last,
    status: { conditions: [condition('Granted', 'False', waits)], queue: { position: 1, length: 2 } },
  };
  return { ...current, status: planExperiment(see(), NOW + 400_000).status ?? {} };
}

const BLOCKS = { min: 6, max: 8, precisionPercent: 3, retries: 1 };
const SOON = { min: 2, max: 2, precisionPercent: 3, retries: 1 };
const bound = (atLeast: string): NonNullable<ExperimentSpec['expectations']> => [
  { test: 'bandwidth', metric: 'throughput', mode: 'virtio', atLeast },
];
/** Wide enough around 1 Gb/s that no interval of a few blocks is on one side of it. */
const noisy: Result = ({ spec: { block, mode } }) => 1e9 * (1 + 0.1 * (((block * 7 + mode.length) % 5) - 2));
const PASSED = (): Experiment => live({ blocks: BLOCKS, expectations: bound('500000000') }, {});

/** By the name of the fixture. */
export const EXPERIMENT_FIXTURES: Record<string, () => Experiment> = {
  unseen: () => experiment(),
  running: () => live({ blocks: BLOCKS }, { ended: 4 }),
  suspended: () => live({ suspend: true }, {}),
  'suspended-midway': () => {
    const started = live({ blocks: BLOCKS }, { ended: 4 });
    const paused = {
      ...started,
      metadata: { ...started.metadata, generation: 2 },
      spec: { ...started.spec, suspend: true },
    };
    const see = { testbed: testbed(), nodes: nodes('node-a', 'node-b'), attachments: attachments(), trials: [] };
    return { ...paused, status: planExperiment({ experiment: paused, ...see }, NOW + 60_000).status ?? {} };
  },
  'waiting-for-vfs': () =>
    live(
      { blocks: BLOCKS },
      {
        ended: 4,
        waits: {
          reason: 'InsufficientVFs',
          message: 'node-a: needs 1 of x/vfvfio, 0 of 4 free: held by pods team-a/vm-1 (4)',
        },
      },
    ),
  'testbed-not-found': () => live({}, { world: { testbed: null } }),
  'node-unavailable': () => live({}, { world: { nodes: nodes('node-b') } }),
  'new-generation': () => {
    const seen = live({}, { world: { testbed: null } });
    return { ...seen, metadata: { ...seen.metadata, generation: 2 } };
  },
  completed: () => live({ blocks: BLOCKS }, {}),
  passed: PASSED,
  'expectation-failed': () => live({ blocks: BLOCKS, expectations: bound('2000000000') }, {}),
  inconclusive: () => live({ blocks: BLOCKS, expectations: bound('1000000000') }, { result: noisy }),
  'cell-failed': () => live({ blocks: SOON }, { result: ({ spec }) => (spec.mode === 'passthrough' ? null : 1e9) }),
  'too-few-blocks': () =>
    live({ blocks: SOON }, { result: ({ spec }) => (spec.mode === 'passthrough' && spec.block === 1 ? null : 1e9) }),
  deleting: () => {
    const done = PASSED();
    return { ...done, metadata: { ...done.metadata, deletionTimestamp: '2026-01-01T02:00:00Z' } };
  },
};
