/**
 * What the operator reads of the whole cluster, also where it serves one namespace. A review of its rights in a namespace
 * does not tell of these: that a list of everything is refused is seen when it is asked for.
 */
import type { TestbedFinding } from '../../api/v1alpha1.ts';
import { clip, failure, VM_TYPES, warning } from './finding.ts';
import type { TestbedObserved } from './observed.ts';

export type ClusterRead = 'pods' | 'kubevirts' | 'sriovnetworknodestates';

interface Read {
  resource: ClusterRead;
  group: string;
  /** What is not known without. */
  loss: string;
  make: typeof failure;
  isForVms: boolean;
}

/** In this role deploy/base/rbac.yaml gives a rule for each, which a test holds. */
export const CLUSTER_ROLE = 'vfbench-cluster';
export const CLUSTER_VERBS = ['list', 'watch'] as const;
export const CLUSTER_READS: readonly Read[] = [
  {
    resource: 'pods',
    group: '',
    loss: 'which devices pods of others hold on the nodes is not known, and nothing is granted',
    make: failure,
    isForVms: false,
  },
  {
    resource: 'kubevirts',
    group: 'kubevirt.io',
    loss: 'version and state of KubeVirt are not known',
    make: warning,
    isForVms: true,
  },
  {
    resource: 'sriovnetworknodestates',
    group: 'sriovnetwork.openshift.io',
    loss: 'link, MTU and drivers of VFs are not known, where the SR-IOV network operator would tell them',
    make: warning,
    isForVms: false,
  },
];

/** Each that is kept from the operator, with the line of the manifest that gives it. */
export function clusterReadFindings({ testbed, kubevirt, kept }: TestbedObserved): TestbedFinding[] {
  const hasVms = testbed.spec.vm !== undefined && kubevirt !== null;
  return CLUSTER_READS.flatMap(({ resource, group, loss, make, isForVms }) => {
    const words = kept.get(resource);
    if (words === undefined || (isForVms && !hasVms)) return [];
    const name = group === '' ? resource : `${resource}.${group}`;
    const cure = `grant it by the rule "resources: [${resource}], verbs: [${CLUSTER_VERBS.join(', ')}]" of ClusterRole ${CLUSTER_ROLE} in deploy/base/rbac.yaml, and bind that role by a ClusterRoleBinding, also where the operator serves one namespace`;
    const text = `the operator may not ${CLUSTER_VERBS.join(', ')} ${name} in all namespaces (${clip(words)}), so that ${loss}: ${cure}`;
    return [make('PermissionsMissing', text, isForVms ? { modes: [...VM_TYPES] } : {})];
  });
}
