/**
 * Every wrong VM that was tried on a real KubeVirt v1.9.0, refused or not (testdata/admission-errors.jsonl): how it is
 * kept from being made, and that the Trial tells KubeVirt's own words should it be refused all the same.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { testbed } from '../../../test/support/builders.ts';
import { TrialWorld } from '../../../test/support/trial-world.ts';
import { INVALID_EXPERIMENTS } from '../../../test/integration/crds/experiments.ts';
import { INVALID_TESTBEDS } from '../../../test/integration/crds/testbeds.ts';
import type { Mode } from '../../api/v1alpha1.ts';
import { endpointObjectName, trialName } from '../names.ts';
import { guestFinding } from './guest.ts';
import { renderVm } from './vm.ts';

interface Nic {
  name: string;
  macAddress?: string;
  model?: string;
  [binding: string]: unknown;
}
interface Vmi {
  metadata: { name: string; namespace: string };
  spec: {
    domain: {
      cpu: Record<string, unknown>;
      memory?: { guest?: string; hugepages?: { pageSize?: string } };
      resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
      firmware?: { kernelBoot?: { kernelArgs?: string; container?: { kernelPath?: string; initrdPath?: string } } };
      devices: { interfaces: Nic[]; networkInterfaceMultiqueue?: boolean };
    };
    networks: { name: string; pod?: object; multus?: { networkName: string } }[];
    volumes: { cloudInitNoCloud?: Record<string, unknown> }[];
  };
}

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');
const RECORDED = new Map(
  read('testdata/admission-errors.jsonl')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { case: string; error: string; vmi?: Vmi })
    .map((one) => [one.case, one]),
);
const POLICIES = read('../../../deploy/base/admission.yaml').replaceAll(/\s+/g, ' ');

/** A Testbed's VM and what a mode changes of it that would ask for the wrong thing, and what admission says instead. */
interface Asked {
  vm: object;
  change: NonNullable<Mode['vm']>;
  says: RegExp;
}

interface Row {
  /** Whether a VM is wrong in this way: the recorded one is, and none that we make. */
  isWrong: (vmi: Vmi) => boolean;
  /** Where a Testbed and a mode together can ask for it. */
  asked?: Asked;
  /** Where a Testbed or an Experiment can: a case of the tests on the API server that refuse it. */
  schema?: string;
  /** Where KubeVirt takes it: what the policy for VMs says (deploy/base/admission.yaml). */
  policy?: string;
  /** Why nothing else is needed: no field of ours leads to it. */
  why?: string;
}

const FIXED = 'no field of a Testbed, an Experiment or a Trial leads there: it is written by the renderer alone';
const BINDINGS = ['bridge', 'masquerade', 'sriov', 'passtBinding', 'binding'];
const nics = ({ spec }: Vmi): Nic[] => spec.domain.devices.interfaces;
const macs = (vmi: Vmi): string[] => nics(vmi).map(({ macAddress = '' }) => macAddress);
const names = (vmi: Vmi): string[] => nics(vmi).map(({ name }) => name);
const seeds = ({ spec }: Vmi): Record<string, unknown>[] =>
  spec.volumes.flatMap(({ cloudInitNoCloud }) => (cloudInitNoCloud === undefined ? [] : [cloudInitNoCloud]));
const isInline = (vmi: Vmi, field: string): boolean =>
  seeds(vmi).some((seed) => field in seed && JSON.stringify(seed[field]).length > 2048);
const amounts = ({ spec }: Vmi) =>
  ({ requests: {}, limits: {}, ...spec.domain.resources }) as Record<string, Record<string, string>>;
const SPEC_FIELDS = ['affinity', 'domain', 'evictionStrategy', 'networks', 'terminationGracePeriodSeconds', 'volumes'];
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const bytes = (text = ''): number => Number.parseInt(text, 10) * (text.endsWith('Gi') ? 2 ** 30 : 2 ** 20);

