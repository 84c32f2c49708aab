import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { reportData } from '../../../test/support/report/data.ts';
import { buildReport } from '../report/model.ts';
import { FORMATS, render } from '../report/render.ts';
import { canonicalData, decode, encode, SealError } from './encode.ts';
import { cut, INDEX_FORMAT, join, MOST_SHARDS, parseIndex, SHARD_BYTES, type SealIndex } from './shards.ts';

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
const index = (changes: Partial<SealIndex> = {}): SealIndex => ({
  format: INDEX_FORMAT,
  experiment: 'uid',
  seed: 7,
  digest: digest('a'),
  bytes: 4,
  shards: [
    { configMap: 'r', digest: digest('1'), bytes: 2 },
    { configMap: 'r-1', digest: digest('2'), bytes: 2 },
  ],
  ...changes,
});

describe('encoding', () => {
  test('comes back as it was, measurements in order of their series', () => {
    const data = reportData({ blocks: 2 });
    const back = decode(encode(data));
    const sorted = (trials: typeof data.trials) =>
      trials.map((trial) => ({
        ...trial,
        measurements: new Set(
          trial.measurements.map((m) => JSON.stringify(Object.entries(m).toSorted(([a], [b]) => a.localeCompare(b)))),
        ),
      }));
    expect({ ...back, trials: sorted(back.trials) }).toEqual({ ...data, trials: sorted(data.trials) });
  });

  test('is the same for the same data, whatever the order of keys and measurements', () => {
    const data = reportData({ blocks: 2 });
    const shuffled = {
      ...Object.fromEntries(Object.entries(data).toReversed()),
      trials: data.trials.map((trial) => ({ ...trial, measurements: trial.measurements.toReversed() })),
    } as typeof data;
    expect(encode(shuffled)).toBe(encode(data));
    expect(encode(canonicalData(data))).toBe(encode(data));
  });

  test('any number, reason and absence survives', () => {
    const value = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => ({ value: x === 0 ? 0 : x })),
      fc.string().map((reason) => ({ reason })),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5), value)), (found) => {
        const [first] = reportData({ blocks: 1 }).trials;
        const byPair = new Map(
          found.map(([pair, measured]) => [pair, { test: 't', point: {}, pair, metric: 'm', unit: 's', ...measured }]),
        );
        const measurements = [...byPair.values()].toSorted((a, b) => a.pair - b.pair);
        const data = { ...reportData({ blocks: 0 }), trials: [{ ...first!, measurements }] };
        expect(decode(encode(data)).trials[0]?.measurements).toEqual(measurements);
      }),
    );
  });

  test.each(['', '{', 'null', '[]', '{"format":"vfbench-report/2"}', '{"format":"vfbench-report/1"}'])(
    '%j is refused',
    (text) => {
      expect(() => decode(text)).toThrow(SealError);
    },
  );

  test.each(FORMATS)('the report from it is identical: %s', (format) => {
    const data = canonicalData(reportData({ blocks: 6 }));
    const text = (from: typeof data) => [...render(buildReport(from), format)].join('');
    expect(text(decode(encode(data)))).toBe(text(data));
  });
});

describe('parts', () => {
  test('go together again, up to the most that are stored', () => {
    const bytes = new Uint8Array(SHARD_BYTES * 2 + 5).map((_, i) => i % 251);
    const parts = cut(bytes);
    expect(parts.map(({ length }) => length)).toEqual([SHARD_BYTES, SHARD_BYTES, 5]);
    const three = index({
      shards: parts.map(({ length }, i) => ({ configMap: `r-${i}`, digest: digest(`${i}`), bytes: length })),
    });
    expect(Buffer.compare(join(three, parts, [digest('0'), digest('1'), digest('2')]), bytes)).toBe(0);
    expect(() => cut(new Uint8Array(SHARD_BYTES * MOST_SHARDS + 1))).toThrow(/split the Experiment/);
  });

  test('one that was changed or is missing is named', () => {
    const parts = [new Uint8Array(2), new Uint8Array(2)];
    expect(() => join(index(), parts, [digest('1'), digest('f')])).toThrow(/r-1 .* was changed/);
    expect(() => join(index(), parts.slice(0, 1), [digest('1')])).toThrow(/r-1 .* is missing/);
  });

  test.each([
    ['no JSON', '{'],
    ['another format', JSON.stringify({ ...index(), format: 'x' })],
    ['no parts', JSON.stringify(index({ shards: [] }))],
    [
      'too many parts',
      JSON.stringify(index({ shards: Array.from({ length: MOST_SHARDS + 1 }, () => index().shards[0]!) })),
    ],
    ['a bad digest', JSON.stringify(index({ digest: 'sha256:zz' }))],
    ['a part that is none', JSON.stringify({ ...index(), shards: [null] })],
    ['a size beyond all bounds', JSON.stringify(index({ bytes: 2 ** 40 }))],
  ])('an index of %s is refused', (_, text) => {
    expect(() => parseIndex(text)).toThrow(SealError);
  });

  test('a good index is taken', () => expect(parseIndex(JSON.stringify(index()))).toEqual(index()));
});
