/** The kinds that plans make or remove, by name. */
import { EXPERIMENTS, TRIALS, VMIS } from '../api/kinds.ts';
import { CONFIGMAPS, PODS, type ResourceType, SECRETS } from '../kube/index.ts';

const CREATABLE: readonly ResourceType[] = [PODS, SECRETS, CONFIGMAPS, VMIS, TRIALS, EXPERIMENTS];

/** @throws Error for a kind that no plan makes or removes. */
export function typeOf(kind: string): ResourceType {
  const found = CREATABLE.find((type) => type.kind === kind);
  if (found === undefined) throw new Error(`Kind ${kind} is not one of the controllers'`);
  return found;
}
