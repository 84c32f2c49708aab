/**
 * The life of a VMI's status: what KubeVirt's virt-controller and virt-handler write next, given the launcher
 * pod and the domain. Pure; one step at a time, so that a watcher sees the recorded ladder.
 */
import { LAUNCHER_IMAGE } from './launcher-init.ts';
import { memoryOverhead } from './launcher-resources.ts';
import { podInterfaceName } from './launcher.ts';
import { type NetworkStatus, parseStatus } from './network-status.ts';
import { type Pod, timestamp } from './objects.ts';
import type { VmInterface, VmInterfaceStatus, VmPhase, Vmi, VmStatus } from './vmi.ts';
import { formatBytes } from './quantity.ts';
import { controllerConditions, MIGRATABLE, withConditions } from './vmi-conditions.ts';
import { queueCount } from './vmi-defaults.ts';
import { ANNOTATION_NETWORK_STATUS } from '../../api/labels.ts';

/** What the host knows of the guest. `Killed`: ended because it is being deleted. */
export type Domain = 'None' | 'Running' | 'Shutoff' | 'Crashed' | 'Killed';

export interface Seen {
  pod: Pod | undefined;
  domain: Domain;
  /** Why the launcher pod could not be created, in the API server's words. */
  createError?: string;
  /** Nobody does virt-handler's part. */
  unhandled?: boolean;
}

const FINAL: readonly (VmPhase | undefined)[] = ['Succeeded', 'Failed'];

/** True once nothing of the VMI runs any more or ever will. */
export function isFinal(vmi: Vmi): boolean {
  return FINAL.includes(vmi.status?.phase);
}

/** The status to be written next; deeply equal to the present one where nothing is to be done. */
export function nextStatus(vmi: Vmi, seen: Seen, now: Date): VmStatus {
  const status = vmi.status ?? {};
  const handled = seen.unhandled === true ? null : handlerStep(vmi, seen, now);
  if (handled !== null) return handled;
  const { pod } = seen;
  const stepped = controllerStep(vmi, seen, now) ?? status;
  return {
    ...stepped,
    ...activePods(status, pod),
    ...(pod?.status?.qosClass === undefined ? {} : { qosClass: pod.status.qosClass }),
    ...controllerConditions({ ...vmi, status: stepped }, seen, now),
  };
}

/** A pod that has ended, is being deleted, or whose compute container has terminated. */
export function isDown(pod: Pod): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return true;
  if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return true;
  const compute = pod.status?.containerStatuses?.find((each) => each.name === 'compute');
  return compute?.state.terminated !== undefined;
}

function controllerStep(vmi: Vmi, { pod }: Seen, now: Date): VmStatus | null {
  const status = vmi.status ?? {};
  switch (status.phase) {
    case undefined:
    case 'Pending':
      if (pod !== undefined) return scheduling(vmi, now);
      return vmi.metadata.deletionTimestamp === undefined ? null : moved(status, 'Failed', now);
    case 'Scheduling':
      if (pod === undefined || isDown(pod)) return moved(status, 'Failed', now);
      return isStarted(pod) ? scheduled(vmi, pod, now) : null;
    case 'Scheduled':
    case 'Running':
      return pod === undefined ? moved(status, 'Failed', now) : null;
    default:
      return null;
  }
}

function handlerStep(vmi: Vmi, { pod, domain }: Seen, now: Date): VmStatus | null {
  const status = vmi.status ?? {};
  if (pod === undefined || (status.phase !== 'Scheduled' && status.phase !== 'Running')) return null;
  if (domain === 'Crashed' || domain === 'Killed' || hasLost(pod, domain)) return ended(vmi, 'Failed', now);
  if (domain === 'Shutoff') return ended(vmi, 'Succeeded', now);
  if (status.phase === 'Running' || isDown(pod)) return null;
  if (status['migrationMethod'] === undefined) return handled(status);
  return domain === 'Running' ? running(vmi, pod, now) : null;
}

/** The launcher has ended without a word about its domain. */
function hasLost(pod: Pod, domain: Domain): boolean {
  const phase = pod.status?.phase;
  return (phase === 'Failed' || phase === 'Succeeded') && domain !== 'Shutoff';
}

