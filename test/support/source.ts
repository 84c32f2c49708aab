/** Reads TypeScript sources as far as the repository's own rules need: which modules are imported, and what is code. */

/** Before one of these a `/` divides; before anything else it opens a regular expression. */
const VALUE_END = /[\w$)\]}]/;
const KEYWORD_BEFORE_REGEX = /(?:^|[^\w$.])(?:return|typeof|case|of|in|do|else|void|await|yield)$/;
const OPENING = /\/\/|\/\*|['"`/{}]/g;

/** The source with comments gone and the content of strings, templates and regular expressions blanked; lines are kept. */
export function codeOf(source: string): string {
  return scan(source).code;
}

/** Specifiers of all modules that a source imports: `import`, `import type`, `export ... from`, `import(...)`. */
export function importsOf(source: string): string[] {
  const { code, strings } = scan(source);
  const found = [...code.matchAll(/(?<![.\w$])(?:from\s*|import\s*\(?\s*)(['"])(\d+)\1/g)];
  return found.map((match) => strings[Number(match[2])] ?? '');
}

interface Scan {
  /** Strings are replaced by their position in `strings`. */
  code: string;
  strings: string[];
}

function scan(source: string): Scan {
  const out: string[] = [];
  const strings: string[] = [];
  /** For each open brace: whether it belongs to a `${` of a template. */
  const braces: boolean[] = [];
  let at = 0;
  const keep = (end: number): void => {
    out.push(source.slice(at, end));
    at = end;
  };
  const drop = (end: number, instead: string): void => {
    out.push(instead + '\n'.repeat(source.slice(at, end).split('\n').length - 1));
    at = end;
  };
  const text = (): void => {
    const end = templateEnd(source, at + 1);
    drop(end, '``');
    if (source[end - 1] === '{') braces.push(true);
  };
  while (at < source.length) {
    OPENING.lastIndex = at;
    const found = OPENING.exec(source);
    if (found === null) break;
    keep(found.index);
    const token = found[0];
    if (token === '//') drop(endOf(source, '\n', at), '');
    else if (token === '/*') drop(endOf(source, '*/', at + 2) + 2, '');
    else if (token === '`') text();
    else if (token === '{') braces.push(false);
    else if (token === '}' && braces.pop() === true) {
      text();
      continue;
    } else if (token === "'" || token === '"') {
      const end = quoteEnd(source, at + 1, token);
      strings.push(source.slice(at + 1, end - 1));
      drop(end, `${token}${strings.length - 1}${token}`);
    } else if (token === '/' && opensRegex(out.join('').trimEnd())) drop(regexEnd(source, at + 1), '/./');
    if (at === found.index) keep(at + 1);
  }
  keep(source.length);
  return { code: out.join(''), strings };
}

function opensRegex(before: string): boolean {
  return !VALUE_END.test(before.at(-1) ?? '') || KEYWORD_BEFORE_REGEX.test(before.slice(-12));
}

function endOf(source: string, mark: string, from: number): number {
  const index = source.indexOf(mark, from);
  return index === -1 ? source.length : index;
}

function quoteEnd(source: string, from: number, quote: string): number {
  let at = from;
  while (at < source.length && source[at] !== quote) at += source[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** Behind the closing backtick, or behind the next `${`. */
function templateEnd(source: string, from: number): number {
  let at = from;
  while (at < source.length && source[at] !== '`') {
    if (source.startsWith('${', at)) return at + 2;
    at += source[at] === '\\' ? 2 : 1;
  }
  return at + 1;
}

function regexEnd(source: string, from: number): number {
  let at = from;
  let inClass = false;
  while (at < source.length && (inClass || source[at] !== '/')) {
    if (source[at] === '[') inClass = true;
    if (source[at] === ']') inClass = false;
    at += source[at] === '\\' ? 2 : 1;
  }
  return at + 1;
}
