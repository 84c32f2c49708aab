/** What is left of a trial's endpoints, and what holds each of them: finalizers, a node that does not answer, a process. */
import { LABEL_CREATED_BY } from '../api/labels.ts';
import type { ObjectMeta } from '../api/v1alpha1.ts';
import { isReady, type Node, type Pod, TERMINAL_PHASES, type Vmi } from './observed.ts';
import type { TrialObserved } from './trialObserved.ts';

type Nodes = ReadonlyMap<string, Node>;

/** One sentence part for each object, VMs first. */
export function remains({ pods, vmis, nodes }: Pick<TrialObserved, 'pods' | 'vmis' | 'nodes'>): string[] {
  return [
    ...vmis.map((vmi) => told('VirtualMachineInstance', vmi, holdersOfVmi(vmi, pods))),
    ...pods.map((pod) => told(kindOf(pod), pod, holdersOfPod(pod, nodes))),
  ];
}

const kindOf = ({ metadata }: Pod): string =>
  metadata.labels?.[LABEL_CREATED_BY] === undefined ? 'Pod' : 'launcher Pod';

const told = (kind: string, { metadata }: Pod | Vmi, holders: string[]): string =>
  `${kind} ${metadata.name} (${holders.join(', ')})`;

function finalizers({ finalizers: names = [], deletionTimestamp }: ObjectMeta): string[] {
  const held = names.length === 0 ? [] : [`finalizers ${names.join(', ')}`];
  return deletionTimestamp === undefined ? ['its deletion was not taken up', ...held] : held;
}

/** KubeVirt's finalizer goes once the launcher pod is gone. */
function holdersOfVmi(vmi: Vmi, pods: readonly Pod[]): string[] {
  const launcher = pods.find((pod) => pod.metadata.labels?.[LABEL_CREATED_BY] === vmi.metadata.uid);
  const phase = `phase ${vmi.status?.phase ?? 'unknown'}`;
  return [
    phase,
    ...finalizers(vmi.metadata),
    launcher === undefined
      ? 'no launcher pod: virt-controller has to let it go'
      : `waits for ${launcher.metadata.name}`,
  ];
}

function holdersOfPod(pod: Pod, nodes: Nodes): string[] {
  const { nodeName } = pod.spec;
  const node = nodeName === undefined ? undefined : nodes.get(nodeName);
  const phase = pod.status?.phase ?? 'unknown';
  const isDown = node === undefined || !isReady(node);
  const kubelet = isDown ? 'which is gone or not Ready' : 'whose kubelet has to end it';
  const ended = TERMINAL_PHASES.has(phase) ? 'whose kubelet has to let it go' : kubelet;
  return [
    `phase ${phase}`,
    ...finalizers(pod.metadata),
    nodeName === undefined ? 'on no node' : `on node ${nodeName}, ${isDown ? kubelet : ended}`,
  ];
}
