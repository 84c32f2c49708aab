/** What a plan is: the whole of what the shell may do, as data. */
import type { ObjectMeta } from '../api/v1alpha1.ts';

/** The few fields the plans need of any object they create. */
export interface PlannedObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

/** One removal: an object by name (of that UID, where given), or all objects of a kind that carry a label. */
export type Removal =
  | { kind: string; namespace: string; name: string; uid?: string }
  | { kind: string; namespace: string; labelSelector: string };

export interface EventNote {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
}

/**
 * Carried out in the order: status, create, remove, events: what was decided is persisted before it is done.
 * An empty plan means that nothing is to be done until something changes or `requeueAfterMs` passes.
 */
export interface Plan<Status> {
  create: PlannedObject[];
  remove: Removal[];
  /** The whole new status, present only where it differs from the observed one. */
  status?: Status;
  events: EventNote[];
  requeueAfterMs?: number;
}

export function emptyPlan<Status>(): Plan<Status> {
  return { create: [], remove: [], events: [] };
}

/** True where carrying the plan out would change nothing. */
export function isEmpty(plan: Plan<unknown>): boolean {
  return plan.create.length === 0 && plan.remove.length === 0 && plan.status === undefined && plan.events.length === 0;
}
