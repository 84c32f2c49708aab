/** Keys that a JSON document gives twice in one object: `JSON.parse` silently takes the last of them. */

const [QUOTE, COMMA, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN, CLOSE] = [0x22, 0x2c, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];
/** Objects with few keys are many, and a list is quicker than a set there. */
const FEW = 8;

interface Level {
  /** Null in a list. */
  keys: string[] | null;
  /** The keys again once there are many. */
  many: Set<string> | null;
  /** The key or the place that is being read. */
  current: string | number;
}

/**
 * The dotted path of the first key that stands twice in its object and that `allowed` does not take, or null. The text
 * must be valid JSON (`JSON.parse` took it). One pass, time proportional to the length.
 */
export function repeatedKey(text: string, allowed: (path: string) => boolean): string | null {
  const levels: Level[] = [];
  let level: Level | undefined;
  let awaitsKey = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) {
      const end = endOfString(text, index);
      const isAgain = awaitsKey && level !== undefined && isKnown(level, textOf(text, index, end));
      if (isAgain && !allowed(pathOf(levels))) return pathOf(levels);
      awaitsKey = false;
      index = end;
    } else if (code === COMMA && level !== undefined) {
      awaitsKey = level.keys !== null;
      if (typeof level.current === 'number') level.current++;
    } else if (code === OPEN || code === OPEN_LIST) {
      awaitsKey = code === OPEN;
      level = { keys: awaitsKey ? [] : null, many: null, current: 0 };
      levels.push(level);
    } else if (code === CLOSE || code === CLOSE_LIST) {
      levels.pop();
      level = levels.at(-1);
      awaitsKey = false;
    }
  }
  return null;
}

/** Goes on to a key: whether the object has it already; from now on it has. */
function isKnown(level: Level, key: string): boolean {
  const { keys, many } = level;
  level.current = key;
  if (keys === null) return false;
  if (many === null ? keys.includes(key) : many.has(key)) return true;
  if (many !== null) many.add(key);
  else if (keys.push(key) > FEW) level.many = new Set(keys);
  return false;
}

/** Index of the quote that closes the string opened at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
  return slashes % 2 === 1;
}

/** A key as it is meant: one written with escapes is the same key. */
function textOf(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end);
  return raw.includes('\\') ? String(JSON.parse(text.slice(start, end + 1))) : raw;
}

const pathOf = (levels: Level[]): string => levels.map(({ current }) => current).join('.');
