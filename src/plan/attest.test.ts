import { describe, expect, test } from '@jest/globals';
import type { NicFacts, Registration } from '../api/protocol.ts';
import { attest, type ExpectedNic } from './attest.ts';

const NIC: NicFacts = {
  interface: 'eth1',
  mac: '02:00:00:00:00:01',
  driver: 'igbvf',
  bus: 'pci',
  pciAddress: '0000:01:10.4',
  mtu: 1500,
  address: '192.168.50.11/24',
};
const EXPECTED: ExpectedNic = { mode: 'Passthrough', mac: NIC.mac, mtu: 1500, address: NIC.address };

function judge(nic: Partial<NicFacts>, expected: Partial<ExpectedNic> = {}): string | null {
  const registration: Registration = { version: 1, nic: { ...NIC, ...nic }, kernel: '6', tools: {}, runner: '0' };
  const problem = attest(registration, { ...EXPECTED, ...expected });
  if (problem !== null) expect(problem.reason).toBe('WrongDataPath');
  return problem?.message ?? null;
}

const VIRTIO = { driver: 'virtio_net', bus: 'virtio' } as const;
const VETH = { driver: 'veth', bus: 'virtual', pciAddress: null } as const;

describe('attestation', () => {
  test.each([
    ['Passthrough', {}],
    ['Passthrough', { driver: 'mlx5_core' }],
    ['Passthrough', { driver: 'iavf' }],
    ['Virtio', VIRTIO],
    ['Native', VETH],
    ['Native', { driver: 'ixgbevf' }],
    ['Native', { driver: 'bridge', bus: 'virtual' }],
  ] as const)('%s accepts %j', (mode, nic) => expect(judge(nic, { mode })).toBeNull());

  test.each([
    ['Passthrough', VIRTIO, 'Data NIC eth1 has driver virtio_net on bus virtio; mode Passthrough expects'],
    ['Passthrough', { driver: 'e1000' }, 'Data NIC eth1 has driver e1000 on bus pci; mode Passthrough expects'],
    ['Passthrough', { driver: 'igbvf', bus: 'virtual' }, 'on bus virtual; mode Passthrough expects'],
    ['Virtio', {}, 'mode Virtio expects driver virtio_net on bus virtio'],
    ['Virtio', { driver: 'virtio_net', bus: 'pci' }, 'mode Virtio expects'],
    ['Native', VIRTIO, 'mode Native expects anything but virtio'],
    ['Native', { driver: 'virtio_net', bus: 'virtual' }, 'mode Native expects anything but virtio'],
  ] as const)('%s refuses %j', (mode, nic, message) => expect(judge(nic, { mode })).toContain(message));

  test.each([
    [{ mac: '02:00:00:00:00:02' }, 'has MAC 02:00:00:00:00:02; expected 02:00:00:00:00:01'],
    [{ mtu: 9000 }, 'has an MTU of 9000 bytes; expected 1500'],
    [{ address: '192.168.50.12/24' }, 'has address 192.168.50.12/24; expected 192.168.50.11/24'],
    [{ address: '192.168.50.11/16' }, 'has address 192.168.50.11/16; expected 192.168.50.11/24'],
    [{ address: '0.0.0.0/0' }, 'has address 0.0.0.0/0'],
  ])('refuses %j', (nic, message) => expect(judge(nic)).toContain(message));

  test('a VF that was granted to a pod is a PCI device', () => {
    const granted = { mode: 'Native', hasVf: true } as const;
    expect(judge(VETH, granted)).toBe(
      'Data NIC eth1 has driver veth on bus virtual; the VF that it was granted is on bus pci',
    );
    expect(judge(VIRTIO, granted)).toContain('mode Native expects anything but virtio');
    expect(judge({ driver: 'ixgbevf' }, granted)).toBeNull();
  });

  test('takes addresses and MACs for what they are, not for how they are written', () => {
    expect(judge({ mac: '02:00:00:00:00:0a' }, { mac: '02:00:00:00:00:0A' })).toBeNull();
    expect(judge({}, { address: '192.168.50.11' })).toBeNull();
    expect(judge({ address: 'fd00::1/64' }, { address: 'fd00:0:0::0001/64' })).toBeNull();
    expect(judge({ address: 'fd00::1/64' }, { address: 'fd00::2/64' })).toContain('fd00::2');
  });

  test('reads a MAC back where none was given', () => {
    const { mac: _, ...expected } = EXPECTED;
    const nic = { ...NIC, mac: '06:00:00:00:00:99' };
    expect(attest({ version: 1, nic, kernel: '6', tools: {}, runner: '0' }, expected)).toBeNull();
  });
});
