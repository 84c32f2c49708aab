/** Tests that cannot run on this machine: skipped with a reason that the runner lists, never passed. */
import { describe, test } from '@jest/globals';

const MARK = '[skipped: ';

/** Registers one test as skipped, with the reason why it cannot run here. */
export function skipReason(name: string, reason: string): void {
  test.skip(`${name} ${MARK}${oneLine(reason)}]`, () => {});
}

/** `describe` where `reason` is undefined; else every test inside counts as skipped for that reason. */
export function describeUnless(reason: string | undefined, name: string, body: () => void): void {
  if (reason === undefined) describe(name, body);
  else describe.skip(`${name} ${MARK}${oneLine(reason)}]`, body);
}

/** The reason in the full name of a skipped test; undefined where it gives none. */
export function reasonOf(fullName: string): string | undefined {
  const start = fullName.indexOf(MARK);
  if (start < 0) return undefined;
  const rest = fullName.slice(start + MARK.length);
  return rest.slice(0, rest.indexOf(']'));
}

const oneLine = (text: string): string => text.split('\n')[0]?.replaceAll(']', ')') ?? '';
