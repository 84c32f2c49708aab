/** KubeVirt: is it there and well, of which version, and will it put VMs on the candidate nodes? */
import type { KubeVirtStatus, TestbedFinding } from '../../api/v1alpha1.ts';
import type { Role } from '../../results/endpointKind.ts';
import { ROLES } from '../candidates.ts';
import { CPU_MANAGER, HAS_KVM, isNone, type NodeNeed, SCHEDULABLE } from '../nodeNeeds.ts';
import { clip, failure, some, VM_TYPES, warning } from './finding.ts';
import { usable } from './nodes.ts';
import type { KubeVirt, TestbedObserved } from './observed.ts';

const VHOST_NET = 'devices.kubevirt.io/vhost-net';
/** Since then the bridge in a launcher offloads checksums, which its throughput depends on. */
const OLDEST: readonly [number, number] = [1, 8];

/** Percent of the memory that a launcher pod asks for, which its guest gets: all of it. */
const WHOLE_MEMORY = 100;

const VMS = { modes: [...VM_TYPES] };

/** Percent; what KubeVirt takes itself where its object does not say. */
function memoryOvercommit(installed: readonly KubeVirt[]): number {
  const own = installed[0]?.spec?.configuration?.developerConfiguration?.memoryOvercommit;
  return own !== undefined && Number.isSafeInteger(own) && own > 0 ? own : WHOLE_MEMORY;
}

export function kubevirtStatus({ kubevirt }: TestbedObserved): KubeVirtStatus | undefined {
  if (kubevirt === null) return undefined;
  const { phase, observedKubeVirtVersion: version } = kubevirt[0]?.status ?? {};
  const overcommit = memoryOvercommit(kubevirt);
  return {
    ...(version === undefined ? {} : { version: clip(version, 64) }),
    ...(phase === undefined ? {} : { phase: clip(phase, 64) }),
    ...(overcommit === WHOLE_MEMORY ? {} : { memoryOvercommit: overcommit }),
  };
}

function isOld(version: string): boolean {
  const match = /^v?(\d+)\.(\d+)/.exec(version);
  if (match === null) return false;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}

function installation(installed: readonly KubeVirt[]): TestbedFinding[] {
  const [one] = installed;
  if (one === undefined)
    return [
      warning(
        'KubeVirtVersionUnknown',
        'there is no object of kind KubeVirt, so that its version is not recorded: see whether virt-operator is installed',
        VMS,
      ),
    ];
  const { phase, observedKubeVirtVersion: version, conditions } = one.status ?? {};
  const name = `KubeVirt ${one.metadata.namespace ?? ''}/${one.metadata.name}`;
  const look = `kubectl describe kubevirt ${one.metadata.name} -n ${one.metadata.namespace ?? ''}`;
  const found: TestbedFinding[] = [];
  if (phase !== 'Deployed')
    found.push(
      failure(
        'KubeVirtNotReady',
        `${name} is in phase ${clip(phase ?? 'unknown', 64)}, not Deployed: wait, or ${look}`,
        VMS,
      ),
    );
  const down = conditions?.find(({ type, status }) => type === 'Available' && status === 'False');
  if (phase === 'Deployed' && down !== undefined)
    found.push(
      failure(
        'KubeVirtNotReady',
        `${name} is not available (${clip(down.message ?? down.reason ?? '')}): ${look}`,
        VMS,
      ),
    );
  if (version !== undefined && isOld(version))
    found.push(
      warning(
        'KubeVirtOld',
        `KubeVirt ${clip(version, 64)} is older than v1.8: without checksum offload on the launcher's bridge mode Virtio is slower; upgrade, or compare results of this version only`,
        VMS,
      ),
    );
  return found;
}

export const emulates = (installed: readonly KubeVirt[]): boolean =>
  installed.some(({ spec }) => spec?.configuration?.developerConfiguration?.useEmulation === true);

/** Guests that get more memory than their pods ask for; huge pages are theirs alone, and dedicated CPUs come with all. */
function overcommitted({ testbed: { spec } }: TestbedObserved, installed: readonly KubeVirt[]): TestbedFinding[] {
  const percent = memoryOvercommit(installed);
  const isWhole = spec.vm === undefined || spec.vm.hugepages !== undefined || spec.vm.dedicatedCPU;
  if (isWhole || percent <= WHOLE_MEMORY) return [];
  return [
    warning(
      'MemoryOvercommit',
      `KubeVirt gives guests ${percent} % of the memory that their pods ask for (developerConfiguration.memoryOvercommit): nodes may run short of it while they measure, and guests with a VF, whose memory is locked as a whole, may not start; set it to ${WHOLE_MEMORY}, or use hugepages in spec.vm`,
      VMS,
    ),
  ];
}

function unmet(observed: TestbedObserved, role: Role, need: NodeNeed, what: string): TestbedFinding[] {
  const nodes = usable(observed, role);
  const bad = nodes.filter((node) => !need.isMet(node));
  if (bad.length === 0) return [];
  const texts = some(bad.map(need.text));
  if (bad.length < nodes.length) return [warning(need.reason, `${what}, not so on ${texts}`, VMS)];
  return [failure(need.reason, `${what}, and no node of spec.nodes.${role} is fit: ${texts}`, VMS)];
}

function onNodes(observed: TestbedObserved, installed: readonly KubeVirt[]): TestbedFinding[] {
  const each = (need: NodeNeed, what = need.what): TestbedFinding[] =>
    ROLES.flatMap((role) => unmet(observed, role, need, what));
  const slow = [...new Set(ROLES.flatMap((role) => usable(observed, role)))].filter((node) => isNone(node, VHOST_NET));
  return [
    ...each(SCHEDULABLE),
    ...(observed.testbed.spec.vm?.dedicatedCPU === true ? each(CPU_MANAGER, `spec.vm.${CPU_MANAGER.what}`) : []),
    ...(emulates(installed)
      ? [
          warning(
            'Emulation',
            'KubeVirt emulates CPUs (developerConfiguration.useEmulation): figures of VMs prove the plumbing only; remove it on nodes with KVM',
            VMS,
          ),
        ]
      : each(HAS_KVM)),
    ...(slow.length === 0
      ? []
      : [
          warning(
            'NoVhostNet',
            `no vhost-net on ${some(slow.map(({ metadata }) => metadata.name))}: QEMU itself carries virtio's packets, more slowly; load module vhost_net`,
            { modes: ['Virtio'] },
          ),
        ]),
  ];
}

export function kubevirtFindings(observed: TestbedObserved): TestbedFinding[] {
  const { testbed, kubevirt, kept } = observed;
  if (testbed.spec.vm === undefined) return [];
  if (kubevirt === null)
    return [
      failure(
        'KubeVirtNotInstalled',
        'spec.vm is set, but KubeVirt is not installed: install it, or remove spec.vm to run Native modes only',
        VMS,
      ),
    ];
  const told = kept.has('kubevirts') ? [] : installation(kubevirt);
  return [...told, ...overcommitted(observed, kubevirt), ...onNodes(observed, kubevirt)];
}
