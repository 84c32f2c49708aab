/** Whether trials of one Experiment may be taken together: what differs between them must be their mode's own. */
import type { ExperimentSpec, Fingerprint } from '../../api/v1alpha1.ts';
import { isPodAt } from '../endpointKind.ts';
import { type Difference, differences, type Member } from './differences.ts';

/** One trial that succeeded, as far as comparing goes. */
export interface ComparedTrial {
  name: string;
  mode: string;
  block: number;
  /** Absent where its endpoints told nothing: it can neither be compared nor blamed. */
  fingerprints?: readonly Fingerprint[];
}

export interface Comparability {
  /** Within one mode, role and node, and over modes where a field must be equal there. */
  differences: Difference[];
  /** Names of trials that are never merged with the others: their mode's fingerprint is another one. */
  left: ReadonlySet<string>;
}

/** Fields that describe the machine under a pod: equal for all pods of a node, whatever their mode. */
const HOST_GROUPS: ReadonlySet<string> = new Set([
  'kernel',
  'cpu',
  'mitigation',
  'firmware',
  'machine',
  'memory',
  'tcp',
  'socket',
  'queue',
]);
/** Fields that must be equal for every endpoint of an Experiment, as far as it is told of: pods have no `testbed.vm`. */
const COMMON_GROUPS: ReadonlySet<string> = new Set(['tool', 'runner', 'runtime']);
const COMMON_FIELDS: ReadonlySet<string> = new Set([
  'nic.mtu',
  'testbed.concurrency',
  'testbed.link.bitsPerSecond',
  'testbed.network.family',
  'testbed.pod.image',
  'testbed.pod.limits',
  'testbed.pod.requests',
  // No mode changes these two of a VM.
  'testbed.vm.image',
  'testbed.vm.runnerDisk',
]);

/** Told, not compared: the kernel changes it by itself, in a guest seconds after boot when its TSC is calibrated. */
const TOLD_ONLY: ReadonlySet<string> = new Set(['clock.source']);

const isCompared = (field: string): boolean => !TOLD_ONLY.has(field);
const groupOf = (field: string): string => field.split('.')[0] ?? '';
const isCommon = (field: string): boolean => COMMON_FIELDS.has(field) || COMMON_GROUPS.has(groupOf(field));
const isHost = (field: string): boolean => HOST_GROUPS.has(groupOf(field));

/**
 * Compares all trials. `isPod` tells whether an endpoint of a mode is a pod: those share their node's kernel and CPU.
 * The trials that are kept of a mode are those with the fingerprint that most of its trials have; of several, the one
 * that came first. A field that one side does not tell is not compared.
 */
export function compareTrials(
  trials: readonly ComparedTrial[],
  isPod: (mode: string, role: string) => boolean,
): Comparability {
  const members = trials.flatMap(membersOf);
  const strict = Map.groupBy(members, ({ mode, role, node }) => [mode, role, node].join('/'));
  const within = [...strict.values()].map((alike) => ({ alike, found: differences(alike, isCompared) }));
  const left = new Set(within.flatMap(({ alike, found }) => (found.length === 0 ? [] : odd(alike))));
  const kept = members.filter(({ trial }) => !left.has(trial));
  const pods = Map.groupBy(
    kept.filter(({ mode, role }) => isPod(mode, role)),
    ({ node }) => node,
  );
  const across = [
    ...differences(kept, isCommon).map((difference) => ({ ...difference, scope: 'all endpoints' })),
    ...[...pods].flatMap(([node, alike]) =>
      differences(alike, isHost).map((difference) => ({ ...difference, scope: `pods on node ${node}` })),
    ),
  ];
  const own = within.flatMap(({ alike, found }) => found.map((one) => ({ ...one, scope: scopeOf(alike) })));
  return { differences: merged([...own, ...across]), left };
}

/** Whether an endpoint is a pod: both ends of a Native mode, and the clients of a mode whose `peer` is Native. */
export function isPodIn({ modes }: Pick<ExperimentSpec, 'modes'>): (mode: string, role: string) => boolean {
  const byName = new Map(modes.map((mode) => [mode.name, mode]));
  return (name, role) => {
    const mode = byName.get(name);
    return mode !== undefined && isPodAt(mode, role === 'client' ? 'client' : 'server');
  };
}

function membersOf(trial: ComparedTrial): Member[] {
  return (trial.fingerprints ?? []).flatMap(({ node, endpoints, fields }) =>
    [...new Set(endpoints.map((name) => name.split('-')[0] ?? ''))].map((role) => ({
      trial: trial.name,
      block: trial.block,
      mode: trial.mode,
      role,
      node,
      fields,
    })),
  );
}

const scopeOf = ([first]: readonly Member[]): string =>
  first === undefined ? '' : `${first.mode}, ${first.role} on node ${first.node}`;

/** Trials without the fingerprint that most have. */
function odd(alike: readonly Member[]): string[] {
  const groups = [...Map.groupBy(alike, ({ fields }) => JSON.stringify(fields)).values()];
  const firstBlock = (group: readonly Member[]): number => Math.min(...group.map(({ block }) => block));
  const [most, ...others] = groups.toSorted((a, b) => b.length - a.length || firstBlock(a) - firstBlock(b));
  return others.filter((group) => differences([...(most ?? []), ...group], isCompared).length > 0).flatMap(names);
}

const names = (group: readonly Member[]): string[] => group.map(({ trial }) => trial);

/** The same field of the same scope once. */
function merged(all: readonly Difference[]): Difference[] {
  const groups = Map.groupBy(all, ({ scope, field }) => `${scope}/${field}`);
  return [...groups.values()].flatMap(([first, ...others]) =>
    first === undefined
      ? []
      : [{ ...first, values: [...new Set([first, ...others].flatMap(({ values }) => values))].toSorted() }],
  );
}
