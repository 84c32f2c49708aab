/** How long each part of the tests may take. */

export type Part = 'unit' | 'integration' | 'e2e';

/** Minutes; what hangs is a failure. */
export const PARTS: Readonly<Record<Part, number>> = { unit: 6, integration: 28, e2e: 35 };

/** Undefined on a cluster of the user's: nobody knows its machines, and each test there has a bound of its own. */
export function minutesOf(part: Part, target: string | undefined): number | undefined {
  return part === 'e2e' && target !== undefined ? undefined : PARTS[part];
}
