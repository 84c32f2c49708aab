import { describe, expect, test } from '@jest/globals';
import { testbed } from '../../../test/support/builders.ts';
import {
  nad,
  nads,
  sriovState,
  states,
  STATIC,
  statusOf,
  told,
  VFNET,
  VFVFIO,
} from '../../../test/support/preflight.ts';
import type { TestbedObserved } from './observed.ts';

/** What is broken, and all that the preflight says of it. */
type Case = [string, Partial<TestbedObserved>, string[]];

describe('networks', () => {
  test.each<Case>([
    [
      'missing',
      { attachments: new Map([...nads()].filter(([key]) => key !== 'bench/vf-vfio')) },
      [
        'Error AttachmentNotFound [passthrough]: network passthrough: there is no NetworkAttachmentDefinition bench/vf-vfio: create it (the namespace has br-data, vf-net)',
      ],
    ],
    [
      'no JSON',
      { attachments: nads(nad('br-data', '{"type":"bridge"')) },
      [
        "Error AttachmentInvalid [virtio]: network virtio: NetworkAttachmentDefinition bench/br-data: spec.config is no JSON (Expected ',' or '}' after property value in JSON at position 16 (line 1 column 17)): correct it",
      ],
    ],
    [
      'no type',
      { attachments: nads(nad('br-data', {})) },
      [
        'Error AttachmentInvalid [virtio]: network virtio: NetworkAttachmentDefinition bench/br-data: spec.config names no type of CNI plugin: correct it',
      ],
    ],
    [
      'an empty chain',
      { attachments: nads(nad('br-data', { plugins: [] })) },
      [
        'Error AttachmentInvalid [virtio]: network virtio: NetworkAttachmentDefinition bench/br-data: plugins of spec.config is empty: correct it',
      ],
    ],
    [
      'a chain that is none',
      { attachments: nads(nad('br-data', { plugins: 'bridge' })) },
      [
        'Error AttachmentInvalid [virtio]: network virtio: NetworkAttachmentDefinition bench/br-data: plugins of spec.config is no list of objects: correct it',
      ],
    ],
    [
      'a list',
      { attachments: nads(nad('br-data', '[]')) },
      [
        'Error AttachmentInvalid [virtio]: network virtio: NetworkAttachmentDefinition bench/br-data: spec.config is no JSON object: correct it',
      ],
    ],
    [
      'a file of the nodes',
      { attachments: nads(nad('br-data', '')) },
      [
        'Warning AttachmentUnreadable [virtio]: network virtio: NetworkAttachmentDefinition bench/br-data has no spec.config, Multus takes a file of each node instead, which is not judged: write it here',
      ],
    ],
    [
      'sriov without annotation',
      { attachments: nads(nad('vf-vfio', { type: 'sriov', vlan: 0 })) },
      [
        'Error ResourceUnknown [passthrough; Passthrough]: network passthrough for mode Passthrough: plugin sriov needs a VF, and Multus hands one over by annotation only: annotate NetworkAttachmentDefinition vf-vfio with k8s.v1.cni.cncf.io/resourceName',
      ],
    ],
    [
      'another resource in the Testbed',
      { testbed: testbed({ networks: [{ name: 'native', attachment: 'vf-net', resource: 'openshift.io/vfvfio' }] }) },
      [
        'Error ResourceMismatch [native; Native]: network native for mode Native: endpoints ask for openshift.io/vfvfio and the attachment takes openshift.io/vfnet, so no VF reaches it: remove resource in spec.networks, or correct one of them',
        'Warning PoolUnfit [native; Native]: network native for mode Native: openshift.io/vfvfio looks like a pool bound to vfio-pci, which gives no interface: use a netdevice pool if it is',
      ],
    ],
    [
      'pods without IPAM',
      { attachments: nads(nad('vf-net', { type: 'sriov', vlan: 0 }, VFNET)) },
      [
        'Error IPAMMissing [native; Native]: network native for mode Native: it has no IPAM, so that the data addresses of the Testbed do not reach pods: use "capabilities": {"ips": true}, "ipam": {"type": "static"}',
      ],
    ],
    [
      'pods without the capability ips',
      { attachments: nads(nad('vf-net', { type: 'sriov', vlan: 0, ipam: { type: 'static' } }, VFNET)) },
      [
        'Error IPAMMissing [native; Native]: network native for mode Native: it lacks the capability ips, so that the data addresses of the Testbed do not reach pods: use "capabilities": {"ips": true}, "ipam": {"type": "static"}',
      ],
    ],
    [
      'pods with another IPAM',
      {
        attachments: nads(
          nad('vf-net', { type: 'sriov', vlan: 0, ipam: { type: 'whereabouts', range: '10.1.0.0/24' } }, VFNET),
        ),
      },
      [
        'Error IPAMMissing [native; Native]: network native for mode Native: its IPAM is whereabouts, so that the data addresses of the Testbed do not reach pods: use "capabilities": {"ips": true}, "ipam": {"type": "static"}',
      ],
    ],
    [
      'IPAM under a bridge binding',
      { attachments: nads(nad('br-data', { type: 'bridge', bridge: 'b', ipam: { type: 'host-local' } })) },
      [
        "Error IPAMUnderVM [virtio; Virtio]: network virtio for mode Virtio: its IPAM host-local gives addresses that KubeVirt serves by DHCP under a bridge binding, beside the Testbed's: remove ipam from spec.config, guests set their own address",
      ],
    ],
    [
      'static IPAM under a bridge binding',
      { attachments: nads(nad('br-data', { type: 'bridge', bridge: 'b', ...STATIC })) },
      [
        'Error IPAMUnderVM [virtio; Virtio]: network virtio for mode Virtio: its IPAM static gets no address for a VM and fails (IPAM plugin returned missing IP config): remove ipam from spec.config, guests set their own address',
      ],
    ],
    [
      'static IPAM under passthrough',
      { attachments: nads(nad('vf-vfio', { type: 'sriov', vlan: 0, ...STATIC }, VFVFIO)) },
      [
        'Error IPAMUnderVM [passthrough; Passthrough]: network passthrough for mode Passthrough: its IPAM static gets no address for a VM and fails (IPAM plugin returned missing IP config): remove ipam from spec.config, guests set their own address',
      ],
    ],
    [
      'addresses that no guest uses',
      {
        attachments: nads(
          nad(
            'vf-vfio',
            { type: 'sriov', vlan: 0, ipam: { type: 'static', addresses: [{ address: '10.1.1.1/24' }] } },
            VFVFIO,
          ),
        ),
      },
      [
        'Warning IPAMUnderVM [passthrough; Passthrough]: network passthrough for mode Passthrough: its IPAM static gives addresses that nobody uses: remove ipam from spec.config, guests set their own address',
      ],
    ],
    ['an empty ipam is none', { attachments: nads(nad('vf-vfio', { type: 'sriov', vlan: 0, ipam: {} }, VFVFIO)) }, []],
    [
      'a bridge passed through',
      { testbed: testbed({ networks: [{ name: 'passthrough', attachment: 'br-data' }] }) },
      [
        'Error ResourceUnknown [passthrough; Passthrough]: network passthrough for mode Passthrough: no device resource is known for it: annotate NetworkAttachmentDefinition br-data with k8s.v1.cni.cncf.io/resourceName',
        'Error PluginUnfit [passthrough; Passthrough]: network passthrough for mode Passthrough: plugin bridge makes an interface in software and has no VF to pass through: use plugin sriov on a pool bound to vfio-pci',
      ],
    ],
    [
      'ipvlan bridged',
      { attachments: nads(nad('br-data', { type: 'ipvlan', master: 'eth1' })) },
      [
        'Error PluginUnfit [virtio; Virtio]: network virtio for mode Virtio: plugin ipvlan makes an interface that cannot be bridged to a guest: use plugin bridge without IPAM',
      ],
    ],
    [
      'a vfio pool for pods',
      {
        attachments: nads(nad('vf-net', { type: 'sriov', vlan: 0, ...STATIC }, VFVFIO)),
        sriovStates: states(sriovState('node-a'), sriovState('node-b')),
        testbed: testbed({ networks: [{ name: 'native', attachment: 'vf-net' }] }),
      },
      [
        'Error PoolUnfit [native; Native]: network native for mode Native: VFs of openshift.io/vfvfio are bound to vfio-pci and give no interface: use a pool with deviceType netdevice',
      ],
    ],
    [
      'what looks like a vfio pool, for pods',
      {
        attachments: nads(nad('vf-net', { type: 'sriov', vlan: 0, ...STATIC }, VFVFIO)),
        testbed: testbed({ networks: [{ name: 'native', attachment: 'vf-net' }] }),
      },
      [
        'Warning PoolUnfit [native; Native]: network native for mode Native: openshift.io/vfvfio looks like a pool bound to vfio-pci, which gives no interface: use a netdevice pool if it is',
      ],
    ],
    [
      'a netdevice pool passed through',
      { sriovStates: states(sriovState('node-a', { vfvfio: 'netdevice' }), sriovState('node-b', { vfvfio: '' })) },
      [
        'Error PoolUnfit [passthrough; Passthrough]: network passthrough for mode Passthrough: VFs of openshift.io/vfvfio are bound to a network driver: use a pool with deviceType vfio-pci',
      ],
    ],
    [
      'one pool for pods and VMs',
      { attachments: nads(nad('vf-vfio', { type: 'sriov', vlan: 0 }, VFNET)) },
      [
        'Error PoolShared [passthrough; Passthrough]: network passthrough for mode Passthrough: it takes VFs of openshift.io/vfnet, as network native does for pods, and a VF is bound to vfio-pci or to a network driver: give it a vfio-pci pool of its own',
      ],
    ],
    [
      'an MTU that is another',
      { attachments: nads(nad('br-data', { type: 'bridge', bridge: 'b', mtu: 1400 })) },
      [
        'Error MTUMismatch [virtio; Virtio]: network virtio for mode Virtio: its MTU is 1400 bytes and spec.link.mtu 1500: set "mtu": 1500 in spec.config, or correct spec.link.mtu',
      ],
    ],
    [
      'jumbo frames over a bridge that was not told',
      { testbed: testbed({ link: { bitsPerSecond: '10G', mtu: 9000 } }) },
      [
        'Error MTUMismatch [virtio; Virtio]: network virtio for mode Virtio: its MTU is 1500 bytes and spec.link.mtu 9000: set "mtu": 9000 in spec.config, or correct spec.link.mtu',
      ],
    ],
    [
      'a larger MTU under a guest is no harm',
      { attachments: nads(nad('br-data', { type: 'bridge', bridge: 'b', mtu: 9000 })) },
      [],
    ],
    [
      'a rate limit',
      { attachments: nads(nad('vf-vfio', { type: 'sriov', vlan: 0, max_tx_rate: 100 }, VFVFIO)) },
      [
        'Warning RateLimited [passthrough; Passthrough]: network passthrough for mode Passthrough: spec.config limits the rate to 100 Mb/s: modes on other networks are not limited so; remove max_tx_rate or the bandwidth plugin',
      ],
    ],
    [
      'a bandwidth plugin in the chain',
      {
        attachments: nads(
          nad('br-data', {
            plugins: [
              { type: 'bridge', bridge: 'b' },
              { type: 'bandwidth', ingressRate: 1000000000 },
            ],
          }),
        ),
      },
      [
        'Warning RateLimited [virtio; Virtio]: network virtio for mode Virtio: spec.config limits the rate to 1.00 Gb/s: modes on other networks are not limited so; remove max_tx_rate or the bandwidth plugin',
      ],
    ],
    [
      'a rate limit above the wire',
      { attachments: nads(nad('vf-vfio', { type: 'sriov', vlan: 0, max_tx_rate: 25000 }, VFVFIO)) },
      [],
    ],
    [
      'no vlan',
      { attachments: nads(nad('vf-vfio', { type: 'sriov' }, VFVFIO)) },
      [
        'Warning VLANLeftOver [passthrough; Passthrough]: network passthrough for mode Passthrough: spec.config names no vlan, so that a VF keeps the one of its last user: write "vlan": 0',
      ],
    ],
    [
      'a bridge without a name',
      { attachments: nads(nad('br-data', { type: 'bridge' })) },
      [
        'Warning BridgeUnnamed [virtio; Virtio]: network virtio for mode Virtio: spec.config names no bridge, so that it is cni0, which often is the pod network: write "bridge" and the name of one on the data NIC',
      ],
    ],
    [
      'a further network that is right for nothing',
      {
        testbed: testbed({ networks: [{ name: 'other', attachment: 'br-data' }] }),
        attachments: nads(nad('br-data', { type: 'ipvlan', master: 'eth1' })),
      },
      [
        'Error IPAMMissing [other; Native]: network other for mode Native: it has no IPAM, so that the data addresses of the Testbed do not reach pods: use "capabilities": {"ips": true}, "ipam": {"type": "static"}',
      ],
    ],
  ])('%s', (_, fields, expected) => {
    expect((statusOf(fields).findings ?? []).map(told)).toEqual(expected);
  });
});
