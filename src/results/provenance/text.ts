/** Differences in words. */
import type { Difference } from './differences.ts';

const LONGEST_VALUE = 60;
const MOST_VALUES = 3;

const short = (value: string): string =>
  value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE - 3)}...` : value;

/** `kernel.release of virtio, server on node node-a: 6.12.1, 6.12.2`. */
export function differenceText({ scope, field, values }: Difference): string {
  const more = values.length > MOST_VALUES ? ` and ${values.length - MOST_VALUES} more` : '';
  return `${field} of ${scope}: ${values.slice(0, MOST_VALUES).map(short).join(', ')}${more}`;
}
