/** Attachments of pods: what Multus makes of annotations and NADs, and the words in which it refuses. */
import { describe, expect, test } from '@jest/globals';
import { CniError, loadDelegates, type PodDevice, sandboxFailure, selections } from './multus.ts';
import { attachmentStatus, defaultStatus, formatStatus, networkInfo, parseStatus } from './network-status.ts';
import type { NetworkAttachment, Pod } from './objects.ts';
import { testdata } from './testdata.testing.ts';
import type { Vmi } from './vmi.ts';

function podWith(networks: string): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'p',
      namespace: 'bench',
      uid: 'ae1b0111-80a6-4b2e-958f-d41a6587ae9a',
      annotations: { 'k8s.v1.cni.cncf.io/networks': networks },
    },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  };
}

function nad(config: string | undefined, resource?: string): NetworkAttachment {
  const annotations = resource === undefined ? {} : { 'k8s.v1.cni.cncf.io/resourceName': resource };
  const spec = config === undefined ? {} : { config };
  return {
    apiVersion: 'k8s.cni.cncf.io/v1',
    kind: 'NetworkAttachmentDefinition',
    metadata: { name: 'n', annotations },
    spec,
  };
}

const STATIC = { capabilities: { ips: true, mac: true }, ipam: { type: 'static' } };
const NADS: Record<string, NetworkAttachment> = {
  'bench/sriov-net': nad(JSON.stringify({ name: 'sriov-net', type: 'sriov', ...STATIC }), 'openshift.io/vfnet'),
  'bench/vfio-net': nad(JSON.stringify({ name: 'vfio-net', type: 'sriov', ipam: {} }), 'openshift.io/vfvfio'),
  'bench/bridge-net': nad(JSON.stringify({ name: 'bridge-net', type: 'bridge', mtu: 9000, ...STATIC })),
  'bench/nobin': nad(JSON.stringify({ name: 'nobin', type: 'ovs' })),
  'bench/badjson': nad('{"cniVersion":"1.0.0","name":"badjson","type":"bridge"'),
  'bench/emptyconfig': nad(undefined),
  'bench/list': nad(JSON.stringify({ name: 'list', plugins: [{ type: 'bridge' }, { type: 'tuning' }] })),
};
const VF: PodDevice = { resource: 'openshift.io/vfnet', driver: 'netdevice', address: '0000:01:10.4' };
const VFIO: PodDevice = { resource: 'openshift.io/vfvfio', driver: 'vfio', address: '0000:01:11.2' };

function load(networks: string, devices: PodDevice[] = []): ReturnType<ReturnType<typeof loadDelegates>[number]>[] {
  return loadDelegates(podWith(networks), { attachment: (key) => NADS[key], devices }).map((each) => each());
}

function refusal(networks: string, devices: PodDevice[] = []): string {
  try {
    load(networks, devices);
  } catch (error) {
    if (error instanceof CniError) return sandboxFailure('8c73', error);
    throw error;
  }
  return 'none';
}

describe('selections', () => {
  test.each([
    ['vfio-net', { name: 'vfio-net', namespace: 'bench', interface: 'net1' }],
    ['other/vfio-net@data0', { name: 'vfio-net', namespace: 'other', interface: 'data0' }],
    ['[{"name":"a","interface":"data0"}]', { name: 'a', namespace: 'bench', interface: 'data0' }],
  ])('reads %s', (text, selection) => {
    expect(selections(podWith(text))).toEqual([selection]);
  });

  test('numbers interfaces that have no name', () => {
    expect(selections(podWith('a, b')).map((each) => each.interface)).toEqual(['net1', 'net2']);
    expect(selections(podWith(''))).toEqual([]);
  });
});

