/** What a support bundle is made of: where it is read, and how much of it. Nothing that holds Secrets is asked for. */
import { LABEL_TRIAL, OPERATOR_LEASE } from '../../api/labels.ts';
import {
  type CallOptions,
  DEPLOYMENTS,
  type KubeClient,
  type KubeObject,
  LEASES,
  type ListOptions,
  NODES,
  PODS,
  type ResourceType,
} from '../../kube/index.ts';
import { EXPERIMENTS, TESTBEDS, TRIALS } from '../../api/kinds.ts';

export interface Places {
  /** Of the Experiments. */
  namespace: string;
  /** Of the operator. */
  operator: string;
}

export interface Source {
  file: string;
  /** What is missing where it may not be read, and the right that it takes. */
  right: string;
  type: ResourceType;
  where: (places: Places) => ListOptions;
  /** Only these; default: all. */
  keep?: (object: KubeObject, taken: Taken) => boolean;
  /** Newest first where there are more. */
  most: number;
}

/** What was taken before, by file: later sources take what belongs to it. */
export type Taken = ReadonlyMap<string, readonly KubeObject[]>;

const kind = (group: string, version: string, plural: string, name: string): ResourceType => ({
  group,
  version,
  plural,
  kind: name,
  namespaced: true,
});
const VMIS = kind('kubevirt.io', 'v1', 'virtualmachineinstances', 'VirtualMachineInstance');
const ATTACHMENTS = kind('k8s.cni.cncf.io', 'v1', 'network-attachment-definitions', 'NetworkAttachmentDefinition');
const EVENTS = kind('', 'v1', 'events', 'Event');

const ours = ({ namespace }: Places): ListOptions => ({ namespace });
const ofTrials = ({ namespace }: Places): ListOptions => ({ namespace, labelSelector: LABEL_TRIAL });
const ofOperator = ({ operator }: Places): ListOptions => ({
  namespace: operator,
  labelSelector: 'app.kubernetes.io/name=vfbench',
});

type Event = KubeObject & { involvedObject?: { kind?: string; name?: string } };

/** Of our kinds, or of what a Trial made: endpoints and their launcher pods have the Trial's name in theirs. */
function isOurEvent(event: Event, taken: Taken): boolean {
  const { kind: about = '', name = '' } = event.involvedObject ?? {};
  if (['Testbed', 'Experiment', 'Trial'].includes(about)) return true;
  return (taken.get('trials.json') ?? []).some((trial) => name.includes(trial.metadata.name));
}

type Bed = KubeObject & { status?: { nodes?: { name: string }[] } };

const isUsedNode = ({ metadata }: KubeObject, taken: Taken): boolean =>
  ((taken.get('testbeds.json') ?? []) as Bed[]).some(({ status }) =>
    status?.nodes?.some(({ name }) => name === metadata.name),
  );

export const SOURCES: readonly Source[] = [
  { file: 'testbeds.json', type: TESTBEDS, where: ours, right: 'list testbeds.vfbench.io', most: 50 },
  { file: 'experiments.json', type: EXPERIMENTS, where: ours, right: 'list experiments.vfbench.io', most: 100 },
  { file: 'trials.json', type: TRIALS, where: ours, right: 'list trials.vfbench.io', most: 500 },
  { file: 'pods.json', type: PODS, where: ofTrials, right: 'list pods', most: 200 },
  { file: 'vmis.json', type: VMIS, where: ofTrials, right: 'list virtualmachineinstances.kubevirt.io', most: 200 },
  {
    file: 'attachments.json',
    type: ATTACHMENTS,
    where: ours,
    right: 'list network-attachment-definitions.k8s.cni.cncf.io',
    most: 100,
  },
  { file: 'events.json', type: EVENTS, where: ours, keep: isOurEvent, right: 'list events', most: 500 },
  { file: 'nodes.json', type: NODES, where: () => ({}), keep: isUsedNode, right: 'list nodes', most: 50 },
  {
    file: 'operator/deployments.json',
    type: DEPLOYMENTS,
    where: ofOperator,
    right: 'list deployments.apps where the operator runs',
    most: 5,
  },
  { file: 'operator/pods.json', type: PODS, where: ofOperator, right: 'list pods where the operator runs', most: 10 },
  {
    file: 'operator/leases.json',
    type: LEASES,
    where: ({ operator }) => ({ namespace: operator }),
    keep: ({ metadata }) => metadata.name === OPERATOR_LEASE,
    right: 'list leases.coordination.k8s.io where the operator runs',
    most: 1,
  },
];

const PAGE = 250;
/** No more is read of one kind, whatever there is. */
const MOST_READ = 5000;

/** @throws ApiError, TransportError. */
export async function readAll(
  client: KubeClient,
  type: ResourceType,
  where: ListOptions,
  options: CallOptions,
): Promise<{ items: KubeObject[]; isWhole: boolean }> {
  const items: KubeObject[] = [];
  let next: string | undefined;
  do {
    const page = await client.list(
      type,
      { ...where, limit: PAGE, ...(next === undefined ? {} : { continue: next }) },
      options,
    );
    items.push(...page.items);
    next = page.continue;
  } while (next !== undefined && items.length < MOST_READ);
  return { items, isWhole: next === undefined };
}
