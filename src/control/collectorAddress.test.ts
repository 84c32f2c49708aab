import { expect, test } from '@jest/globals';
import { collectorSlice } from './collectorAddress.ts';

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