describe('loadDelegates', () => {
  test('gives each VF to one attachment of its resource, in order', () => {
    const second = { ...VF, address: '0000:01:10.6' };
    const list =
      '[{"name":"sriov-net","ips":["10.0.0.1/24"]},{"name":"vfio-net"},{"name":"sriov-net","ips":["10.0.0.2/24"]}]';
    const made = load(list, [VF, VFIO, second]);
    expect(made.map(({ device }) => device?.address)).toEqual(['0000:01:10.4', '0000:01:11.2', '0000:01:10.6']);
    expect(made.map(({ addresses }) => addresses)).toEqual([['10.0.0.1/24'], [], ['10.0.0.2/24']]);
  });

  test('takes the first plugin of a list, and an MTU', () => {
    expect(load('list')).toMatchObject([{ type: 'bridge', configName: 'list' }]);
    expect(load('[{"name":"bridge-net","ips":["10.0.0.1/24"],"mac":"02:00:00:00:12:01"}]')).toMatchObject([
      { mtu: 9000 },
    ]);
  });

  const UID = 'ae1b0111-80a6-4b2e-958f-d41a6587ae9a';
  const head =
    'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "8c73": ';
  const prefix = `${head}plugin type="multus" name="multus-cni-network" failed (add): `;
  const delegates =
    `Multus: [bench/p/${UID}]: error loading k8s delegates k8s args: TryLoadPodDelegates: ` +
    'error in getting k8s network for pod: GetNetworkDelegates: failed getting the delegate: ';
  const adding = (name: string): string => `[bench/p/${UID}:${name}]: error adding container to network "${name}": `;

  test.each([
    [
      'nosuch-net',
      `${delegates}getKubernetesDelegate: cannot find a network-attachment-definition (nosuch-net) in namespace (bench): network-attachment-definitions.k8s.cni.cncf.io "nosuch-net" not found`,
    ],
    ['sriov-net', `${adding('sriov-net')}SRIOV-CNI failed to load netconf: LoadConf(): VF pci addr is required`],
    ['nobin', `${adding('nobin')}failed to find plugin "ovs" in path [/opt/cni/bin /opt/cni/bin]`],
    ['bridge-net', `${adding('bridge-net')}IPAM plugin returned missing IP config`],
    [
      'badjson',
      `${delegates}GetCNIConfig: err in getCNIConfigFromSpec: failed to unmarshal Spec.Config: unexpected end of JSON input`,
    ],
    [
      'emptyconfig',
      `${delegates}GetCNIConfig: err in GetCNIConfigFromFile: No networks found in /etc/cni/multus/net.d`,
    ],
    [
      '[{"name":',
      `Multus: [bench/p/${UID}]: error loading k8s delegates k8s args: parsePodNetworkAnnotation: failed to parse pod Network Attachment Selection Annotation JSON format: unexpected end of JSON input`,
    ],
  ])('refuses %s in the recorded words', (networks, words) => {
    expect(refusal(networks)).toBe(`${prefix}${words}`);
  });

  test('refuses a MAC on a netdevice VF, and takes it on one for a VM', () => {
    const mac = '02:00:00:00:00:02';
    expect(refusal(`[{"name":"sriov-net","ips":["10.0.0.1/24"],"mac":"${mac}"}]`, [VF])).toContain(
      `failed to set netlink MAC address to ${mac}: cannot assign requested address`,
    );
    expect(refusal(`[{"name":"vfio-net","mac":"${mac}"}]`, [VFIO])).toBe('none');
  });
});

describe('network-status', () => {
  test.each([
    [
      'pod-done',
      '[{"name":"sriov-net","ips":["192.168.100.11/24"]}]',
      VF,
      '06:7f:bb:a8:a2:72',
      ['10.244.0.38', '06:7c:c4:5c:a8:a0'],
    ],
    ['pod-vfio1', 'vfio-net', VFIO, '0a:c0:cc:90:29:ee', ['10.244.0.28', 'aa:58:63:94:97:96']],
    [
      'pod-br1',
      '[{"name":"bridge-net","ips":["192.168.120.1/24"],"mac":"02:00:00:00:12:01"}]',
      null,
      '02:00:00:00:12:01',
      ['10.244.0.30', '0a:7d:e1:a3:0f:2f'],
    ],
  ] as const)('of %s is written to the letter', (...[file, networks, device, mac, [ip, podMac]]) => {
    const recorded = testdata<Pod>(`${file}.json`).metadata.annotations?.['k8s.v1.cni.cncf.io/network-status'];
    const [delegate] = load(networks, device === null ? [] : [device]);
    if (delegate === undefined) throw new Error('no attachment');
    const entries = [defaultStatus(ip, podMac), attachmentStatus(delegate, { mac, mtu: 1500 })];
    expect(formatStatus(entries)).toBe(recorded);
    expect(parseStatus(recorded)).toEqual(entries);
  });

  test('is nothing where it is no JSON', () => {
    expect(parseStatus('{')).toEqual([]);
    expect(parseStatus(undefined)).toEqual([]);
  });

  test("becomes KubeVirt's network-info as recorded", () => {
    const pod = testdata<Pod>('pod-guest-sriov.5-scheduled.json');
    const vmi = testdata<Vmi>('vmi-guest-sriov.5-scheduled.json');
    const status = parseStatus(pod.metadata.annotations?.['k8s.v1.cni.cncf.io/network-status']);
    expect(networkInfo(vmi, status)).toBe(pod.metadata.annotations?.['kubevirt.io/network-info']);
  });
});
