/** Built-in kinds that are read or written, by their REST address. Custom kinds are declared where they are used. */
import type { ResourceType } from './object.ts';

const core = (plural: string, kind: string, namespaced = true): ResourceType => ({
  group: '',
  version: 'v1',
  plural,
  kind,
  namespaced,
});

const grouped = (group: string, plural: string, kind: string, namespaced = true): ResourceType => ({
  group,
  version: 'v1',
  plural,
  kind,
  namespaced,
});

export const PODS = core('pods', 'Pod');
export const SECRETS = core('secrets', 'Secret');
export const CONFIGMAPS = core('configmaps', 'ConfigMap');
export const SERVICES = core('services', 'Service');
export const SERVICE_ACCOUNTS = core('serviceaccounts', 'ServiceAccount');
export const NODES = core('nodes', 'Node', false);
export const NAMESPACES = core('namespaces', 'Namespace', false);
export const EVENTS = grouped('events.k8s.io', 'events', 'Event');
export const LEASES = grouped('coordination.k8s.io', 'leases', 'Lease');
export const ENDPOINT_SLICES = grouped('discovery.k8s.io', 'endpointslices', 'EndpointSlice');
export const DEPLOYMENTS = grouped('apps', 'deployments', 'Deployment');
export const DAEMONSETS = grouped('apps', 'daemonsets', 'DaemonSet');
export const CRDS = grouped('apiextensions.k8s.io', 'customresourcedefinitions', 'CustomResourceDefinition', false);
export const SELF_SUBJECT_RULES_REVIEWS = grouped(
  'authorization.k8s.io',
  'selfsubjectrulesreviews',
  'SelfSubjectRulesReview',
  false,
);
export const SELF_SUBJECT_ACCESS_REVIEWS = grouped(
  'authorization.k8s.io',
  'selfsubjectaccessreviews',
  'SelfSubjectAccessReview',
  false,
);
export const SUBJECT_ACCESS_REVIEWS = grouped(
  'authorization.k8s.io',
  'subjectaccessreviews',
  'SubjectAccessReview',
  false,
);
export const TOKEN_REVIEWS = grouped('authentication.k8s.io', 'tokenreviews', 'TokenReview', false);
