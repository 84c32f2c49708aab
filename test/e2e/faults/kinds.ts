/** What a fault is, in the table of all of them: what is done to which endpoint, and what must come of it. */
import type { ModeType } from '../../../src/api/v1alpha1.ts';
import type { Fault } from '../../../src/sandbox/agents/faults.ts';

/** What a runner does wrong; what is not told here it does right. */
export type Misdeed =
  | 'silent'
  | 'forges-token'
  | 'no-nic'
  | 'wrong-driver'
  | 'wrong-mac'
  | 'wrong-mtu'
  | 'no-tool'
  | 'tool-crash'
  | 'hangs'
  | 'ends-early'
  | 'garbage'
  | 'huge'
  | 'too-fast'
  | 'cut-off'
  | 'narrowed'
  | 'stalls';

/** What others do to an endpoint that runs. */
export type Deed = 'delete' | 'delete-launcher' | 'evict' | 'cut-wire';

/**
 * Which limits a Trial has. `Patient`: all so long that none is met on the busiest machine. `Placing`, `Starting`,
 * `Measuring`: that one wait is short, for faults that show by its end only. The others have the limits of `Placing`, and
 * something wrong with the Testbed itself: nodes that are full, an image that is not there, a quota.
 */
export type Limits = 'Patient' | 'Placing' | 'Starting' | 'Measuring' | 'Crowded' | 'WrongImage' | 'Quota';

export interface FaultRow {
  /** In a few words; with the type it names the Experiment. */
  name: string;
  types: readonly ModeType[];
  limits: Limits;
  /** Switches of the sandbox, on for the endpoint that is struck. */
  switches?: readonly Fault[];
  misdeed?: Misdeed;
  /** Types of which only a program that is played does the misdeed: no switch makes the real one do it. */
  played?: readonly ModeType[];
  deed?: Deed;
  /** The one that is struck; default client-0. Without effect where the Testbed is what is wrong. */
  endpoint?: 'server-0' | 'client-0' | 'client-1';
  pairs?: number;
  /** Guests that have to boot for it, where they are real: none, or the one that is struck. Default: those of both ends. */
  guests?: 'None' | 'Struck';
  /** It takes a minute and more, on whatever machine: told first. */
  long?: true;
  reason: string | Partial<Record<ModeType, string>>;
  message: RegExp | Partial<Record<ModeType, RegExp>>;
}

export interface FaultCase extends Omit<FaultRow, 'types' | 'reason' | 'message'> {
  /** Of the Experiment. */
  experiment: string;
  type: ModeType;
  /** The client is a pod, whatever the type. */
  peer?: 'Native';
  reason: string;
  message: RegExp;
}

export const ALL: readonly ModeType[] = ['Native', 'Virtio', 'Passthrough'];
export const VMS: readonly ModeType[] = ['Virtio', 'Passthrough'];
/** Those that hold a VF. */
export const VFS: readonly ModeType[] = ['Native', 'Passthrough'];
