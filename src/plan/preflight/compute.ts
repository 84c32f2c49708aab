/** CPU, memory and huge pages: has a node at least what one endpoint asks for? What is in use is the scheduler's matter. */
import type { TestbedFinding } from '../../api/v1alpha1.ts';
import { HUGEPAGES_CURE } from '../nodeNeeds.ts';
import type { Node, ResourceList } from '../observed.ts';
import { parseQuantity } from '../quantity.ts';
import { failure, type Reason, some, VM_TYPES, warning } from './finding.ts';
import { ROLES, type Role, usable } from './nodes.ts';
import type { TestbedObserved } from './observed.ts';

interface Demand {
  what: string;
  resource: string;
  amount: number;
  /** As the user wrote it. */
  text: string;
  modes: TestbedFinding['modes'];
}

function ofVm({ testbed }: TestbedObserved): Demand[] {
  const { vm } = testbed.spec;
  if (vm === undefined) return [];
  const modes = [...VM_TYPES];
  const memory = { amount: parseQuantity(vm.memory) ?? 0, text: String(vm.memory), modes };
  const { hugepages } = vm;
  return [
    hugepages === undefined
      ? { what: 'spec.vm.memory', resource: 'memory', ...memory }
      : { what: 'spec.vm.memory', resource: `hugepages-${hugepages}`, ...memory },
    ...(vm.dedicatedCPU
      ? [{ what: 'spec.vm.cores', resource: 'cpu', amount: vm.cores, text: `${vm.cores}`, modes }]
      : []),
  ];
}

function ofPod({ testbed }: TestbedObserved): Demand[] {
  const { requests = {}, limits = {} } = testbed.spec.pod.resources ?? {};
  // What is limited only is requested as much.
  const asked: ResourceList = { ...limits, ...requests };
  return Object.entries(asked).map(([resource, text]) => ({
    what: `spec.pod.resources`,
    resource,
    amount: parseQuantity(text) ?? 0,
    text: String(text),
    modes: ['Native'],
  }));
}

/** Unknown where the node does not report it; of huge pages that means none. */
function has(node: Node, resource: string): number | null {
  const amount = parseQuantity(node.status?.allocatable?.[resource]);
  return amount ?? (resource.startsWith('hugepages-') ? 0 : null);
}

function short(observed: TestbedObserved, role: Role, demand: Demand): TestbedFinding[] {
  const { resource, amount, what, text, modes } = demand;
  const nodes = usable(observed, role);
  const bad = nodes.filter((node) => (has(node, resource) ?? Infinity) < amount);
  if (bad.length === 0) return [];
  const pages = resource.startsWith('hugepages-');
  const reason: Reason = pages ? 'InsufficientHugepages' : 'InsufficientCompute';
  const have = some(bad.map((node) => `${node.metadata.name} has ${node.status?.allocatable?.[resource] ?? 0}`));
  const cure = pages ? HUGEPAGES_CURE : 'ask for less, or name other nodes';
  const start = `${what} asks for ${text} of ${resource}`;
  const scope = modes === undefined ? {} : { modes };
  if (bad.length < nodes.length) return [warning(reason, `${start}: ${have}: ${cure}`, scope)];
  return [failure(reason, `${start}, more than any node of spec.nodes.${role} has: ${have}: ${cure}`, scope)];
}

export function computeFindings(observed: TestbedObserved): TestbedFinding[] {
  return [...ofPod(observed), ...ofVm(observed)].flatMap((demand) =>
    ROLES.flatMap((role) => short(observed, role, demand)),
  );
}
