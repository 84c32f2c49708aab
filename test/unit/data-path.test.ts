/** The data path that end-to-end tests of any cluster demand: what is claimed to be measured, and nothing else, passes. */
import { expect, test } from '@jest/globals';
import type { EndpointFacts, ModeType, NetworkStatus } from '../../src/api/v1alpha1.ts';
import { wrongPath } from '../e2e/fixtures/data-path.ts';

type Found = Pick<EndpointFacts, 'driver' | 'bus'>;
const VETH: Found = { driver: 'veth', bus: 'virtual' };
const VIRTIO: Found = { driver: 'virtio_net', bus: 'virtio' };
const VF: Found = { driver: 'iavf', bus: 'pci' };
const E1000: Found = { driver: 'e1000', bus: 'pci' };

const network = (resource?: string): NetworkStatus => ({
  name: 'any',
  modes: [],
  ...(resource === undefined ? {} : { resource }),
});
const BRIDGE = network();
const POOL = network('intel.com/vfs');
const STAND_IN = network('sandbox.vfbench.io/vfnet');

test.each<[ModeType, NetworkStatus, Found, RegExp | null]>([
  ['Native', POOL, VF, null],
  ['Native', POOL, VETH, /the VF that intel.com\/vfs gives, on pci; the data NIC is veth on virtual/],
  ['Native', POOL, VIRTIO, /on pci/],
  ['Native', BRIDGE, VETH, null],
  ['Native', BRIDGE, VIRTIO, /anything but virtio/],
  ['Native', STAND_IN, VETH, null],
  ['Native', STAND_IN, VIRTIO, /veth on virtual/],
  ['Virtio', BRIDGE, VIRTIO, null],
  ['Virtio', BRIDGE, VF, /virtio_net on virtio/],
  ['Virtio', BRIDGE, E1000, /virtio_net on virtio/],
  ['Passthrough', POOL, VF, null],
  ['Passthrough', POOL, E1000, /a VF's driver on pci/],
  ['Passthrough', POOL, VIRTIO, /a VF's driver on pci/],
])('%s by %j: %j', (type, made, found, wrong) => {
  const told = wrongPath(type, made, found);
  if (wrong === null) expect(told).toBeNull();
  else expect(told).toMatch(wrong);
});
