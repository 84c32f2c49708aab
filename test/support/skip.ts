/** Tests that cannot run on this machine: skipped with a reason that the runner lists, never passed. */
import { describe, test } from '@jest/globals';
import { skippedName } from './skip-reason.ts';

/** Registers one test as skipped, with the reason why it cannot run here. */
export function skipReason(name: string, reason: string): void {
  test.skip(skippedName(name, reason), () => {});
}

/** `describe` where `reason` is undefined; else every test inside counts as skipped for that reason. */
export function describeUnless(reason: string | undefined, name: string, body: () => void): void {
  if (reason === undefined) describe(name, body);
  else describe.skip(skippedName(name, reason), body);
}
