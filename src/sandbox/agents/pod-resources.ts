/** Sums of what a pod's containers ask for, written as the kubelet writes them. Pure. */
import type { PodSpec, PodStatus, Quantities } from './objects.ts';
import { parseQuantity } from './quantity.ts';

/** `allocatedResources` of a pod's status: requests of containers and sidecars together. */
export function allocated(spec: PodSpec): PodStatus {
  const sidecars = (spec.initContainers ?? []).filter((each) => each.restartPolicy === 'Always');
  const requests = [...spec.containers, ...sidecars].map((each) => each.resources?.requests ?? {});
  const names = [...new Set(requests.flatMap((each) => Object.keys(each)))];
  if (names.length === 0) return {};
  return { allocatedResources: Object.fromEntries(names.map((name) => [name, sum(name, requests)])) };
}

/** A single amount keeps its spelling; several become milli-CPUs or a plain number. */
function sum(name: string, requests: Quantities[]): string {
  const amounts = requests.flatMap((each) => (each[name] === undefined ? [] : [each[name]]));
  if (amounts.length === 1) return String(amounts[0]);
  const total = amounts.reduce<number>((all, each) => all + parseQuantity(each), 0);
  return name === 'cpu' ? `${Math.round(total * 1000)}m` : String(total);
}
