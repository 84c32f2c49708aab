/** Findings of the preflight: what is wrong or doubtful, whom it concerns, and what to do about it. */
import type { ModeType, Testbed, TestbedFinding } from '../../api/v1alpha1.ts';
import { findCondition } from '../../api/conditions.ts';

/** Every reason that a finding can have; docs/testbed.md explains each. */
export const REASONS = [
  'AttachmentInvalid',
  'AttachmentNotFound',
  'AttachmentUnreadable',
  'BridgeUnnamed',
  'Emulation',
  'InsufficientCompute',
  'InsufficientHugepages',
  'InsufficientVFs',
  'IPAMMissing',
  'IPAMUnderVM',
  'KubeVirtNotInstalled',
  'KubeVirtNotReady',
  'KubeVirtOld',
  'KubeVirtVersionUnknown',
  'LinkDown',
  'LinkRateMismatch',
  'MTUMismatch',
  'MemoryOvercommit',
  'MultusNotInstalled',
  'NoKVM',
  'NoManagementAddress',
  'NoVhostNet',
  'NodeCPUManager',
  'NodeCordoned',
  'NodeNotFound',
  'NodeNotReady',
  'NodeNotSchedulable',
  'NodeTainted',
  'OneNode',
  'PermissionsMissing',
  'PermissionsUnknown',
  'PluginUnfit',
  'PoolShared',
  'PoolUnfit',
  'RateLimited',
  'ResourceMismatch',
  'ResourceUnknown',
  'SriovSync',
  'SubnetInvalid',
  'SubnetOverlaps',
  'SubnetTooSmall',
  'VFsInUse',
  'VLANLeftOver',
] as const;
export type Reason = (typeof REASONS)[number];

export const MODE_TYPES: readonly ModeType[] = ['Native', 'Virtio', 'Passthrough'];
export const VM_TYPES: readonly ModeType[] = ['Virtio', 'Passthrough'];

/** Bounds of the CRD. */
const MESSAGE_LIMIT = 1024;
const FINDINGS_LIMIT = 64;

type Scope = Pick<TestbedFinding, 'network' | 'modes'>;

/** Text of others in a message of ours: one line, of bounded length. */
export function clip(text: string, limit = 200): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  return line.length <= limit ? line : `${line.slice(0, limit - 3)}...`;
}

/** Some names of many, for a message. */
export function some(names: readonly string[], limit = 5): string {
  if (names.length <= limit) return names.join(', ');
  return `${names.slice(0, limit).join(', ')} and ${names.length - limit} more`;
}

function finding(severity: TestbedFinding['severity'], reason: Reason, message: string, scope: Scope): TestbedFinding {
  const { network, modes } = scope;
  return {
    severity,
    reason,
    message: message.slice(0, MESSAGE_LIMIT),
    ...(network === undefined ? {} : { network }),
    ...(modes === undefined ? {} : { modes: [...modes] }),
  };
}

/** Experiments that it concerns cannot run, or would measure something else than they say. */
export const failure = (reason: Reason, message: string, scope: Scope = {}): TestbedFinding =>
  finding('Error', reason, message, scope);
/** Worth knowing; nothing is held for it. */
export const warning = (reason: Reason, message: string, scope: Scope = {}): TestbedFinding =>
  finding('Warning', reason, message, scope);

/** A network as a mode uses it. */
export interface Use {
  type: ModeType;
  network: string;
}

export const isError = ({ severity }: TestbedFinding): boolean => severity === 'Error';

export function concerns({ modes, network }: TestbedFinding, use: Use): boolean {
  return (modes?.includes(use.type) ?? true) && (network === undefined || network === use.network);
}

/** Errors first, each text once, as many as the CRD holds; else in the order given. */
export function arrange(findings: readonly TestbedFinding[]): TestbedFinding[] {
  const seen = new Map<string, TestbedFinding>();
  for (const one of findings) {
    const key = `${one.severity}|${one.message}|${one.network ?? ''}|${one.modes?.join() ?? ''}`;
    if (!seen.has(key)) seen.set(key, one);
  }
  const all = [...seen.values()];
  return [...all.filter(isError), ...all.filter((one) => !isError(one))].slice(0, FINDINGS_LIMIT);
}

/** Reasons that admission states itself, of the nodes that an Experiment has: more exact than a Testbed can be. */
const OF_ADMISSION: ReadonlySet<string> = new Set<Reason>([
  'InsufficientVFs',
  'NodeCordoned',
  'NodeNotFound',
  'NodeNotReady',
  'SubnetTooSmall',
]);

/**
 * What of a Testbed's status holds an Experiment that uses these networks, in one text; null where nothing does.
 * A Testbed that was not judged yet as it is now holds all, and so does one that is not Ready and lists no findings.
 */
export function heldBy(testbed: Testbed, uses: readonly Use[]): string | null {
  const { generation } = testbed.metadata;
  const { conditions, findings, observedGeneration = generation } = testbed.status ?? {};
  if (observedGeneration !== generation)
    return `its preflight has not judged its latest change (generation ${generation}) yet: this passes by itself within seconds`;
  if (findings === undefined) {
    const ready = findCondition(conditions, 'Ready');
    if (ready === undefined) return 'its preflight has not ended yet: this passes by itself within seconds';
    return ready.status === 'False' ? ready.message : null;
  }
  const held = findings.filter(
    (one) => isError(one) && !OF_ADMISSION.has(one.reason) && uses.some((use) => concerns(one, use)),
  );
  return held.length === 0 ? null : held.map(({ message }) => message).join('; ');
}
