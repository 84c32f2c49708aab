/** Whether an endpoint's data NIC is the one that the Trial's mode is about: traffic took the path it claims. */
import type { NicFacts, Problem, Registration } from '../api/protocol.ts';
import type { ModeType } from '../api/v1alpha1.ts';

export interface ExpectedNic {
  mode: ModeType;
  /** Whether a VF was moved into the pod: of mode Native. */
  hasVf?: boolean;
  /** Absent where the endpoint's MAC is read back, not given (pods). */
  mac?: string;
  /** Bytes. */
  mtu: number;
  /** With or without prefix length; without, the endpoint's is not looked at. */
  address: string;
}

/**
 * Kernel drivers that run virtual functions. A driver that is not here may belong to a NIC that the hypervisor
 * emulates (e1000, rtl8139, vmxnet3): a PCI device too, but not a passed through one.
 */
export const VF_DRIVERS: ReadonlySet<string> = new Set([
  'igbvf',
  'ixgbevf',
  'iavf',
  'i40evf',
  'fm10k',
  'idpf',
  'mlx4_core',
  'mlx5_core',
  'bnxt_en',
  'bnx2x',
  'qede',
  'cxgb4vf',
  'be2net',
  'enic',
  'nfp',
  'nfp_netvf',
  'sfc',
  'ionic',
  'hns3',
  'hinic',
  'rvu_nicvf',
  'nicvf',
  'octeon_ep_vf',
  'ena',
  'gve',
  'mana',
  'qlcnic',
  'liquidio_vf',
  'txgbevf',
  'ngbevf',
]);

/** Null where the data NIC is as expected, else `WrongDataPath` with what was expected and what was found. */
export function attest(registration: Registration, expected: ExpectedNic): Problem | null {
  const { nic } = registration;
  const mismatch = path(nic, expected) ?? identity(nic, expected);
  return mismatch === null ? null : { reason: 'WrongDataPath', message: mismatch };
}

function path(nic: NicFacts, { mode, hasVf = false }: ExpectedNic): string | null {
  const found = `Data NIC ${nic.interface} has driver ${nic.driver} on bus ${nic.bus}`;
  if (mode === 'Native') {
    if (isVirtio(nic)) return `${found}; mode Native expects anything but virtio`;
    return hasVf && nic.bus !== 'pci' ? `${found}; the VF that it was granted is on bus pci` : null;
  }
  if (mode === 'Virtio') {
    const right = nic.driver === 'virtio_net' && nic.bus === 'virtio';
    return right ? null : `${found}; mode Virtio expects driver virtio_net on bus virtio`;
  }
  const right = nic.bus === 'pci' && VF_DRIVERS.has(nic.driver);
  return right ? null : `${found}; mode Passthrough expects a virtual function's driver on bus pci`;
}

const isVirtio = (nic: NicFacts): boolean => nic.bus === 'virtio' || nic.driver === 'virtio_net';

function identity(nic: NicFacts, expected: ExpectedNic): string | null {
  const name = `Data NIC ${nic.interface}`;
  if (expected.mac !== undefined && nic.mac.toLowerCase() !== expected.mac.toLowerCase()) {
    return `${name} has MAC ${nic.mac}; expected ${expected.mac}`;
  }
  if (nic.mtu !== expected.mtu) return `${name} has an MTU of ${nic.mtu} bytes; expected ${expected.mtu}`;
  if (!sameAddress(nic.address, expected.address)) {
    return `${name} has address ${nic.address}; expected ${expected.address}`;
  }
  return null;
}

function sameAddress(found: string, expected: string): boolean {
  const [address = '', prefix] = found.split('/');
  const [wantedAddress = '', wantedPrefix] = expected.split('/');
  if (wantedPrefix !== undefined && prefix !== wantedPrefix) return false;
  return canonical(address) === canonical(wantedAddress);
}

/** IPv6 addresses are written in many ways; the URL parser knows the one of RFC 5952. */
function canonical(address: string): string {
  if (!address.includes(':')) return address;
  const url = `http://[${address}]/`;
  return URL.canParse(url) ? new URL(url).hostname : address;
}
