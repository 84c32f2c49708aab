/**
 * Every way in which an endpoint of a Trial can fail, for each type of endpoint it can strike: what is done, and how the
 * Trial's end tells of it. `sandbox-parity.test.ts` of the integration tests plays them all, `sandbox-faults.test.ts` those
 * that need no endpoint that lies.
 */
import type { ModeType } from '../../../src/api/v1alpha1.ts';
import { ENDED } from './ended.ts';
import type { FaultCase, FaultRow } from './kinds.ts';
import { MEASURED } from './measured.ts';
import { STARTED } from './started.ts';

function caseOf(row: FaultRow, type: ModeType): FaultCase {
  const { types: _, reason, message, ...rest } = row;
  const of = <T extends string | RegExp>(value: T | Partial<Record<ModeType, T>>): T =>
    (typeof value === 'string' || value instanceof RegExp ? value : value[type]) as T;
  return { ...rest, type, experiment: `${row.name}-${type.toLowerCase()}`, reason: of(reason), message: of(message) };
}

/** One case per fault and type of endpoint. */
export const CASES: readonly FaultCase[] = [...STARTED, ...MEASURED, ...ENDED].flatMap((row) =>
  row.types.map((type) => caseOf(row, type)),
);

/** Those that the real programs do, in real pods and guests; no guest boots that a case does not need. */
export const REAL_CASES: readonly FaultCase[] = CASES.filter(({ type, played = [] }) => !played.includes(type)).map(
  (each) =>
    each.type !== 'Native' && each.guests !== undefined && each.switches !== undefined ? oneSided(each) : each,
);

/** The same with a pod as its client: the server's VM is struck, and none is beside it. */
function oneSided({ message, ...rest }: FaultCase): FaultCase {
  const told = new RegExp(message.source.replaceAll('client-0', 'server-0'));
  return { ...rest, endpoint: 'server-0', peer: 'Native', message: told };
}

/** True where guests boot, each of which takes all of a CPU for seconds where it is emulated. */
export const bootsGuests = ({ type, guests }: FaultCase): boolean => type !== 'Native' && guests !== 'None';

/** True where a case strikes the object of that name. */
export function strikes({ experiment, endpoint = 'client-0' }: FaultCase, object: string): boolean {
  return object.startsWith(`${experiment}-b0-`) && object.endsWith(`-${endpoint}`);
}
