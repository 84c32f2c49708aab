import { describe, expect, test } from '@jest/globals';
import type { Mode } from '../api/v1alpha1.ts';
import { attachments, configuredAttachments, node } from '../../test/support/builders.ts';
import { VETH } from '../../test/support/documents.ts';
import { expectFailure, type Failure, PASSTHROUGH } from '../../test/support/trial-failures.ts';
import { type Setup, TrialWorld } from '../../test/support/trial-world.ts';
import type { SriovNodeState } from './preflight/observed.ts';
import { failureOf } from './trialFailure.ts';

const STATUS = 'k8s.v1.cni.cncf.io/network-status';
const [VF, PF] = ['0000:01:10.4', '0000:01:00.0'];
const VF_NIC = { driver: 'igbvf', bus: 'pci', pciAddress: VF } as const;
const SETTINGS = { index: 2, vlan: 0, maxTxMbps: 0, minTxMbps: 0 };

/** What Multus says of an endpoint's data network, in its pod or its launcher. */
function multus(w: TrialWorld, name: string, made: { mac?: string; pci?: string; pf?: string }): void {
  const { kind, object, attachment } = w.endpoint(name);
  const pod = w.pods.find(({ metadata }) => metadata.name.includes(object));
  const entry = {
    name: `bench/${attachment}`,
    interface: kind === 'Pod' ? 'data0' : 'pod3a6eb0790f3',
    ...(made.mac === undefined ? {} : { mac: made.mac }),
    'device-info': { type: 'pci', pci: { 'pci-address': made.pci, 'pf-pci-address': made.pf } },
  };
  if (pod !== undefined) pod.metadata = { ...pod.metadata, annotations: { [STATUS]: JSON.stringify([entry]) } };
}

const sameNode = (mode: Mode): Setup => ({ mode, spec: { placement: 'SameNode' } });

const WRONG: Failure[] = [
  {
    title: 'a pod whose VF is not the one that was attached',
    arrange: (w) => {
      multus(w.run(), 'server-0', { pci: '0000:01:10.6' });
      w.register('server-0', VF_NIC);
    },
    reason: 'WrongDataPath',
    message: /^server-0: Data NIC data0 is PCI device 0000:01:10\.4; Multus attached 0000:01:10\.6$/,
  },
  {
    title: 'a pod whose NIC is no device although a VF was attached',
    arrange: (w) => {
      multus(w.run(), 'client-0', { pci: VF });
      w.register('client-0', VETH);
    },
    reason: 'WrongDataPath',
    message: /^client-0: Data NIC data0 is no PCI device; Multus attached 0000:01:10\.4$/,
  },
  {
    title: 'a pod that was granted a VF and has another NIC, which Multus does not tell',
    arrange: (w) => {
      w.attachments = configuredAttachments();
      w.run().register('server-0', VF_NIC).register('client-0', VETH);
    },
    reason: 'WrongDataPath',
    message: /^client-0: Data NIC data0 has driver veth on bus virtual; the VF that it was granted is on bus pci$/,
  },
  {
    title: 'a pod whose NIC has another MAC than the one that was attached',
    arrange: (w) => {
      multus(w.run(), 'client-0', { mac: '02:00:00:00:00:aa' });
      w.register('client-0');
    },
    reason: 'WrongDataPath',
    message: /^client-0: Data NIC data0 has MAC 02:00:00:00:00:99; Multus attached one with 02:00:00:00:00:aa$/,
  },
  {
    title: 'a rate limit that somebody left on a VF',
    arrange: (w) => w.run().register('server-0', { ...VF_NIC, vf: { ...SETTINGS, maxTxMbps: 100 } }),
    reason: 'VFSettingsLeft',
    message:
      /^server-0: VF 2 of its PF sends at most 100 Mbit\/s, asked is no limit: somebody left that behind; reset it/,
  },
  {
    title: 'a VLAN that somebody left on a VF',
    setup: PASSTHROUGH,
    arrange: (w) => w.run().register('server-0', { vf: { ...SETTINGS, vlan: 100 } }),
    reason: 'VFSettingsLeft',
    message: /^server-0: VF 2 of its PF is in VLAN 100, asked is 0/,
  },
  {
    title: 'two PFs where one is demanded',
    setup: sameNode({ name: 'native', type: 'Native', pf: 'Same' }),
    arrange: (w) => {
      w.run();
      w.register('server-0', { ...VF_NIC, pfPciAddress: PF });
      w.register('client-0', { ...VF_NIC, pfPciAddress: '0000:01:00.1' });
    },
    reason: 'WrongPhysicalFunction',
    message: /^server-0 is on PF 0000:01:00\.0, client-0 on PF 0000:01:00\.1, and the mode wants pf: Same/,
  },
  {
    title: "a VM's PF that nobody tells",
    setup: sameNode({ name: 'passthrough', type: 'Passthrough', pf: 'Different' }),
    arrange: (w) => {
      w.run();
      for (const { name } of w.endpoints) multus(w, name, { pci: VF });
      // What a guest calls PF is one of its own.
      w.register('server-0', { pfPciAddress: PF }).register('client-0', { pfPciAddress: PF });
    },
    reason: 'PhysicalFunctionUnknown',
    message: /^Nobody tells the PF of server-0's VF 0000:01:10\.4, and the mode wants pf: Different/,
  },
];

