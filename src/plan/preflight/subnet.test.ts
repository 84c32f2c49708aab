import { expect, test } from '@jest/globals';
import { holder } from '../../../test/support/allocation.ts';
import { testbed } from '../../../test/support/builders.ts';
import { conditionsOf, statusOf } from '../../../test/support/preflight.ts';
import type { Pod } from '../observed.ts';

function pod(ip: string, phase = 'Running', hostNetwork = false): Pod {
  const { metadata, spec } = holder('web', 'node-a', {});
  return { metadata, spec: { ...spec, hostNetwork }, status: { phase, podIPs: [{ ip }] } };
}

const POD = 'spec.subnet 10.0.0.0/16 has the address 10.0.7.1 of pod web in it: take one that neither pods nor nodes';
const GUESTS =
  'spec.subnet 10.0.0.0/16 overlaps 10.0.2.0/24, which KubeVirt gives to the management NIC of every guest';

test.each<[string, string, Pod[], string[]]>([
  ['of its own', '10.0.3.0/24', [pod('10.0.7.1'), pod('10.0.2.255'), pod('')], []],
  ['with that of guests in it', '10.0.0.0/16', [pod('10.1.0.1')], [GUESTS]],
  ['within that of guests', '10.0.2.64/26', [], ['spec.subnet 10.0.2.64/26 overlaps 10.0.2.0/24']],
  [
    'of IPv6, with that of guests in it',
    'fd10::/32',
    [pod('fd11::1')],
    ['spec.subnet fd10::/32 overlaps fd10:0:2::/120'],
  ],
  ['with a pod in it', '10.0.4.0/22', [pod('10.0.7.1')], ['spec.subnet 10.0.4.0/22 has the address 10.0.7.1']],
  [
    "with a pod of the node's network in it",
    '10.0.4.0/22',
    [pod('10.0.7.1', 'Running', true)],
    ['spec.subnet 10.0.4.0/22 has the address 10.0.7.1'],
  ],
  ['with a pod in it that has ended', '10.0.4.0/22', [pod('10.0.7.1', 'Succeeded')], []],
  ['with both in it', '10.0.0.0/16', [pod('10.0.7.1')], [POD, GUESTS]],
])('a subnet %s', (_, subnet, pods, beginnings) => {
  const status = statusOf({ pods, testbed: testbed({ subnet }) });
  const found = (status.findings ?? []).filter(({ reason }) => reason === 'SubnetOverlaps');
  expect(found.map(({ severity, message }) => `${severity} ${message}`)).toEqual(
    beginnings.map((text) => expect.stringContaining(`Error ${text}`)),
  );
});

test('that of guests holds VMs alone', () => {
  const { vm: _, ...spec } = testbed({ subnet: '10.0.2.0/24' }).spec;
  expect(statusOf({ testbed: { ...testbed(), spec } }).findings).toEqual([]);
  expect(conditionsOf(statusOf({ testbed: testbed({ subnet: '10.0.2.0/24' }) }))).toEqual({
    Ready: 'False/SubnetOverlaps',
    NativeReady: 'True/Fit',
    VirtioReady: 'False/SubnetOverlaps',
    PassthroughReady: 'False/SubnetOverlaps',
  });
});
