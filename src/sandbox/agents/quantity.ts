/** Kubernetes quantities, as far as the agents count with them. */
import type { Container, PodSpec, Quantities } from './objects.ts';

const FACTORS: Record<string, number> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** The number behind a quantity such as `500m`, `1k` or `2Gi`; NaN where it is none. */
export function parseQuantity(quantity: string | number): number {
  if (typeof quantity === 'number') return quantity;
  const match = /^([+-]?[0-9.]+(?:e[0-9]+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(quantity.trim());
  if (!match) return NaN;
  return Number(match[1]) * (FACTORS[match[2] ?? ''] ?? NaN);
}

/** Bytes as KubeVirt writes them: the largest binary unit that divides them. */
export function formatBytes(bytes: number): string {
  for (const unit of ['Gi', 'Mi', 'Ki'] as const) {
    const factor = FACTORS[unit] ?? 1;
    if (bytes !== 0 && bytes % factor === 0) return `${bytes / factor}${unit}`;
  }
  return String(bytes);
}

/** What a container asks of each resource; a limit without a request counts as both. */
function asked(container: Container): Quantities {
  return { ...container.resources?.limits, ...container.resources?.requests };
}

/**
 * How much of `resource` a pod holds: containers and sidecars together, or its greediest init container beside the
 * sidecars that start before it.
 */
export function podRequest(spec: PodSpec, resource: string): number {
  const amount = (container: Container): number => parseQuantity(asked(container)[resource] ?? 0);
  let sidecars = 0;
  let starting = 0;
  for (const init of spec.initContainers ?? []) {
    if (init.restartPolicy === 'Always') sidecars += amount(init);
    else starting = Math.max(starting, sidecars + amount(init));
  }
  return Math.max(
    starting,
    spec.containers.reduce((sum, each) => sum + amount(each), sidecars),
  );
}
