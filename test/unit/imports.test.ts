/** Who may import what: the table of docs/architecture.md against the real imports, and what the pure folders may use. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { skipReason } from '../support/skip.ts';
import { codeOf, importsOf } from '../support/source.ts';

const ROOT = join(import.meta.dirname, '../..');
const SRC = join(ROOT, 'src');

/** Folders and top-level files of src/ that a folder may import, itself aside. Tests are free. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  api: [],
  results: ['api'],
  plan: ['api', 'results'],
  kube: ['log'],
  control: ['kube', 'plan', 'api', 'results', 'log'],
  collector: ['api', 'results', 'log'],
  web: ['api', 'results', 'log'],
  runner: ['results', 'api'],
  cli: ['kube', 'plan', 'api', 'results', 'web', 'log'],
  sandbox: ['kube', 'api', 'log', 'scripts/build'],
  main: ['kube', 'plan', 'control', 'api', 'results', 'collector', 'web', 'config', 'log'],
  config: [],
  log: [],
};

/** Packages by who may import them; node: modules are free outside of the pure folders. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@kubernetes/client-node': ['kube'],
  undici: ['kube', 'sandbox'],
  pino: ['log'],
  '@peculiar/x509': ['collector', 'sandbox'],
  'reflect-metadata': ['collector', 'sandbox'],
  yaml: ['kube', 'sandbox', 'cli'],
};

const PURE = ['api', 'results', 'plan'];
const IMPURE: readonly [string, RegExp][] = [
  ['the clock', /\bDate\s*\.\s*now\b|\bnew\s+Date\s*(?:\(\s*\)|[^\w\s(])|(?<!new\s+)\bDate\s*\(|\bperformance\b/],
  ['randomness', /\bMath\s*\.\s*random\b|\bcrypto\b/],
  ['async', /\basync\b|\bawait\b|\bPromise\b/],
  ['timers', /\bset(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b/],
  ['the process', /\bprocess\s*[.[]|\bglobalThis\b|\bfetch\s*\(|\bconsole\b/],
];
const MAX_LINES = 300;
const GENERATED = 'api/v1alpha1.ts';

interface Source {
  /** Below src/, such as `plan/render/pod.ts`. */
  path: string;
  /** First folder, or the name of a file directly in src/. */
  part: string;
  text: string;
}

const partOf = (path: string): string => (path.split('/')[0] ?? '').replace(/\.ts$/, '');

const all: Source[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.includes('node_modules'))
  .map((path) => ({ path, part: partOf(path), text: readFileSync(join(SRC, path), 'utf8') }));
const sources = all.filter(({ path }) => !isTest(path));

/** Test files, and folders that serve tests only. */
function isTest(path: string): boolean {
  return path.endsWith('.test.ts') || /(?:^|\/)(?:testing|testdata)\//.test(path);
}

/** What a relative import reaches: a part of src/, or a path outside of it without its ending. */
function target(from: string, specifier: string): string {
  const path = relative(SRC, join(SRC, dirname(from), specifier));
  return path.startsWith('..') ? path.replace(/^(?:\.\.\/)+/, '').replace(/\.ts$/, '') : partOf(path);
}

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

describe('imports', () => {
  test('every part of src/ has a line in the table', () => {
    expect([...new Set(sources.map(({ part }) => part))].filter((part) => !(part in MAY_IMPORT))).toEqual([]);
  });

  test.each(Object.entries(MAY_IMPORT))('%s imports only itself and [%s]', (part, allowed) => {
    const wrong = sources
      .filter((source) => source.part === part)
      .flatMap(({ path, text }) => importsOf(text).map((specifier) => ({ path, specifier })))
      .filter(({ specifier }) => specifier.startsWith('.'))
      .filter(({ path, specifier }) => ![part, ...allowed].includes(target(path, specifier)));
    expect(wrong).toEqual([]);
  });

  test('packages are imported by those they are for', () => {
    const wrong = sources
      .flatMap(({ path, part, text }) => importsOf(text).map((specifier) => ({ path, part, specifier })))
      .filter(({ specifier }) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
      .filter(({ part, specifier }) => !(PACKAGES[packageOf(specifier)] ?? []).includes(part));
    expect(wrong).toEqual([]);
  });

  test('imports of files end in .ts, and nothing but tests imports what serves tests', () => {
    const wrong = sources
      .flatMap(({ path, text }) => importsOf(text).map((specifier) => ({ path, specifier })))
      .filter(({ specifier }) => specifier.startsWith('.'))
      .filter(({ specifier }) => !/\.(?:ts|json)$/.test(specifier) || isTest(specifier));
    expect(wrong).toEqual([]);
  });

  const page = readOr(join(ROOT, 'docs/architecture.md'));
  const documented = 'the table of docs/architecture.md says the same';
  if (page === null) skipReason(documented, 'the page does not exist');
  else
    test(documented, () => {
      const rows = tableRows(page);
      expect(rows.flatMap(({ parts }) => parts)).toEqual(
        expect.arrayContaining(['plan', 'results', 'kube', 'sandbox']),
      );
      expect(rows.filter(({ parts, allowed }) => parts.some((part) => !same(allowed, MAY_IMPORT[part])))).toEqual([]);
    });
});

describe.each(PURE)('%s is pure', (part) => {
  const own = sources.filter((source) => source.part === part);

  test('no module of Node', () => {
    const wrong = own.flatMap(({ path, text }) =>
      importsOf(text)
        .filter((specifier) => specifier.startsWith('node:'))
        .map((specifier) => `${path}: ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  test.each(IMPURE)('no use of %s', (_, pattern) => {
    const wrong = own.flatMap(({ path, text }) =>
      codeOf(text)
        .split('\n')
        .map((line, index) => ({ line, at: `${path}:${index + 1}` }))
        .filter(({ line }) => pattern.test(line))
        .map(({ line, at }) => `${at}: ${line.trim()}`),
    );
    expect(wrong).toEqual([]);
  });
});

test(`no file has more than ${MAX_LINES} lines`, () => {
  const long = all
    .filter(({ path }) => path !== GENERATED)
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > MAX_LINES);
  expect(long).toEqual([]);
});

function readOr(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** Rows `| folders | what they may import |` whose folders are all in the table; all but single words is remarks. */
function tableRows(page: string): { parts: string[]; allowed: string[] }[] {
  const words = (cell = ''): string[] =>
    cell
      .replaceAll(/\([^)]*\)|`/g, '')
      .split(',')
      .map((word) => word.trim())
      .filter((word) => /^\w+$/.test(word));
  return page
    .split('\n')
    .filter((line) => /^\| *`?\w+`?(?:, `?\w+`?)* *\|[^|]*\|$/.test(line))
    .map((line) => line.split('|').slice(1, -1))
    .map(([parts, allowed]) => ({ parts: words(parts), allowed: words(allowed) }))
    .filter(({ parts }) => parts.every((part) => part !== 'main' && part in MAY_IMPORT));
}

function same(documented: readonly string[], held: readonly string[] = []): boolean {
  const folders = held.filter((name) => !name.includes('/'));
  return JSON.stringify(documented.toSorted()) === JSON.stringify(folders.toSorted());
}
