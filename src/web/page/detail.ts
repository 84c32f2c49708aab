/** One Experiment or Testbed in full, as data. Pure. */
import { findCondition, isTrue } from '../../api/conditions.ts';
import type {
  Condition,
  Experiment,
  ExperimentSpec,
  ResultRow,
  Testbed,
  TestbedFinding,
  Trial,
} from '../../api/v1alpha1.ts';
import { metricName } from '../../results/metricNames.ts';
import { intervalWords, ratioWords, valueWords } from '../../results/report/words.ts';
import { pointText, rateUnitOf } from '../../results/rowName.ts';
import { cut, type ExperimentLine, LONG, type TestbedLine } from './view.ts';

/** Bounds of what one answer holds; the report has the rest. */
const MOST_ROWS = 400;
const MOST_FAILED = 50;

export interface Row {
  test: string;
  metric: string;
  point: string;
  placement: string;
  pairs: number;
  mode: string;
  n: number;
  value: string;
  interval: string;
  ratio: string;
  verdict: string;
  message: string;
}

type Told = Pick<Condition, 'type' | 'status' | 'reason' | 'message' | 'lastTransitionTime'>;

export interface FailedTrial {
  name: string;
  mode: string;
  placement: string;
  block: number;
  attempt: number;
  reason: string;
  message: string;
}

export interface ExperimentDetail {
  line: ExperimentLine;
  baseline: string;
  modes: { name: string; type: string }[];
  nodes: { server: string; client: string } | null;
  seed: string;
  confidencePercent: number;
  conditions: Told[];
  rows: Row[];
  /** How many more there are. */
  furtherRows: number;
  expectations: { what: string; mode: string; outcome: string; message: string }[];
  failed: FailedTrial[];
  furtherFailed: number;
  /** The report has something to show. */
  hasReport: boolean;
}

export interface TestbedDetail {
  line: TestbedLine;
  conditions: Told[];
  findings: Pick<TestbedFinding, 'severity' | 'reason' | 'message' | 'network' | 'modes'>[];
  nodes: { name: string; roles: string[]; state: string; kernel: string; resources: Stock[] }[];
  networks: { name: string; plugin: string; resource: string; modes: string[]; pairs: string }[];
  kubevirt: string;
}

interface Stock {
  name: string;
  allocatable: number;
  inUse: number;
}

const told = ({ type, status, reason, message, lastTransitionTime }: Condition): Told => ({
  type,
  status,
  reason,
  message: cut(message, LONG),
  lastTransitionTime,
});

export function experimentDetail(
  { spec, status }: Experiment,
  line: ExperimentLine,
  trials: readonly Trial[],
): ExperimentDetail {
  const failed = trials.filter(({ status: of }) => findCondition(of?.conditions, 'Succeeded')?.status === 'False');
  const results = status?.results ?? [];
  return {
    line,
    baseline: spec.baseline,
    modes: spec.modes.map(({ name, type }) => ({ name, type })),
    nodes: status?.nodes ?? null,
    seed: `${status?.seed ?? spec.seed ?? ''}`,
    confidencePercent: spec.comparison.confidencePercent,
    conditions: (status?.conditions ?? []).map(told),
    rows: results.slice(0, MOST_ROWS).map((row) => rowOf(row, spec.tests)),
    furtherRows: Math.max(0, results.length - MOST_ROWS),
    expectations: (status?.expectations ?? []).map(({ test, metric, mode, outcome, message }) => ({
      what: `${test} ${metricName(metric)}`,
      mode,
      outcome,
      message,
    })),
    failed: failed.slice(-MOST_FAILED).map(failedTrial),
    furtherFailed: Math.max(0, failed.length - MOST_FAILED),
    hasReport: status?.report !== undefined || trials.some((trial) => isTrue(trial.status?.conditions, 'Finished')),
  };
}

function rowOf(row: ResultRow, tests: ExperimentSpec['tests']): Row {
  return {
    test: row.test,
    metric: metricName(row.metric),
    point: pointText(row.point, rateUnitOf(row.test, tests)).join(', '),
    placement: row.placement,
    pairs: row.pairs,
    mode: row.mode,
    n: row.n,
    value: valueWords(row),
    interval: intervalWords(row),
    ratio: ratioWords(row),
    verdict: row.verdict,
    message: row.message ?? '',
  };
}

function failedTrial({ metadata, spec, status }: Trial): FailedTrial {
  const { reason = 'Unknown', message = '' } = findCondition(status?.conditions, 'Succeeded') ?? {};
  const { mode, placement, block, attempt } = spec;
  return { name: metadata.name, mode, placement, block, attempt, reason, message: cut(message, LONG) };
}

export function testbedDetail({ status }: Testbed, line: TestbedLine): TestbedDetail {
  const { version = '', phase = '' } = status?.kubevirt ?? {};
  return {
    line,
    conditions: (status?.conditions ?? []).map(told),
    findings: (status?.findings ?? []).map(({ severity, reason, message, network, modes }) => ({
      severity,
      reason,
      message: cut(message, LONG),
      ...(network === undefined ? {} : { network }),
      ...(modes === undefined ? {} : { modes }),
    })),
    nodes: (status?.nodes ?? []).map(({ name, roles, state = '', kernel = '', resources }) => ({
      name,
      roles,
      state,
      kernel,
      resources: resources.map(({ name: resource, allocatable, inUse }) => ({ name: resource, allocatable, inUse })),
    })),
    networks: (status?.networks ?? []).map(({ name, plugin = '', resource = '', modes, pairs }) => ({
      name,
      plugin,
      resource,
      modes,
      pairs: pairs === undefined ? '' : `${pairs.crossNode} across nodes, ${pairs.sameNode} on one`,
    })),
    kubevirt: [version, phase].filter((part) => part !== '').join(', '),
  };
}
