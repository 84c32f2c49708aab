/** Whether an end of a mode is a pod or the guest of a VM. */
import type { Mode } from '../api/v1alpha1.ts';

export type Role = 'server' | 'client';

/** A pod at both ends of a Native mode, and at the client's end of one with `peer: Native`; else a VM. */
export function isPodAt(mode: Pick<Mode, 'type' | 'peer'>, role: Role): boolean {
  return mode.type === 'Native' || (role === 'client' && mode.peer === 'Native');
}
