/**
 * Checks of untrusted values. A check returns a fresh value that holds what it knows and nothing else, or throws a
 * CheckError that names the place and what was expected there, never what was found.
 */

export type Check<T> = (value: unknown, path: string) => T;

export class CheckError extends Error {
  readonly path: string;

  constructor(path: string, expected: string) {
    super(`${path === '' ? 'document' : path}: expected ${expected}`);
    this.name = 'CheckError';
    this.path = path;
  }
}

/** A string of at most `max` UTF-16 units that matches `pattern`, where given. */
export function text(max: number, pattern?: RegExp): Check<string> {
  return (value, path) => {
    if (typeof value !== 'string' || value.length > max) throw new CheckError(path, `a string of at most ${max}`);
    if (pattern !== undefined && !pattern.test(value)) throw new CheckError(path, `a string like ${pattern.source}`);
    return value;
  };
}

/** A finite number from `min` to `max`. */
export function number(min: number, max: number): Check<number> {
  return (value, path) => {
    if (typeof value === 'number' && value >= min && value <= max) return value;
    throw new CheckError(path, `a number from ${min} to ${max}`);
  };
}

/** An integer from `min` to `max`, both within what a double holds exactly. */
export function integer(min: number, max: number): Check<number> {
  return (value, path) => {
    if (Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max) return Number(value);
    throw new CheckError(path, `an integer from ${min} to ${max}`);
  };
}

export const boolean: Check<boolean> = (value, path) => {
  if (typeof value === 'boolean') return value;
  throw new CheckError(path, 'true or false');
};

/** One of a few strings. */
export function oneOf<T extends string>(...allowed: readonly T[]): Check<T> {
  return (value, path) => {
    for (const one of allowed) if (one === value) return one;
    throw new CheckError(path, `one of ${allowed.join(', ')}`);
  };
}

export function nullable<T>(check: Check<T>): Check<T | null> {
  return (value, path) => (value === null ? null : check(value, path));
}

/** An array of at most `max` items. */
export function list<T>(max: number, item: Check<T>): Check<T[]> {
  return (value, path) => {
    if (!Array.isArray(value) || value.length > max) throw new CheckError(path, `a list of at most ${max}`);
    return value.map((one: unknown, index) => item(one, `${path}[${index}]`));
  };
}

/** An object of at most `max` entries whose keys match `key`. */
export function record<T>(max: number, key: RegExp, item: Check<T>): Check<Record<string, T>> {
  return (value, path) => {
    const entries = Object.entries(plain(value, path));
    if (entries.length > max) throw new CheckError(path, `at most ${max} entries`);
    return Object.fromEntries(
      entries.map(([name, one]) => {
        if (!key.test(name)) throw new CheckError(path, `keys like ${key.source}`);
        return [name, item(one, `${path}.${name}`)];
      }),
    );
  };
}

type Required<T> = { [K in keyof T as undefined extends T[K] ? never : K]: Check<T[K]> };
type Optional<T> = { [K in keyof T as undefined extends T[K] ? K : never]-?: Check<Exclude<T[K], undefined>> };

/** An object with these fields; others are dropped. `optional` ones may be absent. */
export function object<T extends object>(fields: Required<T>, optional?: Optional<T>): Check<T> {
  const checks = Object.entries<Check<unknown>>({ ...fields, ...optional });
  return (value, path) => {
    const source = plain(value, path);
    const kept: Record<string, unknown> = {};
    for (const [name, check] of checks) {
      const present = Object.hasOwn(source, name);
      if (!present && !(name in fields)) continue;
      kept[name] = check(present ? source[name] : undefined, path === '' ? name : `${path}.${name}`);
    }
    return kept as T;
  };
}

function plain(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new CheckError(path, 'an object');
  return value as Record<string, unknown>;
}
