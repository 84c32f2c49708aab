import { expect, test } from '@jest/globals';
import { FINGERPRINT_LIMITS, type Registration } from '../../api/protocol.ts';
import { fieldsOf } from './fields.ts';

const numbered = (count: number, prefix: string): [string, string][] =>
  Array.from({ length: count }, (_, i) => [`${prefix}${i}`, `${i}`]);

const registration = (fields: Partial<Registration>): Registration => ({
  version: 1,
  nic: { interface: 'data0', mac: '', driver: 'veth', bus: 'virtual', pciAddress: null, mtu: 1500, address: '' },
  kernel: '6.12',
  tools: { iperf3: '3.18', qperf: null },
  runner: '0.1.0',
  ...fields,
});

test('what an endpoint registered with and was made from, in order of the names', () => {
  const made = { 'testbed.vm.memory': '2Gi' };
  const { fingerprint } = { fingerprint: { 'cpu.model': 'x' } };
  expect(fieldsOf(registration({ fingerprint }), made).map(({ name, value }) => `${name}=${value}`)).toEqual([
    'cpu.model=x',
    'kernel.release=6.12',
    'nic.bus=virtual',
    'nic.driver=veth',
    'nic.mtu=1500',
    'runner.version=0.1.0',
    'testbed.vm.memory=2Gi',
    'tool.iperf3=3.18',
    'tool.qperf=missing',
  ]);
});

test('an endpoint cannot speak for the operator', () => {
  const fingerprint = { 'testbed.vm.memory': '64Gi', 'kernel.release': '1.0' };
  const values = new Map(
    fieldsOf(registration({ fingerprint }), { 'testbed.vm.memory': '2Gi' }).map(({ name, value }) => [name, value]),
  );
  expect([values.get('testbed.vm.memory'), values.get('kernel.release')]).toEqual(['2Gi', '6.12']);
});

test('as many as status holds; what the operator knows is among them, whatever an endpoint tells', () => {
  const fingerprint = Object.fromEntries(numbered(FINGERPRINT_LIMITS.fields, 'a.'));
  const tools = Object.fromEntries(numbered(16, 'tool'));
  const made = Object.fromEntries(numbered(30, 'testbed.'));
  const names = fieldsOf(registration({ fingerprint, tools }), made).map(({ name }) => name);
  expect(names).toHaveLength(160);
  expect(names.filter((name) => name.startsWith('testbed.'))).toHaveLength(30);
  expect(names.filter((name) => name.startsWith('tool.'))).toHaveLength(16);
});
