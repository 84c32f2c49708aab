/** Objects whose every string tries to become markup. */

/** Set on the window by a payload that ran. */
export const MARK = 'pwned';
export const PAYLOAD = `"'><img src=/pwned onerror="window.${MARK}=1"><script>window.${MARK}=1;fetch('/pwned')</script><svg onload="window.${MARK}=1"></style></script><!--`;

/** A copy with the payload behind every string of it, enumerations and keys aside that decide where it is shown. */
export function evil<T>(value: T, key = ''): T {
  if (typeof value === 'string') return (KEPT.has(key) ? value : `${value}${PAYLOAD}`) as T;
  if (Array.isArray(value)) return value.map((item) => evil(item as unknown, key)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, evil(of as unknown, name)])) as T;
}

const KEPT = new Set(['kind', 'namespace', 'uid', 'type', 'status', 'creationTimestamp']);
