/** What the page shows of an object, as data: texts are bounded here and become text nodes in the browser. Pure. */
import { findCondition, isTrue } from '../../api/conditions.ts';
import type { Condition, Experiment, ExperimentStatus, Testbed, Trial } from '../../api/v1alpha1.ts';

/** Characters of a message in a list, and where it stands alone. */
const SHORT = 300;
export const LONG = 4096;
/** Trials under way that a line names. */
const MOST_RUNNING = 4;

export type ExperimentState =
  'Pending' | 'Waiting' | 'Running' | 'Suspended' | 'Deleting' | 'Completed' | 'Passed' | 'Inconclusive' | 'Failed';

export interface RunningTrial {
  name: string;
  mode: string;
  placement: string;
  pairs: number;
  attempt: number;
  stage: string;
  /** When it was created. */
  since: string;
}

/** One Experiment in the list. */
export interface ExperimentLine {
  /** `namespace/name`. */
  key: string;
  namespace: string;
  name: string;
  /** Changes with all that the page shows of it. */
  version: string;
  testbed: string;
  modes: string[];
  state: ExperimentState;
  /** Why it waits, or how it ended. */
  reason: string;
  message: string;
  blocks: number;
  plannedBlocks: number;
  trials: number;
  plannedTrials: number;
  failed: number;
  running: RunningTrial[];
  queue: { position: number; length: number } | null;
  created: string;
  started: string;
  ended: string;
  secondsLeft: number | null;
  emulated: boolean;
}

/** One Testbed in the list. */
export interface TestbedLine {
  key: string;
  namespace: string;
  name: string;
  version: string;
  ready: Condition['status'];
  reason: string;
  message: string;
  /** The first condition of each type of mode: `Native`, `Virtio`, `Passthrough`. */
  modes: { name: string; ready: Condition['status'] }[];
  nodes: number;
  readyNodes: number;
  errors: number;
  warnings: number;
}

export const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
const keyOf = ({ metadata }: Experiment | Testbed): string => `${metadata.namespace ?? ''}/${metadata.name}`;
const versionOf = ({ metadata }: Experiment | Testbed): string => `${metadata.uid}/${metadata.resourceVersion}`;

/** In one word, for people: an end is told by its verdict, where expectations gave one. */
export function stateOf({ metadata, spec, status }: Experiment): ExperimentState {
  if (metadata.deletionTimestamp !== undefined) return 'Deleting';
  if (isTrue(status?.conditions, 'Finished')) return endOf(status ?? {});
  if (spec.suspend) return 'Suspended';
  if (findCondition(status?.conditions, 'Admitted')?.status === 'False') return 'Waiting';
  if (status?.startTime !== undefined) return 'Running';
  return status?.queue === undefined ? 'Pending' : 'Waiting';
}

function endOf({ conditions, verdict = 'None' }: ExperimentStatus): ExperimentState {
  const succeeded = isTrue(conditions, 'Succeeded');
  if (verdict === 'None') return succeeded ? 'Completed' : 'Failed';
  return verdict === 'Passed' && !succeeded ? 'Failed' : verdict;
}

/** The condition that explains the state. */
function why({ status }: Experiment): Pick<Condition, 'reason' | 'message'> {
  const { conditions } = status ?? {};
  const finished = findCondition(conditions, 'Finished');
  if (finished?.status === 'True') return finished;
  const admitted = findCondition(conditions, 'Admitted');
  return admitted?.status === 'False' ? admitted : { reason: '', message: '' };
}

export interface Around {
  running: readonly Trial[];
  secondsLeft: number | null;
  stage: (trial: Trial) => string;
}

export function experimentLine(experiment: Experiment, { running, secondsLeft, stage }: Around): ExperimentLine {
  const { metadata, spec, status } = experiment;
  const { reason, message } = why(experiment);
  return {
    key: keyOf(experiment),
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    version: versionOf(experiment),
    testbed: spec.testbed,
    modes: spec.modes.map(({ name }) => name),
    state: stateOf(experiment),
    reason,
    message: cut(message, SHORT),
    ...countsOf(experiment),
    running: running.slice(0, MOST_RUNNING).map((trial) => runningTrial(trial, stage)),
    queue: status?.queue ?? null,
    created: metadata.creationTimestamp ?? '',
    started: status?.startTime ?? '',
    ended: status?.completionTime ?? '',
    secondsLeft,
    emulated: status?.environment === 'emulated',
  };
}

type Counts = Pick<ExperimentLine, 'blocks' | 'plannedBlocks' | 'trials' | 'plannedTrials' | 'failed'>;

function countsOf({ spec, status }: Experiment): Counts {
  const { progress } = status ?? {};
  if (progress === undefined)
    return { blocks: 0, plannedBlocks: spec.blocks.max, trials: 0, plannedTrials: 0, failed: 0 };
  const { blocks, plannedBlocks, trials, plannedTrials, failed } = progress;
  return { blocks, plannedBlocks, trials, plannedTrials, failed };
}

function runningTrial(trial: Trial, stage: Around['stage']): RunningTrial {
  const { name, creationTimestamp = '' } = trial.metadata;
  const { mode, placement, pairs, attempt } = trial.spec;
  return { name, mode, placement, pairs, attempt, stage: stage(trial), since: creationTimestamp };
}

export function testbedLine(testbed: Testbed): TestbedLine {
  const { metadata, status } = testbed;
  const ready = findCondition(status?.conditions, 'Ready');
  const findings = status?.findings ?? [];
  const nodes = status?.nodes ?? [];
  return {
    key: keyOf(testbed),
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    version: versionOf(testbed),
    ready: ready?.status ?? 'Unknown',
    reason: ready?.reason ?? 'Unseen',
    message: cut(ready?.message ?? 'The operator has not looked at it yet', SHORT),
    modes: ['Native', 'Virtio', 'Passthrough'].flatMap((name) => {
      const found = findCondition(status?.conditions, `${name}Ready`);
      return found === undefined ? [] : [{ name, ready: found.status }];
    }),
    nodes: nodes.length,
    readyNodes: nodes.filter(({ state }) => state === 'Ready').length,
    errors: findings.filter(({ severity }) => severity === 'Error').length,
    warnings: findings.filter(({ severity }) => severity === 'Warning').length,
  };
}
