/** The VMs that we render, as KubeVirt takes them: its recorded rules refuse none, and the launcher asks for what was granted. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { GrantedEndpoint, Mode, TestbedSpec } from '../../src/api/v1alpha1.ts';
import { guestFinding, guestOf } from '../../src/plan/render/guest.ts';
import { renderVm } from '../../src/plan/render/vm.ts';
import { renderLauncher } from '../../src/sandbox/agents/launcher.ts';
import { parseQuantity } from '../../src/sandbox/agents/quantity.ts';
import type { Vmi } from '../../src/sandbox/agents/vmi.ts';
import { withDefaults } from '../../src/sandbox/agents/vmi-defaults.ts';
import { refusals } from '../../src/sandbox/agents/vmi-refusals.ts';
import { testbed, trial } from '../support/builders.ts';

const RESOURCE = 'openshift.io/benchvfio';
const ENDPOINT: GrantedEndpoint = {
  name: 'server-0',
  kind: 'VirtualMachineInstance',
  object: 'vm',
  node: 'node-a',
  attachment: 'data-vfio',
  address: '192.168.50.11/24',
  mac: '02:00:00:00:01:01',
  managementMac: '02:00:00:00:00:01',
};

interface Case {
  vm: NonNullable<TestbedSpec['vm']>;
  mode: Mode;
  endpoint: GrantedEndpoint;
}

const pages = fc.constantFrom('2Mi' as const, '1Gi' as const);
const cases: fc.Arbitrary<Case> = fc
  .record({
    vm: fc.record(
      {
        image: fc.constant('guest:1'),
        cores: fc.integer({ min: 1, max: 256 }),
        memory: fc.constantFrom('64Mi', '1Gi', '1536Mi', '4Gi', 2 ** 31),
        dedicatedCPU: fc.boolean(),
        multiqueue: fc.boolean(),
        hugepages: pages,
        numaPassthrough: fc.boolean(),
        runnerDisk: fc.constant('runner:1'),
      },
      { requiredKeys: ['image', 'cores', 'memory', 'dedicatedCPU', 'multiqueue'] },
    ),
    change: fc.record(
      {
        hugepages: fc.oneof(pages, fc.constant('None' as const)),
        dedicatedCPU: fc.boolean(),
        numaPassthrough: fc.boolean(),
        isolateEmulatorThread: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
    type: fc.constantFrom('Virtio' as const, 'Passthrough' as const),
    hasDevice: fc.boolean(),
  })
  .map(({ vm, change, type, hasDevice }) => ({
    vm,
    mode: { name: 'm', type, vm: change },
    endpoint: hasDevice || type === 'Passthrough' ? { ...ENDPOINT, resource: RESOURCE } : ENDPOINT,
  }));

/** Runs `check` on every VM that admission of ours lets pass. */
function onEvery(check: (given: Case, vmi: Vmi) => void): void {
  fc.assert(
    fc.property(cases, (given) => {
      const bed = testbed({ vm: given.vm });
      if (guestFinding(bed, given.mode) !== null) return;
      check(given, renderVm(trial(), bed, given.mode, given.endpoint) as unknown as Vmi);
    }),
    { numRuns: 500 },
  );
}

describe('every VM that Testbed and mode can ask for', () => {
  test('is refused by none of the recorded rules of KubeVirt', () => {
    onEvery((_, vmi) => expect(refusals(vmi)).toEqual([]));
  });

  test('gets a launcher pod that asks for the VF granted, once, in requests and limits', () => {
    onEvery(({ endpoint }, vmi) => {
      const launcher = renderLauncher(withDefaults(vmi, new Date(0), 'uuid'));
      const [compute] = launcher.spec.containers;
      const wanted = endpoint.resource === undefined ? undefined : '1';
      expect([compute?.resources?.requests?.[RESOURCE], compute?.resources?.limits?.[RESOURCE]]).toEqual([
        wanted,
        wanted,
      ]);
    });
  });

  const launched = ({ vm, mode }: Case, vmi: Vmi) => ({
    guest: guestOf(testbed({ vm }), mode),
    pod: renderLauncher(withDefaults(vmi, new Date(0), 'uuid')).spec,
  });

  test('gets a launcher pod with the huge pages of its memory', () => {
    onEvery((given, vmi) => {
      const { guest, pod } = launched(given, vmi);
      const limits = pod.containers[0]?.resources?.limits ?? {};
      const asked = Object.entries(limits).filter(([name]) => name.startsWith('hugepages-'));
      const page = guest?.hugepages;
      const wanted = page === undefined ? [] : [[`hugepages-${page}`, parseQuantity(given.vm.memory)]];
      expect(asked.map(([name, amount]) => [name, parseQuantity(amount)])).toEqual(wanted);
    });
  });

  test('gets a Guaranteed launcher pod where it is pinned, with one CPU more where its emulator is isolated', () => {
    onEvery((given, vmi) => {
      const { guest, pod } = launched(given, vmi);
      if (guest?.dedicatedCPU !== true) return;
      const extra = guest.isolateEmulatorThread ? 1 : 0;
      expect(pod.containers[0]?.resources?.limits?.['cpu']).toBe(String(given.vm.cores + extra));
      for (const { resources } of [...pod.containers, ...(pod.initContainers ?? [])]) {
        for (const name of ['cpu', 'memory']) expect(resources?.requests?.[name]).toBe(resources?.limits?.[name]);
      }
    });
  });

  test('has its two NICs only, with the MACs that were pinned, and its node by name', () => {
    onEvery(({ mode }, { spec }) => {
      const { interfaces = [] } = spec.domain.devices;
      expect(interfaces.map(({ macAddress }) => macAddress)).toEqual(['02:00:00:00:00:01', '02:00:00:00:01:01']);
      expect(interfaces.map(({ masquerade, bridge, sriov }) => [masquerade, bridge, sriov])).toEqual([
        [{}, undefined, undefined],
        mode.type === 'Virtio' ? [undefined, {}, undefined] : [undefined, undefined, {}],
      ]);
      expect([spec.evictionStrategy, spec.terminationGracePeriodSeconds]).toEqual(['None', 0]);
      const launcher = renderLauncher(withDefaults({ spec, metadata: { name: 'vm' } } as Vmi, new Date(0), 'uuid'));
      expect(JSON.stringify(launcher.spec.affinity)).toContain(
        '"matchFields":[{"key":"metadata.name","operator":"In","values":["node-a"]}]',
      );
      expect(launcher.spec.nodeName).toBeUndefined();
    });
  });
});
