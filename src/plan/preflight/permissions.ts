/** What the operator must be allowed in a Testbed's namespace, against what the API server says that it may. */
import type { ModeType, TestbedFinding } from '../../api/v1alpha1.ts';
import { clip, failure, VM_TYPES, warning } from './finding.ts';

export interface ResourceRule {
  verbs: string[];
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
}

/** Of a SelfSubjectRulesReview: `incomplete` where an authorizer cannot list its rules. */
export interface RulesReview {
  resourceRules: ResourceRule[];
  incomplete: boolean;
  /** Why it could not be asked; then there are no rules. */
  error?: string;
}

export interface Right {
  group: string;
  resource: string;
  verbs: readonly string[];
  /** Needed by modes of these types only. */
  modes?: readonly ModeType[];
}

const GROUP = 'vfbench.io';

/** All that a Trial takes; deploy/base/rbac.yaml grants it, which a test holds. */
export const RIGHTS: readonly Right[] = [
  { group: GROUP, resource: 'testbeds', verbs: ['list', 'watch'] },
  { group: GROUP, resource: 'experiments', verbs: ['list', 'watch', 'delete'] },
  { group: GROUP, resource: 'trials', verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
  { group: GROUP, resource: 'testbeds/status', verbs: ['patch'] },
  { group: GROUP, resource: 'experiments/status', verbs: ['patch'] },
  { group: GROUP, resource: 'trials/status', verbs: ['patch'] },
  { group: '', resource: 'pods', verbs: ['get', 'list', 'watch', 'create', 'delete', 'deletecollection'] },
  { group: '', resource: 'secrets', verbs: ['create', 'delete'] },
  { group: '', resource: 'configmaps', verbs: ['get', 'create'] },
  { group: '', resource: 'nodes', verbs: ['list', 'watch'] },
  { group: '', resource: 'events', verbs: ['list', 'watch'] },
  { group: 'events.k8s.io', resource: 'events', verbs: ['create'] },
  { group: 'k8s.cni.cncf.io', resource: 'network-attachment-definitions', verbs: ['list', 'watch'] },
  {
    group: 'kubevirt.io',
    resource: 'virtualmachineinstances',
    verbs: ['get', 'list', 'watch', 'create', 'delete', 'deletecollection'],
    modes: VM_TYPES,
  },
];

const holds = (list: readonly string[] | undefined, wanted: string): boolean =>
  list?.some((one) => one === '*' || one === wanted || (one.startsWith('*/') && wanted.endsWith(one.slice(1)))) ??
  false;

function may({ resourceRules }: RulesReview, { group, resource }: Right, verb: string): boolean {
  return resourceRules.some(
    (rule) =>
      holds(rule.verbs, verb) &&
      holds(rule.apiGroups, group) &&
      holds(rule.resources, resource) &&
      (rule.resourceNames ?? []).length === 0,
  );
}

/** The verbs of a right that are missing. */
export function missing(review: RulesReview, right: Right): string[] {
  return right.verbs.filter((verb) => !may(review, right, verb));
}

function sentence(review: RulesReview, rights: readonly Right[]): string | null {
  const lacking = rights.flatMap((right) => {
    const verbs = missing(review, right);
    const name = right.group === '' ? right.resource : `${right.resource}.${right.group}`;
    return verbs.length === 0 ? [] : [`${verbs.join(', ')} ${name}`];
  });
  return lacking.length === 0 ? null : lacking.join('; ');
}

/** `hasVms`: whether VMs are to be made at all. */
export function permissionFindings(review: RulesReview | null, namespace: string, hasVms: boolean): TestbedFinding[] {
  if (review === null) return [];
  if (review.error !== undefined)
    return [
      warning('PermissionsUnknown', `the API server does not tell what the operator may do: ${clip(review.error)}`),
    ];
  const groups = [
    { rights: RIGHTS.filter(({ modes }) => modes === undefined), scope: {} },
    { rights: hasVms ? RIGHTS.filter(({ modes }) => modes !== undefined) : [], scope: { modes: [...VM_TYPES] } },
  ];
  return groups.flatMap(({ rights, scope }) => {
    const lacking = sentence(review, rights);
    if (lacking === null) return [];
    const cure = 'grant it as deploy/base/rbac.yaml does';
    const text = `the operator may not in namespace ${namespace}: ${lacking}: ${cure}`;
    // Some authorizers cannot say what they allow.
    return review.incomplete
      ? [warning('PermissionsUnknown', `as far as the API server can tell, ${text}`, scope)]
      : [failure('PermissionsMissing', text, scope)];
  });
}
