import { describe, expect, test } from '@jest/globals';
import { latencyTest, MODES, reportData, SIZES, streamTest, type Study } from '../../../test/support/report/data.ts';
import { figuresOf } from './figures/all.ts';
import { htmlPage } from './html/page.ts';
import { buildReport } from './model.ts';

const KB = 1000;
const page = (study?: Study): string =>
  htmlPage(buildReport(reportData(study)), { digest: `sha256:${'a'.repeat(64)}` });
const long = (i: number): string => `${'long-'.repeat(12)}${i}`.slice(0, 63);
const longModes = MODES.map((mode, i) => ({ ...mode, name: long(i) }));

const STUDIES: Record<string, Study> = {
  'three modes': {},
  'one mode': { spec: { modes: MODES.slice(0, 1) } },
  'four modes, three numbers of pairs, 30 blocks': { spec: { modes: MODES, pairs: [1, 2, 4] }, blocks: 30 },
  'missing cells': { missing: ({ mode, block }) => mode === 'passthrough' || (mode === 'virtio' && block < 3) },
  'long names': { spec: { modes: longModes, baseline: long(0) } },
  'one block': { blocks: 1 },
  'nothing at all': { blocks: 0 },
  'sixteen modes': {
    spec: {
      modes: Array.from({ length: 16 }, (_, i) => ({ name: i === 0 ? 'native' : `m${i}`, type: 'Native' as const })),
      placements: ['CrossNode'],
    },
    blocks: 2,
  },
};

/** Texts and their places in a drawing, as far as the drawing says them itself. */
function texts(svg: string): { x: number; y: number }[] {
  return [...svg.matchAll(/<text x="([^"]+)" y="([^"]+)"/g)].map(([, x, y]) => ({ x: Number(x), y: Number(y) }));
}

