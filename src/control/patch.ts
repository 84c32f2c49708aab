/** JSON merge patches (RFC 7386) between two plain values. Pure. */

export type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The patch that turns `from` into `to`; what `to` lacks is set to null. Fields that neither has are left
 * as they are on the server: so what a cache drops is not lost by a write.
 */
export function mergePatch(from: Json, to: Json): Json {
  const patch: Json = {};
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const [old, next] = [from[key], to[key]];
    if (next === undefined) {
      if (old !== undefined) patch[key] = null;
    } else if (isObject(old) && isObject(next)) {
      const inner = mergePatch(old, next);
      if (Object.keys(inner).length > 0) patch[key] = inner;
    } else if (JSON.stringify(old) !== JSON.stringify(next)) {
      patch[key] = next;
    }
  }
  return patch;
}
