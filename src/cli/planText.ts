/** A plan as lines for people. Pure. */
import { CATALOGUE } from '../results/catalogue.ts';
import { pointText } from '../results/rowName.ts';
import type { ExperimentPlan, PlannedCell } from './plan.ts';
import { duration } from './progress.ts';

export function planLines(plan: ExperimentPlan): string[] {
  const { name, blocks, trials, seconds, notes } = plan;
  const range = (least: string | number, most: string | number): string =>
    least === most ? `${least}` : `${least} to ${most}`;
  return [
    `Experiment ${name}: ${plan.cells.length} cells, ${range(blocks.min, blocks.max)} blocks, ${range(trials.least, trials.most)} trials; a failed one is repeated up to ${blocks.retries} times`,
    '',
    'Each block runs, in random order:',
    ...table([
      ['mode', 'placement', 'pairs', 'pods', 'VMs', 'on the server node', 'on the client node'],
      ...plan.cells.map(cellRow),
    ]),
    '',
    'Each trial measures, in random order:',
    ...table([
      ['test', 'type', 'point', 'seconds'],
      ...plan.points.map((one) => [
        one.test,
        one.type,
        pointText(one.point, CATALOGUE[one.type].sweeps.rates?.unit).join(', ') || '-',
        one.seconds.toFixed(1),
      ]),
    ]),
    '',
    `Devices needed at once, at most: server node: ${counts(plan.needed.server)}; client node: ${counts(plan.needed.client)}`,
    `Measuring: ${duration(seconds.trial)} a trial, ${range(duration(seconds.least), duration(seconds.most))} in all; starting and removing endpoints comes on top of each trial`,
    ...notes.map((note) => `Note: ${note}`),
    'Not checked here: rules across fields, which the API server checks, and what the cluster has, which kubectl vfbench doctor checks',
  ];
}

const cellRow = ({ mode, placement, pairs, pods, vms, devices }: PlannedCell): string[] => [
  mode,
  placement,
  `${pairs}`,
  `${pods}`,
  `${vms}`,
  counts(devices.server),
  placement === 'SameNode' ? '-' : counts(devices.client),
];

function counts(devices: Readonly<Record<string, number>>): string {
  const all = Object.entries(devices).map(([name, count]) => `${count} ${name}`);
  return all.length === 0 ? 'none' : all.join(', ');
}

/** Columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}
