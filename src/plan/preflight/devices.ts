/** Devices of the networks on the candidate nodes: offered at all, and not all with others. */
import type { TestbedFinding } from '../../api/v1alpha1.ts';
import { LABEL_TRIAL } from '../../api/labels.ts';
import type { Role } from '../../results/endpointKind.ts';
import { ROLES } from '../candidates.ts';
import { resourceOf } from '../endpoints.ts';
import { allocatable, requested } from '../inventory.ts';
import { hasNone } from '../noDevices.ts';
import { isLive, type Pod } from '../observed.ts';
import { failure, some, warning } from './finding.ts';
import { typeByName, offered } from './networks.ts';
import { usable } from './nodes.ts';
import type { TestbedObserved } from './observed.ts';

/** Live pods of others on a node: those of Trials come and go all the time and are accounted by grants. */
export function othersOn(pods: readonly Pod[], node: string): Pod[] {
  return pods.filter(
    (pod) => pod.spec.nodeName === node && isLive(pod) && pod.metadata.labels?.[LABEL_TRIAL] === undefined,
  );
}

export const inUse = (pods: readonly Pod[], resource: string): number =>
  pods.reduce((sum, pod) => sum + requested(pod, resource), 0);

interface Wanted {
  network: string;
  resource: string;
}

function ofRole(observed: TestbedObserved, role: Role, { network, resource }: Wanted): TestbedFinding[] {
  const nodes = usable(observed, role);
  const empty = nodes.filter((node) => allocatable(node, resource) === 0);
  if (empty.length === 0) return [];
  const texts = some(empty.map((node) => `${node.metadata.name} ${hasNone(node, resource)}`));
  const start = `network ${network} takes ${resource}`;
  if (empty.length < nodes.length) return [warning('InsufficientVFs', `${start}: ${texts}`, { network })];
  return [failure('InsufficientVFs', `${start}, which no node of spec.nodes.${role} offers: ${texts}`, { network })];
}

function allWithOthers(observed: TestbedObserved, { network, resource }: Wanted): TestbedFinding[] {
  const nodes = new Map(ROLES.flatMap((role) => usable(observed, role).map((node) => [node.metadata.name, node])));
  return [...nodes].flatMap(([name, node]) => {
    const has = allocatable(node, resource);
    const pods = othersOn(observed.pods, name).filter((pod) => requested(pod, resource) > 0);
    if (has === 0 || inUse(pods, resource) < has) return [];
    const holders = some(pods.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort());
    const text = `network ${network}: all ${has} of ${resource} on ${name} are in use by ${holders}: Trials wait for them`;
    return [warning('VFsInUse', text, { network })];
  });
}

export function deviceFindings(observed: TestbedObserved): TestbedFinding[] {
  const { testbed } = observed;
  const types = offered(testbed);
  const wanted = testbed.spec.networks.flatMap(({ name }): Wanted[] => {
    const type = typeByName(name);
    const resource = resourceOf(testbed, name, observed.attachments ?? new Map());
    return resource === undefined || (type !== null && !types.includes(type)) ? [] : [{ network: name, resource }];
  });
  return wanted.flatMap((one) => [
    ...ROLES.flatMap((role) => ofRole(observed, role, one)),
    ...allWithOthers(observed, one),
  ]);
}
