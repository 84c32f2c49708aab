/** A table of invalid objects: each is a valid one with one point changed. */

export interface InvalidCase {
  name: string;
  /** Where: fields and positions in lists, `spec.modes.0.name`. A list's length as position appends. */
  at: string;
  /** What is put there; undefined removes the field. */
  put: unknown;
  /** What the server says. */
  message: RegExp;
}

type Json = Record<string, unknown>;

/** A copy of `object` with one place changed. Throws where the way to the place does not exist. */
export function changed<T extends object>(object: T, at: string, put: unknown): T {
  const copy = structuredClone(object);
  const path = at.split('.');
  const last = path.pop() ?? '';
  let parent = copy as unknown as Json;
  for (const step of path) {
    const next = parent[step];
    if (typeof next !== 'object' || next === null) throw new Error(`${at}: nothing at ${step}`);
    parent = next as Json;
  }
  if (put === undefined) delete parent[last];
  else parent[last] = put;
  return copy;
}
