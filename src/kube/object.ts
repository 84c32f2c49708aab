/** The shape that all objects of the API server share, and the paths at which it serves them. */

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface KubeMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  deletionTimestamp?: string;
  creationTimestamp?: string;
  managedFields?: unknown;
}

export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: KubeMeta;
}

/** How a kind is addressed. `group` is '' for the core group. */
export interface ResourceType {
  group: string;
  version: string;
  plural: string;
  kind: string;
  namespaced: boolean;
}

/** One object of a kind; `namespace` is left out for cluster scope. */
export interface ObjectRef {
  namespace?: string;
  name: string;
}

/** The key of an object in stores and queues: `namespace/name`, or `name` for cluster scope. */
export function keyOf(obj: { metadata: { name: string; namespace?: string } }): string {
  const { namespace, name } = obj.metadata;
  return namespace ? `${namespace}/${name}` : name;
}

/** The inverse of `keyOf`. */
export function refOf(key: string): ObjectRef {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** `v1` or `group/version`, as in an object's `apiVersion`. */
export function apiVersionOf(type: ResourceType): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/**
 * The URL path of a collection (no `name`), an object, or its subresource.
 * A namespaced kind without `namespace` is the collection over all namespaces.
 * @throws Error where `name` is given for a namespaced kind without a namespace.
 */
export function pathOf(
  type: ResourceType,
  at: { namespace?: string | undefined; name?: string | undefined; subresource?: string | undefined } = {},
): string {
  if (type.namespaced && at.name !== undefined && !at.namespace) {
    throw new Error(`${type.kind} ${at.name} needs a namespace`);
  }
  const root = type.group === '' ? ['api', type.version] : ['apis', type.group, type.version];
  const scope = type.namespaced && at.namespace ? ['namespaces', at.namespace] : [];
  const tail = [at.name, at.subresource].filter((part) => part !== undefined);
  return `/${[...root, ...scope, type.plural, ...tail].map(encodeURIComponent).join('/')}`;
}

/**
 * Orders two resourceVersions: negative, zero or positive like a comparator; undefined where they cannot be compared.
 * Versions are decimal numbers that may exceed 2^53 (KEP-5504 makes the order part of the API).
 */
export function compareVersions(a: string | undefined, b: string | undefined): number | undefined {
  if (!isNumeric(a) || !isNumeric(b)) return undefined;
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function isNumeric(version: string | undefined): version is string {
  return version !== undefined && /^(0|[1-9][0-9]*)$/.test(version);
}