const ROWS: Record<string, Row> = {
  two_bindings: {
    isWrong: (vmi) => nics(vmi).some((nic) => BINDINGS.filter((binding) => binding in nic).length !== 1),
    why: FIXED,
  },
  isolate_without_dedicated: {
    isWrong: ({ spec }) =>
      spec.domain.cpu['isolateEmulatorThread'] === true && !spec.domain.cpu['dedicatedCpuPlacement'],
    asked: { vm: {}, change: { isolateEmulatorThread: true }, says: /isolateEmulatorThread needs dedicatedCPU: set/ },
  },
  userdata_2049: { isWrong: (vmi) => isInline(vmi, 'userData'), why: `${FIXED}; all of it is in a Secret` },
  networkdata_2049: { isWrong: (vmi) => isInline(vmi, 'networkData'), why: `${FIXED}; all of it is in a Secret` },
  network_without_iface: {
    isWrong: (vmi) => vmi.spec.networks.some(({ name }) => !names(vmi).includes(name)),
    why: FIXED,
  },
  dup_mac: {
    isWrong: (vmi) => new Set(macs(vmi)).size < macs(vmi).length,
    policy: 'two NICs have the same MAC address: give each its own',
  },
  bad_mac_text: {
    isWrong: (vmi) => macs(vmi).some((mac) => !/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac)),
    policy: 'has no pinned unicast MAC address',
  },
  multicast_mac: {
    isWrong: (vmi) => macs(vmi).some((mac) => (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1),
    policy: 'has no pinned unicast MAC address',
  },
  name64: { isWrong: ({ metadata }) => metadata.name.length > 63, policy: 'use at most 63 lower-case letters' },
  name63: {
    isWrong: ({ metadata }) => metadata.name.length > 63,
    why: 'it is right: as long as a host name may be',
  },
  name_upper: { isWrong: ({ metadata }) => !LABEL.test(metadata.name), policy: 'is no host name' },
  dup_iface_name: { isWrong: (vmi) => new Set(names(vmi)).size < names(vmi).length, why: FIXED },
  two_pod_networks: {
    isWrong: ({ spec }) => spec.networks.filter(({ pod }) => pod !== undefined).length > 1,
    why: FIXED,
  },
  iface_name_dot: { isWrong: (vmi) => names(vmi).some((name) => !/^[\w-]+$/.test(name)), why: FIXED },
  numa_without_hugepages: {
    isWrong: ({ spec }) => 'numa' in spec.domain.cpu && spec.domain.memory?.hugepages === undefined,
    asked: {
      vm: { dedicatedCPU: true },
      change: { numaPassthrough: true },
      says: /numaPassthrough needs dedicatedCPU and hugepages/,
    },
    schema: 'NUMA on ordinary pages',
  },
  hugepages_bad_size: {
    isWrong: ({ spec }) => !['2Mi', '1Gi', undefined].includes(spec.domain.memory?.hugepages?.pageSize),
    schema: 'huge pages of an odd size',
  },
  kernelboot_kernelargs_without_kernel: {
    isWrong: ({ spec: { domain } }) =>
      domain.firmware?.kernelBoot?.kernelArgs !== undefined &&
      domain.firmware.kernelBoot.container?.kernelPath === undefined,
    why: FIXED,
  },
  kernelboot_relpath: {
    isWrong: ({ spec: { domain } }) =>
      domain.firmware?.kernelBoot?.container !== undefined &&
      !/^\/(?!.*\.\.)/.test(domain.firmware.kernelBoot.container.kernelPath ?? ''),
    why: FIXED,
  },
  cpu_req_gt_limit: {
    isWrong: (vmi) =>
      Number(amounts(vmi)['requests']?.['cpu'] ?? 0) > Number(amounts(vmi)['limits']?.['cpu'] ?? Infinity),
    policy: 'requests and limits differ, KubeVirt could not make the pod',
  },
  dedicated_cpu_mismatch: {
    isWrong: (vmi) =>
      vmi.spec.domain.cpu['dedicatedCpuPlacement'] === true &&
      ['requests', 'limits'].some((kind) => 'cpu' in (amounts(vmi)[kind] ?? {})),
    why: 'CPUs of a VM are asked for by its cores alone: spec.vm has no resources',
  },
  unknown_field: {
    isWrong: ({ spec }) => Object.keys(spec).some((field) => !SPEC_FIELDS.includes(field)),
    why: FIXED,
  },
  userdata_and_secret: {
    isWrong: (vmi) => seeds(vmi).some((seed) => 'userData' in seed && 'secretRef' in seed),
    why: FIXED,
  },
  no_memory: {
    isWrong: ({ spec }) => spec.domain.memory?.guest === undefined,
    schema: 'VM memory that is no quantity',
  },
  bad_nadname: {
    isWrong: ({ spec }) =>
      spec.networks.some(({ multus }) => multus !== undefined && !/^bench\/[-a-z0-9.]+$/.test(multus.networkName)),
    schema: 'an attachment of another namespace',
    policy: 'an attachment is not of namespace',
  },
  networkinterfacemultiqueue_no_virtio: {
    isWrong: (vmi) =>
      vmi.spec.domain.devices.networkInterfaceMultiqueue === true &&
      nics(vmi).some(({ model = 'virtio' }) => model !== 'virtio'),
    why: FIXED,
  },
  bad_model: { isWrong: (vmi) => nics(vmi).some(({ model }) => model !== undefined && model !== 'virtio'), why: FIXED },
  guest_gt_limit__vmRolloutStrategy_Stage: {
    isWrong: ({ spec: { domain } }) =>
      bytes(domain.memory?.guest) > bytes(domain.resources?.limits?.['memory'] ?? '999999Gi'),
    policy: 'the guest has more memory than its limit: remove the limit',
  },
};

