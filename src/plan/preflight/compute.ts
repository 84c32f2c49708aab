/** CPU, memory and huge pages: has a node at least what one endpoint asks for? What is in use is the scheduler's matter. */
import type { ModeType, TestbedFinding } from '../../api/v1alpha1.ts';
import type { Role } from '../../results/endpointKind.ts';
import { amountText, HUGEPAGES_CURE, isEnough, isHugepages, offered, podAsks, vmAsks } from '../asks.ts';
import { ROLES } from '../candidates.ts';
import { failure, type Reason, some, VM_TYPES, warning } from './finding.ts';
import { kubevirtStatus } from './kubevirt.ts';
import { usable } from './nodes.ts';
import type { TestbedObserved } from './observed.ts';

interface Demand {
  what: string;
  resource: string;
  amount: number;
  modes: readonly ModeType[];
}

function ofVm(observed: TestbedObserved): Demand[] {
  const { vm } = observed.testbed.spec;
  const { memoryOvercommit } = kubevirtStatus(observed) ?? {};
  return [...(vm === undefined ? [] : vmAsks(vm, memoryOvercommit))].map(([resource, amount]) => ({
    what: resource === 'cpu' ? 'spec.vm.cores' : 'spec.vm.memory',
    resource,
    amount,
    modes: VM_TYPES,
  }));
}

const ofPod = ({ testbed }: TestbedObserved): Demand[] =>
  [...podAsks(testbed.spec.pod)].map(([resource, amount]) => ({
    what: 'spec.pod.resources',
    resource,
    amount,
    modes: ['Native'],
  }));

function short(observed: TestbedObserved, role: Role, demand: Demand): TestbedFinding[] {
  const { resource, amount, what, modes } = demand;
  const nodes = usable(observed, role);
  const bad = nodes.filter((node) => !isEnough(offered(node, resource) ?? Infinity, amount));
  if (bad.length === 0) return [];
  const pages = isHugepages(resource);
  const reason: Reason = pages ? 'InsufficientHugepages' : 'InsufficientCompute';
  const have = some(bad.map((node) => `${node.metadata.name} has ${node.status?.allocatable?.[resource] ?? 0}`));
  const cure = pages ? HUGEPAGES_CURE : 'ask for less, or name other nodes';
  const start = `${what} asks for ${amountText(resource, amount)} of ${resource}`;
  const scope = { modes: [...modes] };
  if (bad.length < nodes.length) return [warning(reason, `${start}: ${have}: ${cure}`, scope)];
  return [failure(reason, `${start}, more than any node of spec.nodes.${role} has: ${have}: ${cure}`, scope)];
}

export function computeFindings(observed: TestbedObserved): TestbedFinding[] {
  return [...ofPod(observed), ...ofVm(observed)].flatMap((demand) =>
    ROLES.flatMap((role) => short(observed, role, demand)),
  );
}
