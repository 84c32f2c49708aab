import { expect, test } from '@jest/globals';
import { pointText, rowName } from './rowName.ts';

const tests = [
  { name: 'loaded', type: 'LoadedLatency' },
  { name: 'bulk', type: 'LatencyUnderBulk' },
  { name: 'fixed', type: 'FixedRate' },
] as const;

test.each([
  [
    'loaded',
    { messageBytes: 64, rate: 10_000 },
    'loaded rttP50 of virtio (64 B, 10.0 k messages/s offered, CrossNode, 2 pairs)',
  ],
  ['loaded', { rate: 500 }, 'loaded rttP50 of virtio (500 messages/s offered, CrossNode, 2 pairs)'],
  ['bulk', { rate: 1e9 }, 'bulk rttP50 of virtio (1.00 Gb/s offered, CrossNode, 2 pairs)'],
  ['fixed', { rate: 10_000 }, 'fixed rttP50 of virtio (10.0 kb/s offered, CrossNode, 2 pairs)'],
  ['unknown', { rate: 10_000 }, 'unknown rttP50 of virtio (10.0 k offered, CrossNode, 2 pairs)'],
])('a row of test %s at %j is named by what was swept, in its unit', (name, point, text) => {
  const row = { test: name, point, metric: 'rttP50', mode: 'virtio', placement: 'CrossNode', pairs: 2 } as const;
  expect(rowName(row, tests)).toBe(text);
});

test('what is not swept is not named', () => {
  expect(pointText({ streams: 1 }, undefined)).toEqual(['1 stream']);
  expect(pointText({}, 'bit/s')).toEqual([]);
});