/** As recorded; of the one whose VM was not kept, another with what its message tells. */
function wrongVm(name: string): Vmi {
  const { vmi } = RECORDED.get(name) ?? {};
  if (vmi !== undefined) return vmi;
  const copy = structuredClone(RECORDED.get('name63')?.vmi) as Vmi;
  copy.spec.domain.resources = { limits: { memory: '512Mi' } };
  return copy;
}

/** VMs of every kind of guest in both modes, granted by the allocator, under the longest names that there are. */
function rendered(): Vmi[] {
  const name = trialName({
    experimentUid: 'u',
    experiment: 'E'.repeat(63),
    mode: 'M'.repeat(63),
    placement: 'CrossNode',
    pairs: 4,
    block: 99,
    attempt: 9,
  });
  const guests = [false, true].flatMap((dedicatedCPU) =>
    [undefined, '2Mi', '1Gi'].flatMap((hugepages) =>
      [undefined, 'runner:1'].flatMap((runnerDisk) =>
        [false, true].map((on) => ({
          vm: { image: 'g', cores: 2, memory: '1Gi', dedicatedCPU, multiqueue: on, hugepages, runnerDisk },
          change: { isolateEmulatorThread: on, numaPassthrough: on },
        })),
      ),
    ),
  );
  return guests.flatMap(({ vm, change }) =>
    (['Virtio', 'Passthrough'] as const).flatMap((type) => {
      const mode: Mode = { name: type.toLowerCase(), type, vm: change };
      const bed = testbed({ vm: JSON.parse(JSON.stringify(vm)) });
      if (guestFinding(bed, mode) !== null) return [];
      const { trial, endpoints } = new TrialWorld({ mode, spec: { pairs: 4 }, testbed: bed.spec });
      const named = endpoints.map((endpoint) => ({ ...endpoint, object: endpointObjectName(name, endpoint.name) }));
      return named.map((endpoint) => renderVm(trial, bed, mode, endpoint) as unknown as Vmi);
    }),
  );
}

const OURS = rendered();

test('every recorded VM has its row', () => {
  expect(Object.keys(ROWS).sort()).toEqual([...RECORDED.keys()].sort());
  expect(RECORDED.size).toBe(27);
});

describe.each(Object.entries(ROWS))('%s', (name, { isWrong, asked, schema, policy, why }) => {
  test('is a VM that we do not make', () => {
    expect(isWrong(wrongVm(name))).toBe(name !== 'name63');
    expect(OURS.length).toBeGreaterThan(100);
    expect(OURS.filter(isWrong)).toEqual([]);
  });

  test('cannot be asked for', () => {
    expect([asked, schema, policy, why].some((way) => way !== undefined)).toBe(true);
    if (asked !== undefined) {
      const { vm, change, says } = asked;
      const bed = testbed({
        vm: { image: 'g', cores: 2, memory: '1Gi', dedicatedCPU: false, multiqueue: false, ...vm },
      });
      expect(guestFinding(bed, { name: 'm', type: 'Virtio', vm: change })?.message).toMatch(says);
    }
    if (schema !== undefined)
      expect([...INVALID_TESTBEDS, ...INVALID_EXPERIMENTS].map((one) => one.name)).toContain(schema);
    if (policy !== undefined) expect(POLICIES).toContain(policy);
  });

  test("refused all the same: the Trial says so in KubeVirt's words", () => {
    const message = RECORDED.get(name)?.error ?? '';
    const world = new TrialWorld({ mode: { name: 'virtio', type: 'Virtio' } });
    world.settle();
    world.refused = { reason: 'AdmissionRefused', message };
    world.reconcile();
    expect(world.conditions()).toContain('Measured=False/AdmissionRefused');
    expect(world.message('Measured')).toBe(message);
    world.settle();
    world.vanish().settle();
    expect(world.message('Succeeded')).toBe(message);
  });
});
