/** Is a Testbed fit to run anything? Basic preflight: nodes, attachments, subnet, kinds installed. Pure. */
import { LABEL_ENVIRONMENT } from '../api/labels.ts';
import type { NodeStatus, Testbed, TestbedStatus } from '../api/v1alpha1.ts';
import { parseSubnet } from './addresses.ts';
import { candidates } from './admit.ts';
import { attachmentKey, resourceOf } from './endpoints.ts';
import { allocatable, requested } from './inventory.ts';
import { type Finding, isLive, isReady, type NetworkAttachment, type Node, type Pod } from './observed.ts';
import { LABEL_TRIAL } from '../api/labels.ts';
import { same, withConditions } from './status.ts';
import { emptyPlan, type Plan } from './types.ts';

export interface TestbedObserved {
  testbed: Testbed;
  nodes: ReadonlyMap<string, Node>;
  attachments: ReadonlyMap<string, NetworkAttachment> | null;
  /** True where VirtualMachineInstances are a kind of this cluster. */
  kubevirt: boolean;
  pods: readonly Pod[];
}

function nodeFindings({ testbed, nodes }: TestbedObserved): string[] {
  return (['server', 'client'] as const).flatMap((role) => {
    const found = candidates(testbed.spec.nodes[role], nodes);
    if (found.length === 0)
      return [`no node matches spec.nodes.${role}: compare it with kubectl get nodes --show-labels`];
    return found.some(isReady) ? [] : [`no node of spec.nodes.${role} is Ready`];
  });
}

function networkFindings({ testbed, attachments }: TestbedObserved): string[] {
  if (attachments === null) return ['kind NetworkAttachmentDefinition is not installed: install Multus'];
  return testbed.spec.networks
    .filter(({ attachment }) => !attachments.has(attachmentKey(testbed, attachment)))
    .map(
      ({ name, attachment }) =>
        `network ${name}: there is no NetworkAttachmentDefinition ${attachmentKey(testbed, attachment)}: create it`,
    );
}

function otherFindings({ testbed, kubevirt }: TestbedObserved): string[] {
  return [
    ...(parseSubnet(testbed.spec.subnet) === null ? [`spec.subnet ${testbed.spec.subnet} is no subnet`] : []),
    ...(testbed.spec.vm !== undefined && !kubevirt
      ? ['spec.vm is set, but KubeVirt is not installed: install it, or remove spec.vm to run Native modes only']
      : []),
  ];
}

/** Nodes with their resources; `inUse` counts pods of others, so that our own trials cause no writes here. */
function nodeStatuses({ testbed, nodes, attachments, pods }: TestbedObserved): NodeStatus[] {
  const resources = [
    ...new Set(testbed.spec.networks.map((n) => resourceOf(testbed, n.name, attachments ?? new Map()))),
  ]
    .filter((resource) => resource !== undefined)
    .sort();
  const servers = candidates(testbed.spec.nodes.server, nodes);
  const clients = candidates(testbed.spec.nodes.client, nodes);
  const all = [...new Map([...servers, ...clients].map((node) => [node.metadata.name, node])).values()].slice(0, 64);
  return all.map((node) => {
    const { name } = node.metadata;
    const others = pods.filter(
      (pod) => pod.spec.nodeName === name && isLive(pod) && pod.metadata.labels?.[LABEL_TRIAL] === undefined,
    );
    const kernel = node.status?.nodeInfo?.kernelVersion;
    const environment = node.metadata.labels?.[LABEL_ENVIRONMENT];
    return {
      name,
      roles: [
        ...(servers.includes(node) ? ['Server' as const] : []),
        ...(clients.includes(node) ? ['Client' as const] : []),
      ],
      ...(kernel === undefined ? {} : { kernel }),
      ...(environment === undefined ? {} : { environment }),
      resources: resources.map((resource) => ({
        name: resource,
        allocatable: allocatable(node, resource),
        inUse: others.reduce((sum, pod) => sum + requested(pod, resource), 0),
      })),
    };
  });
}

function finding(observed: TestbedObserved): Finding | null {
  const all = [...nodeFindings(observed), ...networkFindings(observed), ...otherFindings(observed)];
  return all.length === 0 ? null : { reason: 'NotFit', message: all.join('; ') };
}

export function planTestbed(observed: TestbedObserved, now: number): Plan<TestbedStatus> {
  const { testbed } = observed;
  if (testbed.metadata.deletionTimestamp !== undefined) return emptyPlan();
  const bad = finding(observed);
  const status = withConditions(
    {
      ...testbed.status,
      ...(testbed.metadata.generation === undefined ? {} : { observedGeneration: testbed.metadata.generation }),
      nodes: nodeStatuses(observed),
    },
    { now, generation: testbed.metadata.generation },
    bad === null
      ? { type: 'Ready', status: 'True', reason: 'Fit', message: 'Nodes, attachments and kinds are there' }
      : { type: 'Ready', status: 'False', ...bad },
  );
  return same(status, testbed.status) ? emptyPlan() : { ...emptyPlan(), status };
}
