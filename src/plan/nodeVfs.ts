/** What the SR-IOV network operator, where there is one, reports of a VF on its node: its PF, and its VLAN. */
import type { SriovNodeState } from './preflight/observed.ts';

export interface NodeVf {
  pfPciAddress: string;
  /** 0: none. As last polled by the operator, half a minute ago or so. */
  vlan: number;
}

const PCI_ADDRESS = /^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/;

/** Undefined where there is no such operator, or it knows no such VF. Addresses compare whatever their case. */
export function nodeVf(state: SriovNodeState | undefined, pciAddress: string | undefined): NodeVf | undefined {
  const wanted = pciAddress?.toLowerCase();
  if (wanted === undefined) return undefined;
  for (const { pciAddress: pf, Vfs } of state?.status?.interfaces ?? []) {
    const found = Vfs?.find((vf) => vf.pciAddress?.toLowerCase() === wanted);
    const pfPciAddress = pf.toLowerCase();
    if (found !== undefined && PCI_ADDRESS.test(pfPciAddress)) return { pfPciAddress, vlan: found.Vlan ?? 0 };
  }
  return undefined;
}
