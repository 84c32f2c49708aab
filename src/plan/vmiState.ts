/**
 * What became of a VM: read from the VMI, its launcher pod and the events of both. What the VMI's status does not say,
 * the launcher or an event does: a crash, a refused pod, a network that cannot be made.
 */
import {
  boundAt,
  condition,
  disruption,
  type EndpointState,
  IMAGE_REASONS,
  podFailure,
  podState,
  stageOf,
  unschedulable,
} from './podState.ts';
import type { Finding, ObjectEvent, Pod, Vmi } from './observed.ts';

function latestEvent(vmi: Vmi, events: readonly ObjectEvent[]): ObjectEvent | undefined {
  return events.filter((event) => event.uid === vmi.metadata.uid).sort((a, b) => b.lastSeen - a.lastSeen)[0];
}

function synchronizedFinding(vmi: Vmi): Finding | null {
  const sync = condition(vmi.status?.conditions, 'Synchronized');
  if (sync?.status !== 'False') return null;
  const reason = IMAGE_REASONS.has(sync.reason ?? '') ? 'ImagePullFailed' : 'VMNotSynchronized';
  return { reason, message: `${sync.reason}: ${sync.message ?? ''}` };
}

function eventFinding(vmi: Vmi, events: readonly ObjectEvent[]): Finding | null {
  const event = latestEvent(vmi, events);
  return event === undefined ? null : { reason: 'VMNotSynchronized', message: `${event.reason}: ${event.message}` };
}

function failedAt(vmi: Vmi): number | undefined {
  const failed = vmi.status?.phaseTransitionTimestamps?.find(({ phase }) => phase === 'Failed');
  const at = Date.parse(failed?.phaseTransitionTimestamp ?? '');
  return Number.isNaN(at) ? undefined : at;
}

const lostLauncher = (vmi: Vmi, how: string): EndpointState => ({
  state: 'Failed',
  finding: { reason: 'EndpointLost', message: `VM ${vmi.metadata.name} lost its launcher pod: ${how}` },
});

/** A VM of phase Failed that nobody deletes. The most exact witness first: launcher, VMI, event. */
function failed(vmi: Vmi, launcher: Pod | undefined, events: readonly ObjectEvent[]): EndpointState {
  const { name } = vmi.metadata;
  const reason = condition(vmi.status?.conditions, 'Ready')?.reason;
  const witness = launcher?.status?.phase === 'Failed' ? podFailure(launcher) : null;
  const event = latestEvent(vmi, events);
  const told = [vmi.status?.reason, event?.message].filter((text) => text !== undefined && text !== '');
  if (witness !== null) {
    const message = `VM ${name} failed: ${[...told, witness.message].join(' ')}`;
    return { state: 'Failed', finding: { reason: witness.reason, message } };
  }
  if (reason === 'PodNotExists') return lostLauncher(vmi, 'it was deleted or evicted');
  if (told.length > 0) {
    return { state: 'Failed', finding: { reason: 'EndpointFailed', message: `VM ${name} failed: ${told.join(' ')}` } };
  }
  const at = failedAt(vmi);
  const message = `VM ${name} failed: its launcher crashed or lost its pod; see its events`;
  return {
    state: 'Failed',
    finding: { reason: 'EndpointFailed', message },
    ...(at === undefined ? {} : { unexplainedSince: at }),
  };
}

/** The launcher is gone or going while the VMI says that all is well. */
function withoutLauncher(vmi: Vmi, launcher: Pod | undefined): EndpointState | null {
  const reason = condition(vmi.status?.conditions, 'Ready')?.reason;
  if (launcher?.status?.phase === 'Failed') return { state: 'Failed', finding: podFailure(launcher) };
  if (launcher?.metadata.deletionTimestamp !== undefined)
    return lostLauncher(vmi, disruption(launcher) ?? 'it was deleted by somebody else');
  // Before there is a launcher, the VMI says PodNotExists too.
  const hadLauncher = ['Scheduled', 'Running'].includes(vmi.status?.phase ?? '');
  if (reason === 'PodNotExists' && hadLauncher) return lostLauncher(vmi, 'it was deleted or evicted');
  if (reason !== 'PodTerminating') return null;
  const message = `The launcher pod of VM ${vmi.metadata.name} ended`;
  return { state: 'Failed', finding: { reason: 'EndpointFailed', message } };
}

function starting(vmi: Vmi, launcher: Pod | undefined, events: readonly ObjectEvent[]): EndpointState {
  const pod = launcher === undefined ? null : podState(launcher, events);
  const finding =
    synchronizedFinding(vmi) ??
    unschedulable(vmi.status?.conditions) ??
    (pod?.state === 'Starting' ? pod.finding : null) ??
    eventFinding(vmi, events);
  const stage = vmi.status?.phase === 'Scheduled' || pod?.state === 'Running' ? 'Starting' : stageOf(launcher);
  return { state: 'Starting', finding, stage, boundAt: boundAt(launcher) };
}

export function vmiState(vmi: Vmi, launcher: Pod | undefined, events: readonly ObjectEvent[]): EndpointState {
  const phase = vmi.status?.phase;
  if (phase === 'Succeeded') return { state: 'Ended' };
  if (vmi.metadata.deletionTimestamp !== undefined) return { state: 'Deleting', why: null };
  if (phase === 'Failed') return failed(vmi, launcher, events);
  const lost = withoutLauncher(vmi, launcher);
  if (lost !== null) return lost;
  if (phase !== 'Running') return starting(vmi, launcher, events);
  const booted = condition(vmi.status?.conditions, 'AgentConnected')?.status === 'True';
  return { state: 'Running', boundAt: boundAt(launcher), ...(booted ? { booted } : {}) };
}
