/** What goes wrong with an endpoint before it measures, and how the Trial's end tells of it. */
import { expect } from '@jest/globals';
import type { Endpoint } from '../endpoint.ts';
import { liveWell } from '../good-life.ts';

/**
 * In seconds; short, for tests that wait for all of them. But all of the faults are told at once, and a busy machine needs
 * some seconds to place their endpoints and to take what they send.
 */
export const TIMEOUTS = { scheduleSeconds: 15, startSeconds: 20, marginSeconds: 10, cleanupSeconds: 10 };
const [SCHEDULE, START] = [`${TIMEOUTS.scheduleSeconds} s`, `${TIMEOUTS.startSeconds} s`];

export interface Fault {
  title: string;
  /** Also the Experiment's name. */
  name: string;
  mode?: 'Native' | 'Virtio' | 'Passthrough';
  /** Demanded of the mode; its trials are on one node. */
  pf?: 'Same' | 'Different';
  /** What the server does, where not as it should. */
  server?: (endpoint: Endpoint) => Promise<void>;
  /** What the client does; the server does as it should. Absent: both do as they should. */
  client?: (endpoint: Endpoint) => Promise<void>;
  reason: string;
  message: RegExp;
}

/** A VF in a pod. */
const VF = { driver: 'igbvf', bus: 'pci', pciAddress: '0000:01:10.4', pfPciAddress: '0000:01:00.0' };

const waiting = (reason: string, message: string): object => ({
  phase: 'Pending',
  containerStatuses: [
    { name: 'runner', image: 'x', imageID: '', ready: false, restartCount: 0, state: { waiting: { reason, message } } },
  ],
});

const nic = (change: object) => (endpoint: Endpoint) =>
  liveWell(endpoint, { registration: (r) => ({ ...r, nic: { ...r.nic, ...change } }) });

