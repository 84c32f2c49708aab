import { expect, test } from '@jest/globals';
import { collectorReach, collectorSlice } from './collectorAddress.ts';

const address = { namespace: 'vfbench-system', service: 'lab-collector', ip: '10.0.0.7', port: 7443 };

test("the slice is its Service's, and leads to one address", () => {
  expect(collectorSlice(address)).toMatchObject({
    metadata: {
      name: 'vfbench-collector',
      namespace: 'vfbench-system',
      labels: { 'kubernetes.io/service-name': 'lab-collector' },
    },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.0.0.7'], conditions: { ready: true } }],
    ports: [{ name: 'collector', port: 7443, protocol: 'TCP' }],
  });
});

test('IPv6', () => {
  expect(collectorSlice({ ...address, ip: 'fd00::7' })).toMatchObject({ addressType: 'IPv6' });
});

const { port: _, ...announced } = { ...address, ip: 'fd00::7' };

test.each<[string, string, typeof announced | null, string | null]>([
  ['the Service', 'https://lab-collector.vfbench-system.svc:7443', announced, 'fd00::7'],
  ['the Service in full', 'https://lab-collector.vfbench-system.svc.cluster.local:7443', announced, 'fd00::7'],
  ['the Service, shortly', 'https://lab-collector.vfbench-system', announced, 'fd00::7'],
  ['a Service of another namespace', 'https://lab-collector.vfbench-system-2.svc:7443', announced, null],
  ['another Service', 'https://lab-collector-2.vfbench-system.svc:7443', announced, null],
  ['a name that leads there otherwise', 'https://collector.example:7443', announced, null],
  ['the Service, which others fill', 'https://lab-collector.vfbench-system.svc:7443', null, null],
  ['an IPv4 address', 'https://10.0.2.2:7443', announced, '10.0.2.2'],
  ['an IPv6 address', 'https://[fd00::9]:7443', null, 'fd00::9'],
])('endpoints reach the collector by %s', (_title, url, service, expected) => {
  expect(collectorReach(url, service)).toBe(expected);
});
