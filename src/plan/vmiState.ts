/**
 * What became of a VM: read from the VMI, its launcher pod and the events of both. What the VMI's status does not say,
 * the launcher or an event does: a crash, a refused pod, a network that cannot be made.
 */
import {
  badEnd,
  boundAt,
  condition,
  disruption,
  type EndpointState,
  IMAGE_REASONS,
  podFailure,
  podState,
  stageOf,
  type Unexplained,
  unschedulable,
} from './podState.ts';
import { type Finding, isDeleting, type ObjectEvent, type Pod, type Vmi } from './observed.ts';

/**
 * How long KubeVirt may be with the rest of the story: from the end of the launcher to phase Failed (4.3 s were recorded, and
 * times are in whole seconds), from there to the event that says why, which is sent when there is time for it.
 */
const VERDICT_MS = 10_000;

function latestEvent(vmi: Vmi, events: readonly ObjectEvent[]): ObjectEvent | undefined {
  return events.filter((event) => event.uid === vmi.metadata.uid).sort((a, b) => b.lastSeen - a.lastSeen)[0];
}

function synchronizedFinding(vmi: Vmi): Finding | null {
  const sync = condition(vmi.status?.conditions, 'Synchronized');
  if (sync?.status !== 'False') return null;
  const reason = IMAGE_REASONS.has(sync.reason ?? '') ? 'ImagePullFailed' : 'VMNotSynchronized';
  return { reason, message: `${sync.reason}: ${sync.message ?? ''}` };
}

/** When it came to the phase it is in. */
function phaseSince({ status }: Vmi): number | undefined {
  const change = status?.phaseTransitionTimestamps?.find(({ phase }) => phase === status.phase);
  return timeOf(change?.phaseTransitionTimestamp);
}

function timeOf(text: string | null | undefined): number | undefined {
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) ? undefined : at;
}

const unexplained = (since: number | undefined, ms: number): { unexplained?: Unexplained } =>
  since === undefined ? {} : { unexplained: { since, ms } };

/** What was warned of long before is over, and did not end it. */
function warningSince(time: number, vmi: Vmi, events: readonly ObjectEvent[]): ObjectEvent | undefined {
  const event = latestEvent(vmi, events);
  return event !== undefined && event.lastSeen >= time ? event : undefined;
}

/** What an earlier phase warned of is over. */
const currentWarning = (vmi: Vmi, events: readonly ObjectEvent[]): ObjectEvent | undefined =>
  warningSince(phaseSince(vmi) ?? 0, vmi, events);

const lostLauncher = (vmi: Vmi, how: string): EndpointState => ({
  state: 'Failed',
  finding: { reason: 'EndpointLost', message: `VM ${vmi.metadata.name} lost its launcher pod: ${how}` },
});

/** A VM of phase Failed that nobody deletes. The most exact witness first: launcher, VMI, event. */
function failed(vmi: Vmi, launcher: Pod | undefined, events: readonly ObjectEvent[]): EndpointState {
  const { name } = vmi.metadata;
  const reason = condition(vmi.status?.conditions, 'Ready')?.reason;
  const witness = launcher !== undefined && hasFailed(launcher) ? podFailure(launcher) : null;
  const event = warningSince((phaseSince(vmi) ?? 0) - VERDICT_MS, vmi, events);
  const told = [vmi.status?.reason, event?.message].filter((text) => text !== undefined && text !== '');
  if (witness !== null) {
    const message = `VM ${name} failed: ${[...told, witness.message].join(' ')}`;
    return { state: 'Failed', finding: { reason: witness.reason, message } };
  }
  if (reason === 'PodNotExists') return lostLauncher(vmi, 'it was deleted or evicted');
  if (told.length > 0) {
    return { state: 'Failed', finding: { reason: 'EndpointFailed', message: `VM ${name} failed: ${told.join(' ')}` } };
  }
  const message = `VM ${name} failed: its launcher crashed or lost its pod; see its events`;
  const finding = { reason: 'EndpointFailed', message };
  return { state: 'Failed', finding, ...unexplained(phaseSince(vmi), VERDICT_MS) };
}

const hasFailed = (launcher: Pod): boolean => launcher.status?.phase === 'Failed' || badEnd(launcher) !== undefined;

/** The launcher is gone or going while the VMI says that all is well. */
function withoutLauncher(vmi: Vmi, launcher: Pod | undefined, events: readonly ObjectEvent[]): EndpointState | null {
  const ready = condition(vmi.status?.conditions, 'Ready');
  const reason = ready?.reason;
  if (launcher?.metadata.deletionTimestamp !== undefined)
    return lostLauncher(vmi, disruption(launcher) ?? 'it was deleted by somebody else');
  if (launcher !== undefined && hasFailed(launcher)) return { state: 'Failed', finding: podFailure(launcher) };
  // Before there is a launcher, the VMI says PodNotExists too.
  const hadLauncher = ['Scheduled', 'Running'].includes(vmi.status?.phase ?? '');
  if (reason === 'PodNotExists' && hadLauncher) return lostLauncher(vmi, 'it was deleted or evicted');
  if (reason !== 'PodTerminating') return null;
  const warning = currentWarning(vmi, events);
  const message = `The launcher pod of VM ${vmi.metadata.name} ended${warning === undefined ? '' : `: ${warning.message}`}`;
  const finding = { reason: 'EndpointFailed', message };
  return { state: 'Failed', finding, ...unexplained(timeOf(ready?.lastTransitionTime), VERDICT_MS) };
}

function starting(vmi: Vmi, launcher: Pod | undefined, events: readonly ObjectEvent[]): EndpointState {
  const pod = launcher === undefined ? null : podState(launcher, events);
  const held =
    synchronizedFinding(vmi) ??
    unschedulable(vmi.status?.conditions) ??
    (pod?.state === 'Starting' ? pod.finding : null);
  const stage = vmi.status?.phase === 'Scheduled' || pod?.state === 'Running' ? 'Starting' : stageOf(launcher);
  const state = { state: 'Starting', finding: held, stage, boundAt: boundAt(launcher) } as const;
  const warning = held === null ? currentWarning(vmi, events) : undefined;
  if (warning === undefined) return state;
  const finding = { reason: 'VMNotSynchronized', message: `${warning.reason}: ${warning.message}` };
  return { ...state, finding, saidAt: warning.lastSeen };
}

export function vmiState(vmi: Vmi, launcher: Pod | undefined, events: readonly ObjectEvent[]): EndpointState {
  const phase = vmi.status?.phase;
  if (phase === 'Succeeded') return { state: 'Ended' };
  if (isDeleting(vmi)) return { state: 'Deleting', why: null };
  if (phase === 'Failed') return failed(vmi, launcher, events);
  const lost = withoutLauncher(vmi, launcher, events);
  if (lost !== null) return lost;
  if (phase !== 'Running') return starting(vmi, launcher, events);
  const booted = condition(vmi.status?.conditions, 'AgentConnected')?.status === 'True';
  return { state: 'Running', boundAt: boundAt(launcher), ...(booted ? { booted } : {}) };
}
