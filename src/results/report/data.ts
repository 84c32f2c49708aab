/** What a report is built from: an Experiment and what its own Trials measured, in one order. It is what is sealed. */
import { findCondition, isTrue } from '../../api/conditions.ts';
import type {
  EndpointFacts,
  Experiment,
  ExperimentSpec,
  Fingerprint,
  FingerprintField,
  Placement,
  Trial,
  TrialMeasurement,
} from '../../api/v1alpha1.ts';

export const REPORT_FORMAT = 'vfbench-report/1';

/** How it ended; `succeeded` null while it runs. */
export interface Ending {
  succeeded: boolean | null;
  reason: string;
  message: string;
}

export interface ReportData {
  format: typeof REPORT_FORMAT;
  experiment: { namespace: string; name: string; uid: string };
  spec: ExperimentSpec;
  seed: number;
  environment?: string;
  nodes?: { server: string; client: string };
  startTime?: string;
  ending: Ending;
  /** Finished trials in order of block, placement, pairs, mode and attempt. */
  trials: ReportTrial[];
  /** Fields by digest. */
  fingerprints: Record<string, FingerprintField[]>;
}

export interface ReportTrial {
  name: string;
  mode: string;
  placement: Placement;
  pairs: number;
  block: number;
  attempt: number;
  succeeded: boolean;
  /** Why it failed. */
  reason?: string;
  message?: string;
  startTime?: string;
  completionTime?: string;
  endpoints: Omit<EndpointFacts, 'tools'>[];
  fingerprints: Omit<Fingerprint, 'fields'>[];
  measurements: TrialMeasurement[];
  /** SHA-256 of the document that each endpoint sent; absent in reports that were sealed before there were any. */
  raw?: { endpoint: string; digest: string }[];
}

/** Characters of an ending's message, as conditions hold them. */
const LONGEST_MESSAGE = 2048;

/**
 * The data of an Experiment. Trials of any other owner are left out, whatever their name says: a name is used again,
 * a UID is not.
 */
export function reportDataOf(experiment: Experiment, trials: readonly Trial[]): ReportData {
  const { namespace = '', name, uid = '' } = experiment.metadata;
  const { spec, status } = experiment;
  const own = trials
    .filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid) === true)
    .filter((trial) => isTrue(trial.status?.conditions, 'Finished'));
  const ending = endingOf(experiment);
  return {
    format: REPORT_FORMAT,
    experiment: { namespace, name, uid },
    spec,
    seed: status?.seed ?? spec.seed ?? 0,
    ...(status?.environment === undefined ? {} : { environment: status.environment }),
    ...(status?.nodes === undefined ? {} : { nodes: status.nodes }),
    ...(status?.startTime === undefined ? {} : { startTime: status.startTime }),
    ending: { ...ending, message: ending.message.slice(0, LONGEST_MESSAGE) },
    trials: own.map(trialOf).toSorted(byPlace),
    fingerprints: Object.fromEntries(
      own
        .flatMap((trial) => trial.status?.fingerprints ?? [])
        .map(({ digest, fields }) => [digest, fields] as const)
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ),
  };
}

function endingOf({ status }: Experiment): Ending {
  const finished = findCondition(status?.conditions, 'Finished');
  if (finished?.status !== 'True') return { succeeded: null, reason: 'Running', message: 'Trials are still to be run' };
  const { reason, message } = finished;
  return { succeeded: isTrue(status?.conditions, 'Succeeded'), reason, message };
}

function trialOf({ metadata, spec, status }: Trial): ReportTrial {
  const { mode, placement, pairs, block, attempt } = spec;
  const succeeded = findCondition(status?.conditions, 'Succeeded');
  const failed = succeeded?.status === 'True' ? {} : { reason: succeeded?.reason, message: succeeded?.message };
  const { startTime, completionTime } = status ?? {};
  return defined({
    name: metadata.name,
    mode,
    placement,
    pairs,
    block,
    attempt,
    succeeded: succeeded?.status === 'True',
    ...failed,
    startTime,
    completionTime,
    endpoints: (status?.endpoints ?? []).map(({ tools: _tools, ...facts }) => facts),
    fingerprints: (status?.fingerprints ?? []).map(({ digest, node, endpoints }) => ({ digest, node, endpoints })),
    measurements: status?.measurements ?? [],
    raw: digestsOf(status),
  }) as ReportTrial;
}

const digestsOf = (status: Trial['status']): ReportTrial['raw'] =>
  status?.raw?.map(({ endpoint, digest }) => ({ endpoint, digest }));

const defined = (fields: object): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

function byPlace(a: ReportTrial, b: ReportTrial): number {
  return (
    a.block - b.block ||
    compare(a.placement, b.placement) ||
    a.pairs - b.pairs ||
    compare(a.mode, b.mode) ||
    a.attempt - b.attempt ||
    compare(a.name, b.name)
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
