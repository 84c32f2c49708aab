/** RBAC as rights, one verb of one kind each, and which of them requests made use of. */
import type { AuditEntry } from './audit.ts';

/** Where a right holds: everywhere, or in one namespace. */
type Scope = { everywhere: true } | { namespace: string };

export interface Right {
  verb: string;
  group: string;
  /** With its subresource: `trials/status`. */
  resource: string;
  /** Of the only object that it is for; undefined: of all. */
  name?: string;
  scope: Scope;
}

interface Rule {
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
  verbs: string[];
}

export interface RbacObject {
  kind: string;
  metadata: { name: string; namespace?: string };
  rules?: Rule[];
  roleRef?: { kind: string; name: string };
  subjects?: { kind: string; name: string; namespace?: string }[];
}

function rightsOf({ apiGroups, resources, resourceNames, verbs }: Rule, scope: Scope): Right[] {
  const names = resourceNames === undefined ? [{}] : resourceNames.map((name) => ({ name }));
  return apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb) => names.map((name) => ({ verb, group, resource, scope, ...name }))),
    ),
  );
}

/** What bindings among `objects` give a service account. @throws Error where a binding names a role that is not there. */
export function rightsGiven(objects: readonly RbacObject[], account: string): Right[] {
  return objects
    .filter(({ subjects = [] }) => subjects.some(({ kind, name }) => kind === 'ServiceAccount' && name === account))
    .flatMap(({ kind, metadata, roleRef }) => {
      const { namespace = '' } = metadata;
      const role = objects.find(
        (found) =>
          found.kind === roleRef?.kind &&
          found.metadata.name === roleRef.name &&
          (found.kind === 'ClusterRole' || found.metadata.namespace === namespace),
      );
      if (role === undefined) throw new Error(`${kind} ${metadata.name}: no ${roleRef?.kind} ${roleRef?.name}`);
      const scope: Scope = kind === 'ClusterRoleBinding' ? { everywhere: true } : { namespace };
      return (role.rules ?? []).flatMap((rule) => rightsOf(rule, scope));
    });
}

const holdsIn = (scope: Scope, namespace: string): boolean => 'everywhere' in scope || scope.namespace === namespace;

/** Whether the right covers the request, as the RBAC authorizer judges. */
export function covers(right: Right, { verb, group, resource, subresource, namespace, name }: AuditEntry): boolean {
  const asked = subresource === '' ? resource : `${resource}/${subresource}`;
  const isOfName = right.name === undefined || right.name === name;
  return (
    right.verb === verb &&
    right.group === group &&
    right.resource === asked &&
    isOfName &&
    holdsIn(right.scope, namespace)
  );
}

export function words({ verb, group, resource, name, scope }: Right): string {
  const kind = group === '' ? resource : `${resource}.${group}`;
  return `${verb} ${kind}${name === undefined ? '' : ` ${name}`} ${'everywhere' in scope ? 'everywhere' : `in ${scope.namespace}`}`;
}

/**
 * Requests that the audit log does not show, since the API server asks the authorizer about them itself: an apply that
 * makes an object is a creation too; where owner references are guarded, who makes an object that holds its owner back
 * must be able to update the owner's finalizers, and who gives an object another owner to delete the object.
 */
export function implied(entry: AuditEntry): AuditEntry[] {
  const { verb, group, resource, subresource, code } = entry;
  if (subresource !== '') return [];
  // Status aside, owner references are all that is ever changed of a Trial.
  if (verb === 'patch' && resource === 'trials') return [{ ...entry, verb: 'delete' }];
  if (code !== 201) return [];
  if (verb === 'patch') return [{ ...entry, verb: 'create' }];
  const ownerOf: Record<string, string> = {
    '/configmaps': 'experiments',
    'vfbench.io/trials': 'experiments',
    '/pods': 'trials',
    '/secrets': 'trials',
    'kubevirt.io/virtualmachineinstances': 'trials',
  };
  const owner = ownerOf[`${group}/${resource}`];
  if (owner === undefined) return [];
  return [{ ...entry, verb: 'update', group: 'vfbench.io', resource: owner, subresource: 'finalizers', name: '' }];
}
