import { describe, expect, test } from '@jest/globals';
import { holder } from '../../../test/support/allocation.ts';
import { testbed } from '../../../test/support/builders.ts';
import { conditionsOf, statusOf } from '../../../test/support/preflight.ts';
import type { Pod } from '../observed.ts';

function pod(ips: string[], { hostNetwork = false, phase = 'Running' } = {}): Pod {
  const { metadata, spec } = holder(`p${ips.join()}`, 'node-a', {});
  return { metadata, spec: { ...spec, hostNetwork }, status: { phase, podIPs: ips.map((ip) => ({ ip })) } };
}
const { vm: _vm, ...podsOnly } = testbed().spec;

describe('addresses of the pod network', () => {
  test.each<[string, Pod[], boolean]>([
    ['IPv4', [pod(['10.0.0.1'])], true],
    ['both', [pod(['fd00::1', '10.0.0.1'])], true],
    ['both, on one node', [pod(['fd00::1']), pod(['10.0.0.1'])], true],
    ['no pods yet', [pod([])], true],
    ['pods of the node network alone', [pod(['fd00::1'], { hostNetwork: true })], true],
    ['IPv6', [pod(['fd00::1'])], false],
    ['IPv6, and IPv4 of the node', [pod(['fd00::1']), pod(['192.0.2.1'], { hostNetwork: true })], false],
    ['IPv6, and IPv4 of a pod that has ended', [pod(['fd00::1']), pod(['10.0.0.1'], { phase: 'Succeeded' })], false],
  ])('%s', (_, pods, isFit) => {
    const status = statusOf({ pods });
    const vms = isFit ? 'True/Fit' : 'False/NoManagementAddress';
    expect(conditionsOf(status)).toEqual({
      Ready: isFit ? 'True/Fit' : 'False/NoManagementAddress',
      NativeReady: 'True/Fit',
      VirtioReady: vms,
      PassthroughReady: vms,
    });
  });

  test('no matter without VMs', () => {
    const status = statusOf({ pods: [pod(['fd00::1'])], testbed: { ...testbed(), spec: podsOnly } });
    expect(status.findings).toEqual([]);
  });
});

describe('where the collector is', () => {
  const both = [pod(['fd00::1', '10.0.0.1'])];
  test.each<[string, string | null, Pod[], string | null]>([
    ['by a name', null, both, null],
    ['at an IPv4 address, though pods have IPv6 first', '10.96.0.7', both, null],
    ['at an IPv6 address', 'fd00::7', both, 'the collector has the IPv6 address fd00::7'],
    ['at an IPv6 address, of IPv4 pods', 'fd00::7', [pod(['10.0.0.1'])], 'the collector has the IPv6 address fd00::7'],
    ['at an IPv6 address, before there are pods', 'fd00::7', [], 'the collector has the IPv6 address fd00::7'],
    ['at an IPv6 address, of IPv6 pods', 'fd00::7', [pod(['fd00::1'])], 'pods on the nodes have IPv6 addresses only'],
  ])('%s', (_, collector, pods, beginning) => {
    const status = statusOf({ pods, collector });
    const vms = beginning === null ? 'True/Fit' : 'False/NoManagementAddress';
    expect(conditionsOf(status)).toEqual({
      Ready: vms,
      NativeReady: 'True/Fit',
      VirtioReady: vms,
      PassthroughReady: vms,
    });
    expect((status.findings ?? []).map(({ message }) => message)).toEqual(
      beginning === null ? [] : [expect.stringContaining(beginning)],
    );
  });

  test('no matter without VMs', () => {
    const status = statusOf({ collector: 'fd00::7', testbed: { ...testbed(), spec: podsOnly } });
    expect(status.findings).toEqual([]);
  });
});