function moved(status: VmStatus, phase: VmPhase, now: Date): VmStatus {
  const past = status.phaseTransitionTimestamps ?? [];
  return {
    ...status,
    phase,
    phaseTransitionTimestamps: [...past, { phase, phaseTransitionTimestamp: timestamp(now) }],
  };
}

function scheduling(vmi: Vmi, now: Date): VmStatus {
  const status = vmi.status ?? {};
  return {
    ...moved(status, 'Scheduling', now),
    launcherContainerImageVersion: LAUNCHER_IMAGE,
    memory: { ...status.memory, memoryOverhead: formatBytes(memoryOverhead(vmi)) },
  };
}

function scheduled(vmi: Vmi, pod: Pod, now: Date): VmStatus {
  const names = (vmi.spec.volumes ?? []).map((volume) => volume.name).sort();
  return {
    ...moved(vmi.status ?? {}, 'Scheduled', now),
    interfaces: (vmi.spec.networks ?? []).map((network) =>
      network.multus === undefined
        ? { name: network.name, podInterfaceName: 'eth0' }
        : { infoSource: 'multus-status', name: network.name, podInterfaceName: podInterfaceName(network.name) },
    ),
    migrationTransport: 'Unix',
    nodeName: pod.spec.nodeName ?? '',
    ...(names.length === 0 ? {} : { volumeStatus: names.map((name) => ({ name, target: '' })) }),
  };
}

/** What virt-handler notes before it starts the domain. */
function handled(status: VmStatus): VmStatus {
  return {
    ...status,
    conditions: withConditions(status.conditions ?? [], MIGRATABLE),
    migrationMethod: 'LiveMigration',
    selinuxContext: 'none',
  };
}

function running(vmi: Vmi, pod: Pod, now: Date): VmStatus {
  return {
    ...moved(vmi.status ?? {}, 'Running', now),
    interfaces: domainInterfaces(vmi, pod),
    machine: { type: 'pc-q35-10.0' },
  };
}

function domainInterfaces(vmi: Vmi, pod: Pod): VmInterfaceStatus[] {
  const network = parseStatus(pod.metadata.annotations?.[ANNOTATION_NETWORK_STATUS]);
  return (vmi.status?.interfaces ?? []).map((before) => {
    const spec = vmi.spec.domain.devices.interfaces?.find((each) => each.name === before.name);
    const made = network.find((each) => each.interface === before.podInterfaceName);
    return {
      ...before,
      infoSource: before.infoSource === undefined ? 'domain' : `domain, ${before.infoSource}`,
      ...(spec?.sriov === undefined
        ? virtioFacts(vmi, spec, made)
        : spec.macAddress === undefined
          ? {}
          : { mac: spec.macAddress }),
    };
  });
}

/** A virtio NIC as the domain shows it; a VF has no queues, no address and, unless pinned, no MAC. */
function virtioFacts(
  vmi: Vmi,
  spec: VmInterface | undefined,
  made: NetworkStatus | undefined,
): Partial<VmInterfaceStatus> {
  const mac = spec?.macAddress ?? made?.mac;
  const ip = spec?.masquerade === undefined ? undefined : made?.ips?.[0];
  return {
    ...(mac === undefined ? {} : { mac }),
    ...(ip === undefined ? {} : { ipAddress: ip, ipAddresses: [ip] }),
    linkState: 'up',
    queueCount: queueCount(vmi),
  };
}

function ended(vmi: Vmi, phase: VmPhase, now: Date): VmStatus {
  const { interfaces, ...status } = moved(vmi.status ?? {}, phase, now);
  if (interfaces === undefined) return status;
  return {
    ...status,
    interfaces: interfaces.map((nic) => {
      const { ipAddress: _ip, ipAddresses: _ips, ...rest } = nic;
      return rest;
    }),
  };
}

function activePods(status: VmStatus, pod: Pod | undefined): Pick<VmStatus, 'activePods'> {
  const uid = pod?.metadata.uid;
  if (uid === undefined) return status.activePods === undefined ? {} : { activePods: status.activePods };
  return { activePods: { ...status.activePods, [uid]: pod?.spec.nodeName ?? '' } };
}

/** The pod runs and all its containers are ready. */
function isStarted(pod: Pod): boolean {
  const containers = pod.status?.containerStatuses ?? [];
  return pod.status?.phase === 'Running' && containers.length > 0 && containers.every((each) => each.ready);
}
