/** Against what real nodes and a real Multus were seen to hold. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { testbed } from '../../../test/support/builders.ts';
import { conditionsOf, fitNode, kubevirt, nodeMap, statusOf, told } from '../../../test/support/preflight.ts';
import type { ModeType } from '../../api/v1alpha1.ts';
import type { NetworkAttachment, Node } from '../observed.ts';
import { isError, MODE_TYPES } from './finding.ts';
import { judgeNetwork } from './networks.ts';

const read = (file: string): string => readFileSync(new URL(`testdata/${file}`, import.meta.url), 'utf8');
const recordedNode = (name: string): Node => JSON.parse(read(`node.${name}.json`)) as Node;
const attachments = new Map(
  parseAllDocuments(read('nads.yaml')).map((document) => {
    const nad = document.toJS() as NetworkAttachment;
    return [`bench/${nad.metadata.name}`, nad];
  }),
);

describe('attachments that were tried on a real node', () => {
  test.each<[string, ModeType[], string]>([
    ['sriov-net', ['Native'], ''],
    ['sriov-static-a', ['Passthrough'], ''],
    ['sriov-vlan100', ['Native'], ''],
    ['sriov-linkstate', ['Native'], ''],
    ['vfio-net', ['Virtio', 'Passthrough'], ''],
    ['vfio-static', ['Passthrough'], ''],
    ['bridge-net', ['Native'], ''],
    ['nobin', ['Virtio'], ''],
    ['badjson', [], 'AttachmentInvalid'],
    ['bad-ipam', ['Passthrough'], ''],
    ['sriov-mismatch', ['Virtio', 'Passthrough'], ''],
    ['sriov-noannot', [], 'ResourceUnknown'],
    ['emptyconfig', ['Native', 'Virtio', 'Passthrough'], ''],
    ['absent', [], 'AttachmentNotFound'],
  ])('%s carries %j', (attachment, expected, reason) => {
    const network = { name: 'x', attachment };
    const input = { testbed: testbed({ networks: [network] }), attachments };
    const errors = (type: ModeType): string[] =>
      judgeNetwork(input, network, type)
        .filter(isError)
        .map((one) => one.reason);
    expect(MODE_TYPES.filter((type) => errors(type).length === 0)).toEqual(expected);
    if (reason !== '') for (const type of MODE_TYPES) expect(errors(type)).toContain(reason);
  });
});

describe('a node over time', () => {
  const networks = [
    { name: 'native', attachment: 'sriov-net' },
    { name: 'passthrough', attachment: 'vfio-net' },
  ];
  const said = (name: string, extra: object = {}): string[] => {
    const nodes = nodeMap(recordedNode(name), fitNode('node-b'));
    const bed = testbed({ networks });
    const { vm: _vm, ...podsOnly } = bed.spec;
    const status = statusOf({ nodes, attachments, kubevirt: null, testbed: { ...bed, spec: podsOnly }, ...extra });
    return (status.findings ?? []).map(told);
  };
  const start =
    'Error InsufficientVFs [native]: network native takes openshift.io/vfnet, which no node of spec.nodes.server offers: node-a';

  test.each([
    [
      '0-before-dp',
      [expect.stringMatching(`^${start.replaceAll('[', '\\[')} does not know it and has no device resource: `)],
    ],
    ['1-vfs-dp', []],
    ['3-dp-stopped', [expect.stringContaining(`${start} has 0 of 4 left`)]],
    ['4-dp-stopped-6min', [expect.stringContaining(`${start} has 0: make VFs (sriov_numvfs), then restart`)]],
    ['7-dp-restarted-0vf', [expect.stringContaining(`${start} has 0 of 4 left`)]],
  ])('%s', (name, expected) => {
    expect(said(name)).toEqual(expected);
  });

  test('with virt-handler: VMs by emulation, since /dev/kvm was missing', () => {
    const nodes = nodeMap(recordedNode('8-kubevirt-handler'), fitNode('node-b'));
    const bed = testbed({ networks });
    const emulated = statusOf({ nodes, attachments, testbed: bed, kubevirt: [kubevirt({}, { useEmulation: true })] });
    expect(conditionsOf(emulated)).toMatchObject({ Ready: 'True/Fit', PassthroughReady: 'True/Fit' });
    const real = statusOf({ nodes, attachments, testbed: bed });
    expect(conditionsOf(real)).toMatchObject({ Ready: 'False/NoKVM', NativeReady: 'True/Fit' });
  });
});
