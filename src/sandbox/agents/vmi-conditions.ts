/** The conditions that KubeVirt's virt-controller keeps on a VMI, in its words. Pure. */
import type { Condition, Pod } from './objects.ts';
import type { Vmi, VmStatus } from './vmi.ts';
import { timestamp } from './objects.ts';
import { isDown, type Seen } from './vmi-status.ts';

/** What virt-handler finds of a guest with a masqueraded management NIC. */
export const MIGRATABLE: Condition[] = ['LiveMigratable', 'StorageLiveMigratable'].map((type) => ({
  lastProbeTime: null,
  lastTransitionTime: null,
  status: 'True',
  type,
}));

/** Conditions of virt-controller, brought up to date; those of others are kept where they stand. */
export function controllerConditions(vmi: Vmi, seen: Seen, now: Date): Pick<VmStatus, 'conditions'> {
  const before = vmi.status?.conditions ?? [];
  if (vmi.status?.phase === 'Pending' && seen.createError === undefined)
    return before.length === 0 ? {} : { conditions: before };
  const wanted = [ready(vmi, seen.pod, now), ...scheduledFalse(before, seen.pod), ...synchronized(seen, now)];
  const own = ['PodScheduled', 'Synchronized'].filter((type) => !wanted.some((each) => each.type === type));
  return {
    conditions: withConditions(
      before.filter((condition) => !own.includes(condition.type)),
      wanted,
    ),
  };
}

/** `before` with each of `wanted` in place of the one of its type, or at the end; unchanged ones keep their times. */
export function withConditions(before: Condition[], wanted: Condition[]): Condition[] {
  const merged = before.map((old) => {
    const fresh = wanted.find((each) => each.type === old.type);
    return fresh === undefined || saysTheSame(old, fresh) ? old : fresh;
  });
  return [...merged, ...wanted.filter((each) => !before.some((old) => old.type === each.type))];
}

function saysTheSame(a: Condition, b: Condition): boolean {
  return a.status === b.status && a.reason === b.reason && a.message === b.message;
}

function ready(vmi: Vmi, pod: Pod | undefined, now: Date): Condition {
  const no = (reason: string, message: string): Condition => ({
    lastProbeTime: timestamp(now),
    lastTransitionTime: timestamp(now),
    message,
    reason,
    status: 'False',
    type: 'Ready',
  });
  if (pod === undefined) return no('PodNotExists', 'virt-launcher pod has not yet been scheduled');
  if (isDown(pod)) return no('PodTerminating', 'virt-launcher pod is terminating');
  if (vmi.status?.phase !== 'Running') return no('GuestNotRunning', 'Guest VM is not reported as running');
  const condition = pod.status?.conditions?.find((each) => each.type === 'Ready');
  if (condition === undefined) {
    return no('PodConditionMissing', 'virt-launcher pod is missing the Ready condition');
  }
  const { observedGeneration: _, ...copied } = condition;
  return copied;
}

function scheduledFalse(before: Condition[], pod: Pod | undefined): Condition[] {
  const condition = pod?.status?.conditions?.find((each) => each.type === 'PodScheduled');
  if (condition === undefined) return before.filter((each) => each.type === 'PodScheduled');
  if (condition.status !== 'False') return [];
  const { observedGeneration: _, ...copied } = condition;
  return [copied];
}

/** Trouble in making the pod, or in pulling one of its images. */
function synchronized({ pod, createError }: Seen, now: Date): Condition[] {
  const no = (reason: string, message: string): Condition => ({
    lastProbeTime: null,
    lastTransitionTime: timestamp(now),
    message,
    reason,
    status: 'False',
    type: 'Synchronized',
  });
  if (pod === undefined) {
    return createError === undefined
      ? []
      : [no('FailedCreate', `failed to create virtual machine pod: ${createError}`)];
  }
  const all = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const waiting = all
    .map((each) => each.state.waiting)
    .find((each) => /^(ErrImagePull|ImagePullBackOff)$/.test(each?.reason ?? ''));
  return waiting === undefined ? [] : [no(waiting.reason, waiting.message ?? '')];
}
