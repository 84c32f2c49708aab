/** What endpoints could not check of their data path, for the Trial's status. */
import { endpointsOf } from './trialStates.ts';
import type { TrialObserved } from './trialObserved.ts';

/** `; not checked: client-0: neighbour: ...`, the others by their number; empty where all was checked. */
export function uncheckedText({ trial, reports }: Pick<TrialObserved, 'trial' | 'reports'>): string {
  const all = endpointsOf(trial).flatMap(({ name }) =>
    (reports.get(name)?.result?.unchecked ?? []).map((what) => `${name}: ${what}`),
  );
  const [first] = all;
  if (first === undefined) return '';
  return `; not checked: ${first}${all.length > 1 ? ` (and ${all.length - 1} more)` : ''}`;
}
