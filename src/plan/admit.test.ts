import { describe, expect, test } from '@jest/globals';
import type { ModeType, NodeSet } from '../api/v1alpha1.ts';
import { attachments, condition, experiment, node, nodes, testbed } from '../../test/support/builders.ts';
import { nad } from '../../test/support/preflight.ts';
import { admit, type AdmitInput } from './admit.ts';
import { candidates } from './candidates.ts';
import type { Node } from './observed.ts';

const input = (fields: Partial<AdmitInput> = {}): AdmitInput => ({
  experiment: experiment(),
  testbed: testbed(),
  nodes: nodes('node-a', 'node-b'),
  attachments: attachments(),
  ...fields,
});

/** `server/client`, or the reason and message of the refusal. */
function verdict(fields: Partial<AdmitInput> = {}): string {
  const admission = admit(input(fields));
  if (admission.admitted) return `${admission.nodes.server}/${admission.nodes.client}`;
  return `${admission.finding.reason}: ${admission.finding.message}`;
}

const labelled = (name: string, labels: Record<string, string>): [string, Node] => [
  name,
  { ...node(name), metadata: { name, labels } },
];
const unready = (name: string): [string, Node] => [
  name,
  { ...node(name), status: { conditions: [{ type: 'Ready', status: 'False' }] } },
];
const cordoned = (name: string): [string, Node] => [name, { ...node(name), spec: { unschedulable: true } }];
const bed = (server: NodeSet, client: NodeSet) => testbed({ nodes: { server, client } });
const names = (...all: string[]): NodeSet => ({ names: all });
const role = (value: string): NodeSet => ({ selector: { matchLabels: { role: value } } });
const ABC = nodes('node-a', 'node-b', 'node-c');
const SAME = experiment({ placements: ['SameNode'], modes: [{ name: 'native', type: 'Native' }] });

describe('the nodes', () => {
  const mixed = new Map([
    labelled('n3', { role: 'x' }),
    labelled('n1', { role: 'x' }),
    labelled('n2', { role: 'y' }),
    labelled('n4', {}),
  ]);

  test.each<[string, NodeSet, string[]]>([
    ['by name, as named', names('n2', 'n1', 'gone'), ['n2', 'n1']],
    ['by label, by name', role('x'), ['n1', 'n3']],
    ['by a label nobody has', role('z'), []],
    ['by no label at all: none', { selector: { matchLabels: {} } }, []],
    ['by nothing: none', {}, []],
  ])('candidates %s', (_, set, expected) => {
    expect(candidates(set, mixed).map(({ metadata }) => metadata.name)).toEqual(expected);
  });

  test.each<[ModeType, string, string]>([
    ['Virtio', 'where KubeVirt takes VMs', 'node-b/node-c'],
    ['Native', 'the first, whether or not KubeVirt takes VMs there', 'node-a/node-b'],
  ])('of %s alone: %s', (type, _, expected) => {
    const takesVms = { 'kubevirt.io/schedulable': 'true' };
    const all = names('node-a', 'node-b', 'node-c');
    const found = verdict({
      nodes: new Map([labelled('node-a', {}), labelled('node-b', takesVms), labelled('node-c', takesVms)]),
      testbed: bed(all, all),
      experiment: experiment({ modes: [{ name: type.toLowerCase(), type }], baseline: type.toLowerCase() }),
    });
    expect(found).toBe(expected);
  });

  test.each<[string, Partial<AdmitInput>, string]>([
    ['the first of each', {}, 'node-a/node-b'],
    ['never the same across nodes', { testbed: bed(names('node-a'), names('node-a', 'node-b')) }, 'node-a/node-b'],
    [
      'another server where the first leaves no client',
      { testbed: bed(names('node-a', 'node-b'), names('node-a')) },
      'node-b/node-a',
    ],
    [
      'none that is not Ready',
      {
        nodes: new Map([unready('node-a'), ...ABC.entries()].toReversed()),
        testbed: bed(names('node-a', 'node-b'), names('node-c')),
      },
      'node-b/node-c',
    ],
    [
      'none that is cordoned',
      { nodes: new Map([...ABC, cordoned('node-b')]), testbed: bed(names('node-a'), names('node-b', 'node-c')) },
      'node-a/node-c',
    ],
    ['one for both where nothing crosses nodes', { experiment: SAME }, 'node-a/node-a'],
    [
      'those chosen before',
      { nodes: ABC, experiment: { ...experiment(), status: { nodes: { server: 'node-c', client: 'node-a' } } } },
      'node-c/node-a',
    ],
    [
      'only those, once chosen',
      {
        nodes: new Map([...ABC, cordoned('node-c')]),
        experiment: { ...experiment(), status: { nodes: { server: 'node-c', client: 'node-a' } } },
      },
      'NodeUnavailable: Node node-c is cordoned: uncordon it, trials go on then',
    ],
    [
      'only those, also where one is gone: it may have been renamed',
      {
        nodes: nodes('node-a', 'node-b'),
        experiment: { ...experiment(), status: { nodes: { server: 'node-c', client: 'node-a' } } },
      },
      'NodeUnavailable: Node node-c is gone: bring it back under this name and trials go on; else create the Experiment anew, figures of different nodes are not mixed',
    ],
    [
      'none at all',
      { nodes: new Map() },
      'NodeUnavailable: Testbed lab has no ready server and client node that differ: check spec.nodes against kubectl get nodes',
    ],
  ])('%s', (_, fields, expected) => {
    expect(verdict(fields)).toBe(expected);
  });
});

