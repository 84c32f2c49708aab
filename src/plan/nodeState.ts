/** Can endpoints be placed on a Node? Pure. */
import type { NodeState } from '../api/v1alpha1.ts';
import { isReady, type Node } from './observed.ts';

/** Taints that say what the node's Ready condition and its cordon say too. */
const TOLD_OTHERWISE: ReadonlySet<string> = new Set([
  'node.kubernetes.io/not-ready',
  'node.kubernetes.io/unreachable',
  'node.kubernetes.io/unschedulable',
]);

function taintOf(node: Node): string | undefined {
  const keepsOut = node.spec?.taints?.find(
    ({ key, effect }) => (effect === 'NoSchedule' || effect === 'NoExecute') && !TOLD_OTHERWISE.has(key),
  );
  return keepsOut === undefined ? undefined : `${keepsOut.key}:${keepsOut.effect}`;
}

export const isCordoned = (node: Node): boolean => node.spec?.unschedulable === true;

export function stateOf(node: Node): NodeState {
  if (!isReady(node)) return 'NotReady';
  if (isCordoned(node)) return 'Cordoned';
  return taintOf(node) === undefined ? 'Ready' : 'Tainted';
}

/** Of one that is Tainted: which taint keeps endpoints out, and the cure. */
export function taintText(node: Node): string {
  const { name } = node.metadata;
  const taint = taintOf(node);
  return `has the taint ${taint}, which endpoints do not tolerate: kubectl taint node ${name} ${taint}-`;
}
