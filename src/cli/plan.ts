/** What an Experiment would run, from its spec and the Testbed beside it: cells, endpoints, VFs, duration. Pure. */
import type { Experiment, ExperimentSpec, Testbed, TestType } from '../api/v1alpha1.ts';
import { attachmentKey, endpointNeeds, networkAt, resourceOf } from '../plan/endpoints.ts';
import { type Cell, cells, modeOf, plannedSeconds } from '../plan/expand.ts';
import type { NetworkAttachment } from '../plan/observed.ts';
import { expandTests } from '../results/catalogue.ts';
import { pointOf } from '../results/catalogue.ts';

export interface PlannedCell extends Cell {
  pods: number;
  vms: number;
  /** Devices at once, by end: `resource` to count. SameNode trials have all on the server node. */
  devices: { server: Record<string, number>; client: Record<string, number> };
}

export interface ExperimentPlan {
  name: string;
  blocks: { min: number; max: number; retries: number };
  cells: PlannedCell[];
  points: { test: string; type: TestType; point: object; seconds: number }[];
  trials: { least: number; most: number };
  /** Of measuring, per trial and for all; starting and removing endpoints comes on top. */
  seconds: { trial: number; least: number; most: number };
  /** Most devices that any trial needs at once, by end and resource. */
  needed: { server: Record<string, number>; client: Record<string, number> };
  notes: string[];
}

const ENDS = { server: 'server', client: 'client' } as const;

export function planOf(
  experiment: Experiment,
  testbed: Testbed | undefined,
  attachments: readonly NetworkAttachment[],
): ExperimentPlan {
  const { spec, metadata } = experiment;
  const known = new Map(attachments.map((one) => [`${testbed?.metadata.namespace ?? ''}/${one.metadata.name}`, one]));
  const bed = testbed ?? standIn(spec);
  const all = cells(spec).map((cell) => plannedCell(spec, cell, bed, known));
  const points = expandTests(spec);
  const trial = plannedSeconds(points);
  const trials = { least: all.length * spec.blocks.min, most: all.length * spec.blocks.max };
  const seconds = { trial, least: trial * trials.least, most: trial * trials.most };
  return {
    name: metadata.name,
    blocks: { min: spec.blocks.min, max: spec.blocks.max, retries: spec.blocks.retries },
    cells: all,
    points: points.map((point) => ({
      test: point.test,
      type: point.type,
      point: pointOf(point),
      seconds: plannedSeconds([point]),
    })),
    trials,
    seconds,
    needed: { server: most(all, 'server'), client: most(all, 'client') },
    notes: [...testbedNotes(spec, testbed, known), ...specNotes(spec, seconds.most)],
  };
}

/** Without a Testbed each network stands for a device of its own. */
function standIn(spec: ExperimentSpec): Testbed {
  const names = new Set(spec.modes.flatMap((mode) => [networkAt(mode, 'server'), networkAt(mode, 'client')]));
  const carriesVm = (name: string): boolean =>
    spec.modes.some((mode) => mode.type === 'Virtio' && networkAt(mode, 'server') === name);
  const networks = [...names].map((name) => ({
    name,
    attachment: name,
    ...(carriesVm(name) ? {} : { resource: `a VF of network ${name}` }),
  }));
  return { metadata: { name: spec.testbed }, spec: { networks } } as unknown as Testbed;
}

function plannedCell(
  spec: ExperimentSpec,
  cell: Cell,
  testbed: Testbed,
  attachments: ReadonlyMap<string, NetworkAttachment>,
): PlannedCell {
  const mode = modeOf(spec, cell.mode);
  const needs = mode === undefined ? [] : endpointNeeds(testbed, mode, cell, { nodes: ENDS, attachments });
  const at = (node: string): Record<string, number> => {
    const resources = needs.flatMap((need) =>
      need.node === node && need.resource !== undefined ? [need.resource] : [],
    );
    return Object.fromEntries([...Map.groupBy(resources, (one) => one)].map(([name, list]) => [name, list.length]));
  };
  const pods = needs.filter(({ kind }) => kind === 'Pod').length;
  return { ...cell, pods, vms: needs.length - pods, devices: { server: at(ENDS.server), client: at(ENDS.client) } };
}

function most(all: readonly PlannedCell[], end: 'server' | 'client'): Record<string, number> {
  const out: Record<string, number> = {};
  for (const { devices } of all)
    for (const [name, count] of Object.entries(devices[end])) out[name] = Math.max(out[name] ?? 0, count);
  return out;
}

function testbedNotes(
  spec: ExperimentSpec,
  testbed: Testbed | undefined,
  attachments: ReadonlyMap<string, NetworkAttachment>,
): string[] {
  if (testbed === undefined)
    return [`Testbed ${spec.testbed} is not in the file: one VF for each endpoint that is no virtio VM is assumed`];
  const named = new Set(spec.modes.flatMap((mode) => [networkAt(mode, 'server'), networkAt(mode, 'client')]));
  return [...named].flatMap((name) => {
    const network = testbed.spec.networks.find((one) => one.name === name);
    if (network === undefined)
      return [`Testbed ${testbed.metadata.name} has no network ${name}: add it, or name another in the mode`];
    const isKnown =
      resourceOf(testbed, name, attachments) !== undefined ||
      attachments.has(attachmentKey(testbed, network.attachment));
    return isKnown
      ? []
      : [
          `network ${name}: which device it takes stands in NetworkAttachmentDefinition ${network.attachment}, which is not in the file`,
        ];
  });
}

function specNotes({ modes, baseline, deadlineSeconds }: ExperimentSpec, seconds: number): string[] {
  return [
    ...(modes.some(({ name }) => name === baseline)
      ? []
      : [`baseline ${baseline} is no mode: use ${modes.map(({ name }) => name).join(', ')}`]),
    ...(deadlineSeconds === undefined || seconds <= deadlineSeconds
      ? []
      : [`measuring may take ${seconds} s, deadlineSeconds is ${deadlineSeconds}: the API server will refuse it`]),
  ];
}
