/** The candidate Nodes: are there any, and can endpoints be placed on them? */
import type { TestbedFinding } from '../../api/v1alpha1.ts';
import type { Role } from '../../results/endpointKind.ts';
import { candidates, ROLES } from '../candidates.ts';
import { stateOf, taintText } from '../nodeState.ts';
import type { Node } from '../observed.ts';
import { clip, failure, type Reason, some, warning } from './finding.ts';
import type { TestbedObserved } from './observed.ts';

/** Candidates of a role that endpoints can be placed on. */
export function usable({ testbed, nodes }: TestbedObserved, role: Role): Node[] {
  return candidates(testbed.spec.nodes[role], nodes).filter((node) => stateOf(node) === 'Ready');
}

/** Why a node cannot be used, with the cure; null where it can. */
function obstacle(node: Node): { reason: Reason; text: string } | null {
  const { name } = node.metadata;
  switch (stateOf(node)) {
    case 'Ready':
      return null;
    case 'Cordoned':
      return { reason: 'NodeCordoned', text: `${name} is cordoned: kubectl uncordon ${name}` };
    case 'Tainted':
      return { reason: 'NodeTainted', text: `${name} ${taintText(node)}` };
    case 'NotReady': {
      const said = node.status?.conditions?.find(({ type }) => type === 'Ready');
      const why = said === undefined ? 'its kubelet has not reported' : clip(said.message ?? said.reason ?? '', 120);
      const words = why === '' ? '' : ` (${why})`;
      return { reason: 'NodeNotReady', text: `${name} is not Ready${words}: kubectl describe node ${name}` };
    }
  }
}

function missing({ testbed, nodes }: TestbedObserved, role: Role): string[] {
  return (testbed.spec.nodes[role].names ?? []).filter((name) => !nodes.has(name));
}

function noneMatches(observed: TestbedObserved, role: Role): TestbedFinding {
  const start = `no node matches spec.nodes.${role}`;
  if (observed.testbed.spec.nodes[role].names === undefined)
    return failure('NodeNotFound', `${start}: compare it with kubectl get nodes --show-labels`);
  const gone = some(missing(observed, role));
  const there = some([...observed.nodes.keys()].sort());
  return failure(
    'NodeNotFound',
    `${start}: ${gone} is not there, renamed or removed: correct the names; the cluster has ${there || 'no nodes'}`,
  );
}

function ofRole(observed: TestbedObserved, role: Role): TestbedFinding[] {
  const found = candidates(observed.testbed.spec.nodes[role], observed.nodes);
  if (found.length === 0) return [noneMatches(observed, role)];
  const absent = missing(observed, role).map((name) =>
    warning('NodeNotFound', `spec.nodes.${role} names ${name}, which is not there: renamed or removed? Correct it`),
  );
  const obstacles = found.flatMap((node) => obstacle(node) ?? []);
  const [first] = obstacles;
  if (first === undefined) return absent;
  if (obstacles.length < found.length)
    return [...absent, ...obstacles.map(({ reason, text }) => warning(reason, `spec.nodes.${role}: ${text}`))];
  const texts = some(obstacles.map(({ text }) => text));
  return [...absent, failure(first.reason, `no node of spec.nodes.${role} can be used: ${texts}`)];
}

export function nodeFindings(observed: TestbedObserved): TestbedFinding[] {
  const all = new Set(ROLES.flatMap((role) => usable(observed, role).map((node) => node.metadata.name)));
  const [only] = all;
  const alone =
    only !== undefined && all.size === 1 && ROLES.every((role) => usable(observed, role).length > 0)
      ? [warning('OneNode', `${only} is the only node for both ends: CrossNode trials cannot run; name a second one`)]
      : [];
  return [...ROLES.flatMap((role) => ofRole(observed, role)), ...alone];
}
