/** How a skipped test says why: at the end of its name, where the runner finds it again. Pure. */

const MARK = '[skipped: ';

/** Name of a test or suite that is skipped for `reason`. */
export function skippedName(name: string, reason: string): string {
  const line = (reason.split('\n')[0] ?? '').replaceAll('[', '(').replaceAll(']', ')');
  return `${name} ${MARK}${line}]`;
}

/** The reason in the full name of a skipped test; undefined where it gives none. */
export function reasonOf(fullName: string): string | undefined {
  const start = fullName.indexOf(MARK);
  if (start < 0) return undefined;
  const rest = fullName.slice(start + MARK.length);
  return rest.slice(0, rest.indexOf(']'));
}