export const STARTING: readonly Fault[] = [
  {
    title: 'a pod that never reports in',
    name: 'mute-pod',
    client: (e) => e.run(),
    reason: 'RegistrationTimeout',
    message: new RegExp(String.raw`^client-0: \S+ runs, but did not report in within ${START}`),
  },
  {
    title: 'a VM that never reports in',
    name: 'mute-vm',
    mode: 'Virtio',
    client: (e) => e.run(),
    reason: 'BootTimeout',
    message: new RegExp(String.raw`^client-0: \S+ runs, but did not report in within ${START}`),
  },
  {
    title: 'a VM that never starts',
    name: 'no-vm',
    mode: 'Passthrough',
    client: async () => {},
    reason: 'LauncherMissing',
    message: new RegExp(
      String.raw`^client-0: VirtualMachineInstance \S+ was not placed on node node-b within ${SCHEDULE}: KubeVirt made no launcher`,
    ),
  },
  {
    title: 'an image that cannot be pulled',
    name: 'image',
    client: async (e) => {
      await e.bind();
      await e.status(waiting('ImagePullBackOff', 'Back-off pulling image "vfbench.io/runner:test"'));
    },
    reason: 'ImagePullFailed',
    message: new RegExp(
      String.raw`^client-0: ImagePullBackOff: Back-off pulling image "vfbench.io/runner:test" \(waited ${SCHEDULE}\)$`,
    ),
  },
  {
    title: 'a pod that no node takes',
    name: 'unschedulable',
    client: (e) => {
      const message = '0/2 nodes are available: 1 Insufficient example.com/vfnet, 1 node(s) had untolerated taint(s).';
      return e.status({ conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }] });
    },
    reason: 'Unschedulable',
    message:
      /^client-0: 0\/2 nodes are available: 1 Insufficient example.com\/vfnet, 1 node\(s\) had untolerated taint\(s\)\. \(/,
  },
  {
    title: 'a network that the CNI plugin cannot attach',
    name: 'sandbox',
    client: async (e) => {
      await e.bind();
      await e.event('FailedCreatePodSandBox', 'plugin type="sriov" failed (add): VF 0000:01:10.0 is in use');
    },
    reason: 'NetworkAttachFailed',
    message: /^client-0: plugin type="sriov" failed \(add\): VF 0000:01:10.0 is in use/,
  },
  {
    title: 'a volume that cannot be mounted',
    name: 'mount',
    client: async (e) => {
      await e.bind();
      await e.event('FailedMount', 'MountVolume.SetUp failed for volume "config" : secret "gone" not found');
    },
    reason: 'VolumeMountFailed',
    message: new RegExp(
      String.raw`^client-0: MountVolume\.SetUp failed for volume "config" : secret "gone" not found \(waited ${SCHEDULE}\)$`,
    ),
  },
  {
    title: 'a launcher pod that an injector gave two VFs',
    name: 'injector',
    mode: 'Passthrough',
    client: (e) => e.launcher({ 'example.com/vfvfio': '2' }),
    reason: 'InjectorConflict',
    message: /^client-0: Launcher pod virt-launcher-\S+ asks for 2 of example\.com\/vfvfio, granted is 1/,
  },
  {
    title: 'a VM that admission refuses',
    name: 'refused-vm',
    mode: 'Virtio',
    reason: 'AdmissionRefused',
    message:
      /^virtualmachineinstances.kubevirt.io "\S+-(client|server)-0" is forbidden: .*denied request: VMs of this Experiment want a licence$/,
  },
  {
    title: 'pods whose webhook does not answer',
    name: 'webhook',
    reason: 'CreationFailed',
    message: /^Internal error occurred: failed calling webhook "licence\.example\.com": .* connection refused$/,
  },
  {
    title: 'a name that somebody else took',
    name: 'taken',
    reason: 'NameTaken',
    message: /^Pod \S+-server-0 exists and belongs to somebody else: it is in the way, delete it$/,
  },
  {
    title: 'a pod that a user deletes before it reports in',
    name: 'lost-early',
    client: async (e) => {
      await e.run();
      await e.remove();
    },
    reason: 'EndpointLost',
    message: /^Pod \S+ (is gone|was deleted)/,
  },
  {
    title: 'a VM with the wrong driver',
    name: 'driver',
    mode: 'Virtio',
    client: nic({ driver: 'e1000', bus: 'pci' }),
    reason: 'WrongDataPath',
    message: /^client-0: Data NIC data0 has driver e1000 on bus pci; mode Virtio expects/,
  },
  {
    title: 'a VM with the wrong MAC',
    name: 'mac',
    mode: 'Passthrough',
    client: nic({ mac: '02:ff:ff:ff:ff:ff' }),
    reason: 'WrongDataPath',
    message: /^client-0: Data NIC data0 has MAC 02:ff:ff:ff:ff:ff; expected 02:/,
  },
  {
    title: 'a wrong MTU',
    name: 'mtu',
    client: nic({ mtu: 9000 }),
    reason: 'WrongDataPath',
    message: /^client-0: Data NIC data0 has an MTU of 9000 bytes; expected 1500$/,
  },
  {
    title: 'a rate limit that somebody left on a VF',
    name: 'vf-settings',
    client: nic({ ...VF, vf: { index: 2, vlan: 0, maxTxMbps: 100, minTxMbps: 0 } }),
    reason: 'VFSettingsLeft',
    message:
      /^client-0: VF 2 of its PF sends at most 100 Mbit\/s, asked is no limit: somebody left that behind; reset it/,
  },
  {
    title: 'one PF where two are demanded',
    name: 'one-pf',
    pf: 'Different',
    server: nic(VF),
    client: nic({ ...VF, pciAddress: '0000:01:10.6' }),
    reason: 'WrongPhysicalFunction',
    message: /^server-0 is on PF 0000:01:00\.0, client-0 on PF 0000:01:00\.0, and the mode wants pf: Different: make a/,
  },
  {
    title: 'a missing tool',
    name: 'tool',
    client: (e) => liveWell(e, { registration: (r) => ({ ...r, tools: { ...r.tools, iperf3: null } }) }),
    reason: 'ToolMissing',
    message: /^client-0: iperf3 is not in the image$/,
  },
  {
    title: 'an endpoint that says why it cannot go on',
    name: 'problem',
    client: async (e) => {
      await e.run();
      await e.post(await e.config(), '/v1/problem', { reason: 'NoDataNic', message: 'no interface data0' });
    },
    reason: 'NoDataNic',
    message: /^client-0: no interface data0$/,
  },
  {
    title: 'a wrong token',
    name: 'token',
    client: async (e) => {
      await e.run();
      const config = await e.config();
      const forged = { ...config, token: `${config.token.slice(0, -4)}AAAA` };
      expect(await e.post(forged, '/v1/register', {})).toMatchObject({ status: 401 });
    },
    reason: 'RegistrationTimeout',
    message: /^client-0: /,
  },
];
