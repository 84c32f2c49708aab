/** REST addresses of what the agents read and write besides `api/kinds.ts` and `kube/resources.ts`. */
import type { ResourceType } from '../../kube/object.ts';

const admission = (plural: string, kind: string): ResourceType => ({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural,
  kind,
  namespaced: false,
});

export const MUTATING_WEBHOOKS = admission('mutatingwebhookconfigurations', 'MutatingWebhookConfiguration');
export const VALIDATING_WEBHOOKS = admission('validatingwebhookconfigurations', 'ValidatingWebhookConfiguration');