describe('what is missing is named with what to do', () => {
  const passthrough = (modes: AdmitInput['experiment']['spec']['modes']) =>
    experiment({ modes, baseline: modes[0]?.name ?? '' });
  const VF = passthrough([{ name: 'vf', type: 'Passthrough' }]);
  const ISOLATED = passthrough([{ name: 'virtio', type: 'Virtio', vm: { isolateEmulatorThread: true } }]);
  const unannotated = new Map(
    [...attachments()].map(([key, nad]) => [key, { metadata: { ...nad.metadata, annotations: {} } }]),
  );
  const { vm: _vm, ...noVm } = testbed().spec;

  test.each<[string, Partial<AdmitInput>, RegExp]>([
    ['no Testbed', { testbed: null }, /^TestbedNotFound: There is no Testbed lab in namespace bench: create it/],
    [
      'Testbed not ready',
      { testbed: { ...testbed(), status: { conditions: [condition('Ready', 'False', { message: 'no node' })] } } },
      /^TestbedNotReady: Testbed lab: no node$/,
    ],
    ['Multus', { attachments: null }, /^AttachmentNotFound: .* install Multus$/],
    [
      'an attachment',
      { attachments: new Map() },
      /^AttachmentNotFound: Network native: there is no NetworkAttachmentDefinition bench\/vf-net: create it$/,
    ],
    [
      "the peer's network",
      {
        experiment: passthrough([{ name: 'v', type: 'Virtio', peer: 'Native' }]),
        testbed: testbed({ networks: [{ name: 'virtio', attachment: 'br-data' }] }),
      },
      /^NetworkNotFound: Mode v wants network native: Testbed lab has virtio;/,
    ],
    [
      "the client's network",
      { experiment: passthrough([{ name: 'v', type: 'Passthrough', clientNetwork: 'pf1' }]) },
      /^NetworkNotFound: Mode v wants network pf1: Testbed lab has native, virtio, passthrough;/,
    ],
    [
      "the device resource of the client's VF",
      { experiment: passthrough([{ name: 'v', type: 'Passthrough', clientNetwork: 'virtio' }]) },
      /^ResourceUnknown: Mode v passes a VF of network virtio through/,
    ],
    [
      "a client's pool that guests can own",
      {
        experiment: passthrough([{ name: 'v', type: 'Passthrough', clientNetwork: 'pf1' }]),
        testbed: {
          ...testbed({ networks: [...testbed().spec.networks, { name: 'pf1', attachment: 'pf1' }] }),
          status: {
            findings: [],
            nodes: [
              {
                name: 'node-a',
                roles: ['Server'],
                state: 'Ready',
                resources: [{ name: 'openshift.io/pf1', allocatable: 4, inUse: 0, device: 'Netdevice' }],
              },
            ],
          },
        },
        attachments: new Map([
          ...attachments(),
          ['bench/pf1', nad('pf1', { type: 'sriov', vlan: 0 }, 'openshift.io/pf1')],
        ]),
      },
      /^PoolUnfit: network pf1 for mode Passthrough: VFs of openshift\.io\/pf1 are bound to a network driver/,
    ],
    [
      'the device resource of a VF',
      { experiment: VF, attachments: unannotated },
      /^ResourceUnknown: Mode vf passes a VF of network passthrough through, .* annotate .* k8s\.v1\.cni\.cncf\.io\/resourceName$/,
    ],
    [
      'VMs',
      { experiment: VF, testbed: { ...testbed(), spec: noVm } },
      /^NoVMTemplate: Mode vf is a VM: give Testbed lab a spec\.vm$/,
    ],
    [
      'a guest that KubeVirt can start',
      { experiment: ISOLATED },
      /^InvalidVM: Mode virtio on Testbed lab: isolateEmulatorThread needs dedicatedCPU: set dedicatedCPU to true/,
    ],
    [
      'room in the subnet',
      { experiment: experiment({ pairs: [1, 8] }), testbed: testbed({ subnet: '10.0.0.0/29' }) },
      /^SubnetTooSmall: 8 pairs need 16 addresses, subnet 10\.0\.0\.0\/29 has 6/,
    ],
    [
      'room for one pair',
      { testbed: testbed({ subnet: '10.0.0.0/31' }) },
      /^SubnetTooSmall: 1 pair needs 2 addresses, /,
    ],
    ['a subnet', { testbed: testbed({ subnet: 'x' }) }, /^SubnetTooSmall: .* subnet x has 0/],
    [
      'VFs, on the node that has too few',
      {
        experiment: experiment({ pairs: [1, 4], modes: [{ name: 'vf', type: 'Passthrough' }] }),
        nodes: new Map([
          ['node-a', node('node-a')],
          ['node-b', node('node-b', { 'x/vfvfio': '3' })],
        ]),
      },
      /^InsufficientVFs: Mode vf \(CrossNode, 4 pairs\) needs 4 of x\/vfvfio on node node-b, which has 3/,
    ],
    [
      'VFs, both ends on one node',
      {
        experiment: experiment({ pairs: [3], placements: ['SameNode'], modes: [{ name: 'vf', type: 'Passthrough' }] }),
      },
      /^InsufficientVFs: Mode vf \(SameNode, 3 pairs\) needs 6 of x\/vfvfio on node node-a, which has 4/,
    ],
  ])('%s', (_, fields, expected) => {
    expect(verdict(fields)).toMatch(expected);
  });

  test('what a mode changes of the VM is held against the nodes', () => {
    const pinned = experiment({ modes: [{ name: 'native', type: 'Virtio', vm: { dedicatedCPU: true } }] });
    expect(verdict({ experiment: pinned })).toMatch(/^NodeCPUManager: Mode native: .*not so on node-a \(/);
  });

  test('a resource named in the Testbed needs no annotation', () => {
    const networks = [{ name: 'passthrough', attachment: 'vf-vfio', resource: 'x/vfvfio' }];
    expect(verdict({ experiment: VF, attachments: unannotated, testbed: testbed({ networks }) })).toBe('node-a/node-b');
  });
});
