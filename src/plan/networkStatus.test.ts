import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { GrantedEndpoint } from '../api/v1alpha1.ts';
import { pod } from '../../test/support/builders.ts';
import { type Attached, attached } from './networkStatus.ts';
import type { Pod } from './observed.ts';

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`testdata/${name}.json`, import.meta.url), 'utf8')) as T;
const PODS = new Map(read<{ name: string; pod: Pod }[]>('pods').map((row) => [row.name, row.pod]));
const VMS = new Map(read<{ name: string; pod?: Pod }[]>('vms').map((row) => [row.name, row.pod]));
const STATUS = 'k8s.v1.cni.cncf.io/network-status';

const endpoint = (kind: GrantedEndpoint['kind'], attachment: string): GrantedEndpoint => ({
  name: 'server-0',
  kind,
  object: 'x',
  node: 'node-a',
  attachment,
  address: '192.0.2.1/24',
});

/** A recorded pod, with the data interface's name as we ask for it. */
function asOurs(name: string): Pod | undefined {
  const found = PODS.get(name);
  const text = found?.metadata.annotations?.[STATUS];
  if (found === undefined || text === undefined) return found;
  const annotations = { [STATUS]: text.replace('"interface": "net1"', '"interface": "data0"') };
  return { ...found, metadata: { ...found.metadata, annotations } };
}

describe('network-status, as Multus wrote it', () => {
  test.each<[string, Attached | null]>([
    ['srv', { mac: '86:92:b1:f7:19:91', pciAddress: '0000:01:10.6' }],
    ['waiter', { mac: '06:7f:bb:a8:a2:72', pciAddress: '0000:01:10.4' }],
    // A bridge has neither device nor MTU.
    ['br1', { mac: '02:00:00:00:12:01' }],
    // The network of the cluster only.
    ['e-noimage', null],
    ['e-wrongnad', null],
    ['fifth.pending', null],
  ])('of pod %s', (name, expected) => {
    expect(attached(asOurs(name), endpoint('Pod', 'sriov-net'))).toEqual(expected);
  });

  test.each<[string, string, Attached | null]>([
    ['running', 'vfio-net', { mac: expect.any(String) as unknown as string, pciAddress: '0000:01:11.4' }],
    ['running', 'other-net', null],
    ['unschedulable', 'vfio-net', null],
  ])('of the launcher of VM %s on %s', (name, attachment, expected) => {
    expect(attached(VMS.get(name), endpoint('VirtualMachineInstance', attachment))).toEqual(expected);
  });

  test('a PF that the device plugin tells', () => {
    const entry = {
      name: 'bench/x',
      interface: 'data0',
      'device-info': { pci: { 'pci-address': '0000:01:10.4', 'pf-pci-address': '0000:01:00.0' } },
    };
    const told = pod('p', { annotations: { [STATUS]: JSON.stringify([entry]) } });
    expect(attached(told, endpoint('Pod', 'x'))).toEqual({ pciAddress: '0000:01:10.4', pfPciAddress: '0000:01:00.0' });
  });

  test.each([
    'nonsense',
    '{}',
    '[1, null]',
    '[{"interface":"data0","mac":7,"device-info":"x"}]',
    '[{"interface":"data0","device-info":{"pci":{"pci-address":"../../etc"}}}]',
    `[${' '.repeat(70_000)}]`,
    `[${' '.repeat(64 * 1024)}{"interface":"data0","mac":"02:00:00:00:00:01"}]`,
  ])('rubbish claims nothing: %.60s', (text) => {
    expect(attached(pod('p', { annotations: { [STATUS]: text } }), endpoint('Pod', 'x')) ?? {}).toEqual({});
  });
});