test.each(WRONG)('$title: $reason', expectFailure);

describe('no failure', () => {
  const ready = (arrange: (w: TrialWorld) => void, setup?: Setup): TrialWorld => {
    const world = new TrialWorld(setup);
    world.settle();
    world.run();
    arrange(world);
    expect(failureOf(world.observed(), world.now)).toBeNull();
    return world;
  };

  test('settings that the attachment asks for', () => {
    ready((w) => {
      const config = JSON.stringify({ type: 'sriov', vlan: 100, max_tx_rate: 100 });
      const [key = '', nad] = [...attachments()].find(([name]) => name === 'bench/vf-net') ?? [];
      if (nad !== undefined) w.attachments = new Map([[key, { ...nad, spec: { config } }]]);
      w.register('server-0', { ...VF_NIC, vf: { ...SETTINGS, vlan: 100, maxTxMbps: 100 } });
    });
  });

  test('a NIC in software where no VF was granted', () => {
    ready((w) => {
      w.attachments = configuredAttachments();
      for (const endpoint of w.endpoints) delete endpoint.resource;
      w.register('client-0', VETH);
    });
  });

  test('a device that another plugin makes of its own', () => {
    ready((w) => {
      const config = JSON.stringify({ type: 'accelerated-bridge' });
      for (const [key, nad] of w.attachments) w.attachments.set(key, { ...nad, spec: { config } });
      w.register('client-0', VETH);
    });
  });

  test('an emulated VF has an address and no device', () => {
    ready((w) => {
      w.attachments = configuredAttachments();
      for (const name of ['node-a', 'node-b'])
        w.nodes.set(name, { ...node(name), metadata: { name, labels: { 'vfbench.io/environment': 'emulated' } } });
      multus(w, 'client-0', { pci: VF });
      w.register('client-0', VETH);
    });
  });
});

describe('what is written down', () => {
  test("a pod's VF, its PF and NUMA node; both on one PF", () => {
    const world = new TrialWorld(sameNode({ name: 'native', type: 'Native' }));
    world.settle();
    world.run();
    multus(world, 'server-0', { pci: VF });
    const nic = { ...VF_NIC, pfPciAddress: PF, numaNode: 1, vf: SETTINGS };
    world
      .register('server-0', nic)
      .register('client-0', { ...nic, pciAddress: '0000:01:10.6' })
      .settle();
    const { endpoints, physicalFunctions } = world.trial.status ?? {};
    expect(endpoints).toMatchObject([
      { name: 'server-0', hostPciAddress: VF, pfPciAddress: PF, numaNode: 1, vf: SETTINGS },
      { name: 'client-0', hostPciAddress: '0000:01:10.6', pfPciAddress: PF },
    ]);
    expect(physicalFunctions).toBe('Same');
  });

  test("a VM's VF on its node, by Multus' word, beside what the guest sees", () => {
    const world = new TrialWorld(PASSTHROUGH);
    world.settle();
    world.run();
    multus(world, 'server-0', { pci: VF, pf: PF });
    world.registerAll().settle();
    const [server, client] = world.trial.status?.endpoints ?? [];
    expect(server).toMatchObject({ pciAddress: '0000:06:00.0', hostPciAddress: VF, pfPciAddress: PF });
    expect(client).not.toHaveProperty('hostPciAddress');
    expect(world.trial.status?.physicalFunctions).toBeUndefined();
  });
});

