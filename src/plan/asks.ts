/**
 * CPU, memory and huge pages that an endpoint asks for at the least, against what a node has. What KubeVirt adds to a VM's
 * memory is left out: the recorded launchers of v1.9.0 ask for 244Mi more than a guest of 1Gi with 2 cores has, 100Mi more
 * with dedicated CPUs and 1Gi with a VF, but other versions add other amounts, and nothing is refused that would fit. Pure.
 */
import type { PodTemplate, VmTemplate } from '../api/v1alpha1.ts';
import type { Node, ResourceList } from './observed.ts';
import { parseQuantity } from './quantity.ts';

/** By resource, in its base unit: CPUs, bytes. */
export type Asks = ReadonlyMap<string, number>;

export const HUGEPAGES_CURE = 'reserve huge pages there (hugepages= on the kernel command line), or ask for less';

export const isHugepages = (resource: string): boolean => resource.startsWith('hugepages-');

/**
 * What the launcher pod of a VM asks for: its memory, as huge pages or not, and CPUs that it shares with nobody, with
 * isolateEmulatorThread one more. Of CPUs that it shares only a fraction, which KubeVirt's settings decide.
 * @param overcommit KubeVirt's memoryOvercommit, in percent: what the guest has of the memory that its pod asks for, unless
 *   that is huge pages. Versions differ in whether it holds with dedicated CPUs; here it does, so that the least is told.
 */
export function vmAsks(vm: VmTemplate & { isolateEmulatorThread?: boolean }, overcommit = 100): Asks {
  const guest = parseQuantity(vm.memory) ?? 0;
  const cores = vm.cores + (vm.isolateEmulatorThread === true ? 1 : 0);
  return new Map([
    vm.hugepages === undefined
      ? ['memory', Math.floor((guest * 100) / overcommit)]
      : [`hugepages-${vm.hugepages}`, guest],
    ...(vm.dedicatedCPU ? [['cpu', cores] as const] : []),
  ]);
}

export function podAsks({ resources: { requests = {}, limits = {} } = {} }: PodTemplate): Asks {
  // What is limited only is requested as much.
  const asked: ResourceList = { ...limits, ...requests };
  return new Map(Object.entries(asked).map(([resource, text]) => [resource, parseQuantity(text) ?? 0]));
}

/** What a node has of CPU, memory ...; null where it does not report it, which of huge pages means none. */
export function offered(node: Node, resource: string): number | null {
  return parseQuantity(node.status?.allocatable?.[resource]) ?? (isHugepages(resource) ? 0 : null);
}

/** Sums of decimal fractions are off by a hair: three times 100m is no more than 300m. */
export const isEnough = (has: number, amount: number): boolean => amount <= has * (1 + 1e-9);

const UNITS = { k: 1e3, M: 1e6, G: 1e9, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };

/** As one would write it: `4Gi`, `0.3`. */
export function amountText(resource: string, amount: number): string {
  if (resource !== 'memory' && !isHugepages(resource)) return `${Number(amount.toFixed(3))}`;
  const texts = Object.entries(UNITS).flatMap(([unit, size]) =>
    amount % size === 0 ? [`${amount / size}${unit}`] : [],
  );
  return texts.reduce((best, text) => (text.length < best.length ? text : best), `${amount}`);
}
