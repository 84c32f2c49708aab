/** What may happen to a cluster, at random. */
import fc from 'fast-check';

const DEEDS = [
  'ask',
  'ask',
  'grant',
  'grant',
  'pods',
  'unbound',
  'vms',
  'launch',
  'bind',
  'endPods',
  'endVms',
  'cleanUp',
  'deleteTrial',
  'removePods',
  'relabel',
  'disown',
  'allocatable',
  'renameNode',
  'others',
  'othersEnd',
] as const;

export interface Step {
  what: (typeof DEEDS)[number];
  /** Which trial, node or pod. */
  n: number;
  /** How many. */
  count: number;
}

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({ what: fc.constantFrom(...DEEDS), n: fc.nat({ max: 1000 }), count: fc.nat({ max: 4 }) }),
  { minLength: 5, maxLength: 40 },
);
