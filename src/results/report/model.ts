/** The report of an Experiment as a model: everything that its formats show, computed once from the stored data. Pure. */
import type { TestPoint } from '../../api/protocol.ts';
import type { ResultRow } from '../../api/v1alpha1.ts';
import { type Analysis, analyseIndexed } from '../analyse.ts';
import { expandTests, metricsFor, pointKey, pointOf } from '../catalogue.ts';
import type { MetricInfo } from '../catalogue.ts';
import { type BlockValue, blockValues, type Cell, cellsOf, indexObservations } from '../observations.ts';
import { type Comparability, compareTrials, isPodIn } from '../provenance/compare.ts';
import { medianInterval } from '../stats/median.ts';
import type { ReportData, ReportTrial } from './data.ts';

/** A metric in a cell: its row, and the value of each block that it rests on. */
export interface ReportRow {
  row: ResultRow;
  primary: boolean;
  /** Of the point, in order of the spec: rows of one point follow each other. */
  pointId: number;
  blocks: Map<number, BlockValue>;
}

/** What one figure is about: one test and metric in one setting. */
export interface MetricGroup {
  test: string;
  type: TestPoint['type'];
  protocol: string;
  metric: string;
  unit: string;
  better: ResultRow['better'];
  rows: ReportRow[];
}

export interface Report {
  data: ReportData;
  title: string;
  analysis: Analysis;
  /** Every metric, primary ones first in each test. */
  groups: MetricGroup[];
  comparability: Comparability;
  /** Modes in order of the spec: their place gives colour and mark in every figure. */
  modes: string[];
  /** Blocks that any trial belongs to, from 0, in order. */
  blocks: number[];
  failed: ReportTrial[];
}

/** The report of this data and of nothing else: trials of one Experiment, one seed, and one fingerprint a mode. */
export function buildReport(data: ReportData): Report {
  const { spec, experiment, trials } = data;
  const comparability = compareTrials(
    trials.filter(({ succeeded }) => succeeded).map(comparedTrial(data)),
    isPodIn(spec),
  );
  const observations = trials.map((trial) => ({
    ...trial,
    succeeded: trial.succeeded && !comparability.left.has(trial.name),
  }));
  const index = indexObservations(observations);
  const analysis = analyseIndexed(spec, index);
  const judged = new Map(analysis.rows.map((row) => [rowKey(row), row]));
  const rowOf = (point: TestPoint, info: MetricInfo, cell: Cell): ReportRow => {
    const blocks = blockValues(index, cell, pointKey(point.test, pointOf(point)), info);
    const key = rowKey({ test: point.test, point: pointOf(point), metric: info.metric, ...cell });
    const row = judged.get(key) ?? plainRow({ point, info, cell, blocks }, spec.comparison.confidencePercent);
    return { row, primary: info.primary, pointId: point.id, blocks };
  };
  const points = expandTests(spec);
  return {
    data,
    title: `${experiment.namespace}/${experiment.name}`,
    analysis,
    groups: spec.tests.flatMap(({ name }) =>
      groupsOf(
        points.filter(({ test }) => test === name),
        cellsOf(spec),
        rowOf,
      ),
    ),
    comparability,
    modes: spec.modes.map(({ name }) => name),
    blocks: [...new Set(trials.map(({ block }) => block))].toSorted((a, b) => a - b),
    failed: trials.filter(({ succeeded }) => !succeeded),
  };
}

type Named = Pick<ResultRow, 'test' | 'point' | 'placement' | 'pairs' | 'metric' | 'mode'>;

/** One string per row, whatever the order of fields. */
const rowKey = ({ test, point, placement, pairs, metric, mode }: Named): string =>
  [pointKey(test, point), placement, pairs, metric, mode].join('/');

function comparedTrial({ fingerprints }: ReportData) {
  return ({ name, mode, block, fingerprints: own }: ReportTrial) => ({
    name,
    mode,
    block,
    ...(own.length === 0
      ? {}
      : { fingerprints: own.map((one) => ({ ...one, fields: fingerprints[one.digest] ?? [] })) }),
  });
}

function groupsOf(
  points: readonly TestPoint[],
  cells: readonly Cell[],
  rowOf: (point: TestPoint, info: MetricInfo, cell: Cell) => ReportRow,
): MetricGroup[] {
  const [first] = points;
  if (first === undefined) return [];
  const infos = metricsFor(first);
  return [...infos.filter(({ primary }) => primary), ...infos.filter(({ primary }) => !primary)].map((info) => ({
    test: first.test,
    type: first.type,
    protocol: first.protocol,
    metric: info.metric,
    unit: info.unit,
    better: info.better,
    rows: points.flatMap((point) => cells.map((cell) => rowOf(point, info, cell))),
  }));
}

interface Found {
  point: TestPoint;
  info: MetricInfo;
  cell: Cell;
  blocks: Map<number, BlockValue>;
}

/** A row without a comparison: median and interval of what the blocks gave. */
function plainRow({ point, info, cell, blocks }: Found, confidencePercent: number): ResultRow {
  const values = [...blocks.values()].flatMap((found) => ('value' in found ? [found.value] : []));
  const { n, median, low, high } = medianInterval(values, confidencePercent / 100);
  return {
    test: point.test,
    point: pointOf(point),
    placement: cell.placement,
    pairs: cell.pairs,
    metric: info.metric,
    unit: info.unit,
    better: info.better,
    mode: cell.mode,
    n,
    ...(median === null ? {} : { median }),
    ...(low === undefined || high === undefined ? {} : { low, high }),
    verdict: 'Inconclusive',
  };
}
