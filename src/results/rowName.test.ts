import { expect, test } from '@jest/globals';
import { pointText, rowName } from './rowName.ts';

test('a row is named by what was swept', () => {
  const row = { test: 'loaded', metric: 'rttP50', mode: 'virtio', placement: 'CrossNode', pairs: 2 } as const;
  expect(rowName({ ...row, point: { messageBytes: 64, rate: 10_000 } })).toBe(
    'loaded rttP50 of virtio (64 B, 10.0 k offered, CrossNode, 2 pairs)',
  );
  expect(pointText({ streams: 1 })).toEqual(['1 stream']);
  expect(pointText({})).toEqual([]);
});
