/** Small steps on a status, shared by the plans. */
import { type ConditionUpdate, findCondition, setCondition, timestamp } from '../api/conditions.ts';
import type { Condition } from '../api/v1alpha1.ts';

export interface Clocked {
  now: number;
  generation: number | undefined;
}

/** A status with some conditions set. */
export function withConditions<S extends { conditions?: Condition[] }>(
  status: S,
  context: Clocked,
  ...updates: ConditionUpdate[]
): S {
  const conditions = updates.reduce((all, update) => setCondition(all, update, context), status.conditions ?? []);
  return { ...status, conditions };
}

/** When a condition last changed, in milliseconds since the epoch; null where it is not set. */
export function since(conditions: readonly Condition[] | undefined, type: string): number | null {
  const at = findCondition(conditions, type)?.lastTransitionTime;
  return at === undefined ? null : Date.parse(at);
}

/** Structural equality of plain data; key order does not matter, absent equals undefined. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].every((key) => same(left[key], right[key]));
}

export { timestamp };