describe.each(Object.entries(STUDIES))('page of %s', (_, study) => {
  const html = page(study);

  test('has no script and loads nothing', () => {
    expect(html).not.toMatch(/<script|javascript:|\son[a-z]+\s*=|<(?:link|iframe|object|embed|img|base|form)\b/i);
    expect(html).not.toMatch(/(?:src|href|srcset|action)\s*=\s*["']?(?!#)[^"'\s>]/i);
    expect(html).not.toMatch(/url\(|@import|https?:\/\//i);
    expect(html).toContain("default-src 'none'");
  });

  test('is well formed: every element is closed, every id unique and every link leads somewhere', () => {
    const open: string[] = [];
    const crossed: string[] = [];
    const isVoid = (name: string) => ['meta', '!doctype', 'br'].includes(name);
    for (const [, end, name = '', closed] of html.matchAll(/<(\/?)([a-z!][a-z0-9]*)[^>]*?(\/?)>/gi)) {
      if (closed === '/' || isVoid(name)) continue;
      if (end === '') open.push(name);
      else if (open.pop() !== name) crossed.push(name);
    }
    expect([open, crossed]).toEqual([[], []]);
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of html.matchAll(/ href="#([^"]+)"/g)) expect(ids).toContain(id);
  });

  test('can be used without eyes and without a mouse', () => {
    expect(html).toMatch(/<html lang="en">/);
    expect(html.match(/<h1>/g)).toHaveLength(1);
    expect(html.match(/<main /g)).toHaveLength(1);
    for (const [svg] of html.matchAll(/<svg [^>]*>/g)) expect(svg).toMatch(/role="img" aria-label="[^"]{20,}"/);
    expect(html.match(/<table>/g)?.length ?? 0).toBe(html.match(/<caption>/g)?.length ?? 0);
    for (const [scroll] of html.matchAll(/<div class="scroll"[^>]*>/g)) expect(scroll).toContain('tabindex="0"');
  });

  test('every row of a table is as wide as its head', () => {
    for (const [table] of html.matchAll(/<table>[\s\S]*?<\/table>/g)) {
      const rows = [...table.matchAll(/<tr[^>]*>(.*?)<\/tr>/g)].map(([, cells = '']) =>
        [...cells.matchAll(/<t[hd]\b(?:[^>]*? colspan="(\d+)")?/g)].reduce(
          (sum, [, span = '1']) => sum + Number(span),
          0,
        ),
      );
      expect(new Set(rows).size).toBe(1);
    }
  });

  test('draws nothing outside and no number that is none', () => {
    const report = buildReport(reportData(study));
    const figures = report.groups.flatMap((group) => figuresOf(report, group));
    const outside = figures.flatMap(({ svg }) => {
      const [, width = 0, height = 0] = /viewBox="0 0 (\S+) (\S+)"/.exec(svg)?.map(Number) ?? [];
      return texts(svg).filter(({ x, y }) => !(x >= 0 && x <= width && y >= 0 && y <= height));
    });
    expect(outside).toEqual([]);
    expect(figures.filter(({ svg }) => /NaN|Infinity|undefined/.test(svg))).toEqual([]);
  });
});

test('every kind of figure is there, each axis with its unit', () => {
  const report = buildReport(reportData({ spec: { pairs: [1, 2], modes: MODES } }));
  const kinds = new Set(report.groups.flatMap((group) => figuresOf(report, group)).map(({ kind }) => kind));
  expect(kinds).toEqual(new Set(['sweep', 'placement', 'pairs', 'forest', 'drift', 'distribution']));
  const html = page({ spec: { pairs: [1, 2] } });
  for (const title of [
    'Round trip, median (µs)',
    'Message size (B)',
    'Throughput at the receiver (Gb/s)',
    'Parallel streams',
    'From own median (%)',
    'Block (in order of time)',
  ])
    expect(html).toContain(title);
});

test('modes of one setting stand together below its name, and a reason below its row over all columns', () => {
  const html = page({ blocks: 3 });
  const [, rows = ''] =
    /<caption><span class="stay">latency: round trip, median.*?<tbody>\n([\s\S]*?)<\/tbody>/.exec(html) ?? [];
  const kinds = rows
    .trim()
    .split('\n')
    .slice(0, 7)
    .map((row) => row.replaceAll(/<[^>]*>/g, ' ').trim());
  expect(kinds[0]).toBe('16 B, CrossNode, 1 pair');
  expect(kinds.map((text) => /^\w+/.exec(text)?.[0])).toEqual([
    '16',
    'native',
    expect.anything(),
    'virtio',
    expect.anything(),
    'passthrough',
    expect.anything(),
  ]);
  expect(rows).toMatch(
    /<tr class="note"><td colspan="7"><span class="stay">3 blocks with both values, a 95 % interval needs/,
  );
  expect(html).not.toMatch(/<td class="why">3 blocks/);
});

test('a missing cell is named, not drawn as zero', () => {
  const html = page(STUDIES['missing cells']);
  expect(html).toContain('passthrough (no value)');
  expect(html).toContain('no trial has succeeded');
});

test('the page itself takes at most 150 kB: of a study without results hardly more than style and words', () => {
  expect(page({ blocks: 0 }).length).toBeLessThan(150 * KB);
  expect(page({ spec: { tests: [latencyTest('latency', SIZES.slice(0, 3)), streamTest()] } }).length).toBeLessThan(
    150 * KB,
  );
});

test('names, reasons and facts of users and guests stay text', () => {
  const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)> ' onload='x' ]]>&lt;\u0000\u001b[31m`;
  const data = reportData({
    blocks: 6,
    spec: { tests: [latencyTest('latency', [64, 128])], modes: MODES.slice(0, 3) },
  });
  const [first] = data.trials;
  const poisoned = JSON.parse(
    JSON.stringify(data)
      .replaceAll('"virtio"', JSON.stringify(evil))
      .replaceAll('"latency"', JSON.stringify(`latency${evil}`)),
  ) as typeof data;
  poisoned.experiment.name = evil;
  poisoned.ending = { succeeded: false, reason: evil, message: evil };
  poisoned.environment = evil;
  poisoned.nodes = { server: evil, client: evil };
  poisoned.startTime = evil;
  poisoned.fingerprints = { [`sha256:${evil}`]: [{ name: evil, value: evil }] };
  poisoned.trials.push({
    ...first!,
    name: evil,
    succeeded: false,
    reason: evil,
    message: evil,
    measurements: [],
    fingerprints: [{ digest: `sha256:${evil}`, node: evil, endpoints: [evil] }],
  });
  for (const trial of poisoned.trials)
    for (const m of trial.measurements) if (m.metric === 'rttP90') Object.assign(m, { reason: evil, value: undefined });
  const html = htmlPage(buildReport(poisoned), { digest: evil });
  expect(html).toContain('&lt;script&gt;');
  expect(html).not.toMatch(/<script|<img|(?![\t\n\r])\p{Cc}/u);
  for (const [tag] of html.matchAll(/<[a-z][^>]*>/gi))
    expect(tag.replaceAll(/"[^"]*"/g, '')).not.toMatch(/\son\w+|'|alert/);
});
