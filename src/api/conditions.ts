/** Conditions as Kubernetes spells them: set, read, compare. Pure; the time comes from the caller. */
import type { Condition } from './v1alpha1.ts';

export type ConditionStatus = Condition['status'];

/** What a caller says about one condition; the rest is filled in by `setCondition`. */
export interface ConditionUpdate {
  type: string;
  status: ConditionStatus;
  reason: string;
  message: string;
}

const MESSAGE_LIMIT = 2048;

/** RFC 3339, truncated to the second, as metav1.Time. `now` in milliseconds since the epoch. */
export function timestamp(now: number): string {
  return new Date(Math.floor(now / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}

export function findCondition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

export function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === 'True';
}

/**
 * A copy of `conditions` in which `update` holds. `lastTransitionTime` changes only with the status;
 * order is stable, so that two equal states compare equal and no write is made for nothing.
 */
export function setCondition(
  conditions: readonly Condition[],
  update: ConditionUpdate,
  context: { now: number; generation: number | undefined },
): Condition[] {
  const old = findCondition(conditions, update.type);
  const next: Condition = {
    type: update.type,
    status: update.status,
    reason: update.reason,
    message: update.message.slice(0, MESSAGE_LIMIT),
    lastTransitionTime: old?.status === update.status ? old.lastTransitionTime : timestamp(context.now),
    ...(context.generation === undefined ? {} : { observedGeneration: context.generation }),
  };
  return old === undefined
    ? [...conditions, next]
    : conditions.map((condition) => (condition.type === update.type ? next : condition));
}

/** Conditions that exist only while something is abnormal (kstatus: Reconciling, Stalled) are removed, not set False. */
export function dropCondition(conditions: readonly Condition[], type: string): Condition[] {
  return conditions.filter((condition) => condition.type !== type);
}
