/** Ways to spoil a text. `harmless` ones touch no number, so that what a parser still reads must be the truth. */

/** Uniform in [0, 1). */
export type Random = () => number;

export interface Mutation {
  kind: string;
  /** Numbers of the text are as they were, or gone. */
  harmless: boolean;
  apply: (text: string, random: Random) => string;
}

const NOISE = [
  'x',
  'Q',
  '_',
  '"',
  '}',
  '{',
  ':',
  '=',
  '%',
  '\u0000',
  '\u001b',
  'é',
  '\ud800',
  '\r',
  '\t',
  ' ',
  '\n',
  '/',
];
const NUMBERS = [
  '-1',
  '0',
  '-0',
  '1e308',
  '1e999',
  'NaN',
  'Infinity',
  '0.000',
  '9'.repeat(40),
  '1e-320',
  '',
  'null',
  '{}',
];
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** Bytes that may belong to a number, or join two. */
const NUMERIC = /[0-9.,eE+-]/;

export const below = (random: Random, limit: number): number => Math.floor(random() * limit);
export const pick = <T>(random: Random, list: readonly T[]): T => list[below(random, list.length)] as T;

export const MUTATIONS: readonly Mutation[] = [
  { kind: 'cut', harmless: true, apply: (text, random) => text.slice(0, below(random, text.length)) },
  { kind: 'line deleted', harmless: true, apply: deleteLines },
  { kind: 'line doubled', harmless: true, apply: doubleLine },
  { kind: 'figure twice', harmless: false, apply: repeatFigure },
  { kind: 'bytes spoilt', harmless: true, apply: spoil },
  { kind: 'line elsewhere', harmless: false, apply: moveLine },
  { kind: 'any bytes', harmless: false, apply: flip },
  { kind: 'span deleted', harmless: false, apply: deleteSpan },
  { kind: 'number replaced', harmless: false, apply: replaceNumber },
  { kind: 'numbers swapped', harmless: false, apply: swapNumbers },
  { kind: 'garbage', harmless: false, apply: garbage },
];

function deleteLines(text: string, random: Random): string {
  const lines = text.split('\n');
  lines.splice(below(random, lines.length), 1 + below(random, 3));
  return lines.join('\n');
}

function doubleLine(text: string, random: Random): string {
  const lines = text.split('\n');
  const at = below(random, lines.length);
  return lines.toSpliced(at, 0, lines[at] ?? '').join('\n');
}

/** A line with a number stands once more, before or after itself, with another number. */
function repeatFigure(text: string, random: Random): string {
  const lines = text.split('\n');
  const at = below(random, lines.length);
  const line = lines[at] ?? '';
  const last = [...line.matchAll(NUMBER)].at(-1);
  if (last === undefined) return text;
  const after = line.slice(last.index + last[0].length);
  const comma = line.includes('":') && !after.endsWith(',') ? ',' : '';
  const other = `${line.slice(0, last.index)}${below(random, 10 ** 6)}${after}${comma}`;
  return lines.toSpliced(at + below(random, 2), 0, other).join('\n');
}

/** A line appears again elsewhere, where its number may mean something else. */
function moveLine(text: string, random: Random): string {
  const lines = text.split('\n');
  return lines.toSpliced(below(random, lines.length), below(random, 2), pick(random, lines)).join('\n');
}

/** Changes up to three bytes that are no part of a number, nor beside one, into others that are none. */
function spoil(text: string, random: Random): string {
  let result = text;
  for (let count = 1 + below(random, 3); count > 0; count--) {
    const at = below(random, result.length);
    if (/[0-9]/.test(result.slice(Math.max(0, at - 1), at + 2)) || NUMERIC.test(result[at] ?? '')) continue;
    result = result.slice(0, at) + pick(random, NOISE) + result.slice(at + 1);
  }
  return result;
}

function flip(text: string, random: Random): string {
  let result = text;
  for (let count = 1 + below(random, 4); count > 0; count--) {
    const at = below(random, result.length);
    result = result.slice(0, at) + String.fromCharCode(below(random, 256)) + result.slice(at + 1);
  }
  return result;
}

function deleteSpan(text: string, random: Random): string {
  const from = below(random, text.length);
  return text.slice(0, from) + text.slice(from + 1 + below(random, 40));
}

function replaceNumber(text: string, random: Random): string {
  const found = [...text.matchAll(NUMBER)];
  if (found.length === 0) return text;
  const { index, 0: old } = pick(random, found);
  const digits = `${below(random, 10 ** Math.min(9, old.length))}`;
  return text.slice(0, index) + (random() < 0.5 ? pick(random, NUMBERS) : digits) + text.slice(index + old.length);
}

function swapNumbers(text: string, random: Random): string {
  const found = [...text.matchAll(NUMBER)];
  if (found.length < 2) return text;
  const [a, b] = [pick(random, found), pick(random, found)].toSorted((x, y) => x.index - y.index);
  if (a === undefined || b === undefined || a.index === b.index) return text;
  const between = text.slice(a.index + a[0].length, b.index);
  return text.slice(0, a.index) + b[0] + between + a[0] + text.slice(b.index + b[0].length);
}

function garbage(_: string, random: Random): string {
  const length = below(random, 400);
  const alphabet = pick(random, ['{}[]",:0123456789e-', 'KEY=\n0123456789._', '->percentile <MIN>=.0\n', null]);
  return Array.from({ length }, () =>
    alphabet === null ? String.fromCharCode(below(random, 0x1_00_00)) : alphabet.charAt(below(random, alphabet.length)),
  ).join('');
}