describe('by the word of the SR-IOV network operator', () => {
  const OTHER = { VF: '0000:02:10.0', PF: '0000:02:00.0' };
  const PFS = [
    { pciAddress: PF, Vfs: [{ pciAddress: VF }, { pciAddress: '0000:01:10.6', Vlan: 100 }] },
    { pciAddress: OTHER.PF, Vfs: [{ pciAddress: OTHER.VF.toUpperCase() }] },
  ];
  const state = (name: string): SriovNodeState => ({ metadata: { name }, status: { interfaces: PFS } });

  /** Both ends report in; Multus tells their VFs, and no PF. */
  function reported(setup: Setup, [server, client]: [string, string], config?: object): TrialWorld {
    const world = new TrialWorld(setup);
    world.settle();
    world.run();
    for (const name of ['node-a', 'node-b']) world.sriovStates.set(name, state(name));
    if (config !== undefined)
      for (const [key, nad] of world.attachments)
        world.attachments.set(key, { ...nad, spec: { config: JSON.stringify(config) } });
    multus(world, 'server-0', { pci: server });
    multus(world, 'client-0', { pci: client });
    return world.registerAll();
  }
  const failure = (world: TrialWorld) => failureOf(world.observed(), world.now);
  const demands = (pf: 'Same' | 'Different'): Setup => sameNode({ name: 'passthrough', type: 'Passthrough', pf });

  test("a VM's PF is known, and whether both share one", () => {
    const world = reported(sameNode({ name: 'passthrough', type: 'Passthrough' }), [VF, OTHER.VF]);
    world.settle();
    expect(world.trial.status?.endpoints).toMatchObject([
      { name: 'server-0', hostPciAddress: VF, pfPciAddress: PF },
      { name: 'client-0', hostPciAddress: OTHER.VF, pfPciAddress: OTHER.PF },
    ]);
    expect(world.trial.status?.physicalFunctions).toBe('Different');
  });

  test.each([
    ['Different', OTHER.VF, null],
    ['Same', '0000:01:10.6', null],
    ['Same', OTHER.VF, /^server-0 is on PF 0000:01:00\.0, client-0 on PF 0000:02:00\.0, and the mode wants pf: Same/],
    ['Different', '0000:01:10.6', /^server-0 is on PF 0000:01:00\.0, client-0 on PF 0000:01:00\.0, .* pf: Different/],
  ] as const)('pf: %s with the client on %s', (pf, client, expected) => {
    const found = failure(reported(demands(pf), [VF, client]));
    if (expected === null) return expect(found).toBeNull();
    expect(found?.reason).toBe('WrongPhysicalFunction');
    expect(found?.message).toMatch(expected);
  });

  test('a VF that it does not know stays unknown', () => {
    expect(failure(reported(demands('Same'), [VF, '0000:05:10.0']))).toMatchObject({
      reason: 'PhysicalFunctionUnknown',
      message: expect.stringMatching(/^Nobody tells the PF of client-0's VF 0000:05:10\.0/),
    });
  });

  test('a VLAN left on a VF whose attachment names none', () => {
    const found = failure(reported(PASSTHROUGH, [VF, '0000:01:10.6'], { type: 'sriov' }));
    expect(found).toMatchObject({
      reason: 'VFSettingsLeft',
      message: expect.stringMatching(
        /^client-0: VF 0000:01:10\.6 of PF 0000:01:00\.0 is in VLAN 100 by its SriovNetworkNodeState, asked is none/,
      ),
    });
  });

  test.each([0, 200])('an attachment that names VLAN %i has set it since: its word is newer', (vlan) => {
    expect(failure(reported(PASSTHROUGH, [VF, '0000:01:10.6'], { type: 'sriov', vlan }))).toBeNull();
  });
});
