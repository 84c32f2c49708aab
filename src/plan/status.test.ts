import { describe, expect, test } from '@jest/globals';
import { condition } from '../../test/support/builders.ts';
import { same, since, withConditions } from './status.ts';

test.each<[unknown, unknown, boolean]>([
  [1, 1, true],
  [1, '1', false],
  [null, undefined, false],
  [null, {}, false],
  [{}, {}, true],
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
  [{ a: undefined }, {}, true],
  [{ a: null }, {}, false],
  [{ a: { b: [1, 2] } }, { a: { b: [1, 2] } }, true],
  [[1, 2], [2, 1], false],
  [[1], [1, 2], false],
  [[], {}, false],
  [{ a: 0 }, { a: false }, false],
])('same(%j, %j) is %p', (a, b, expected) => {
  expect(same(a, b)).toBe(expected);
  expect(same(b, a)).toBe(expected);
});

describe('conditions', () => {
  const NOW = Date.parse('2026-01-01T00:10:00.900Z');

  test('the time changes with the status only', () => {
    const old = { conditions: [condition('A', 'True'), condition('B', 'True')] };
    const next = withConditions(
      old,
      { now: NOW, generation: 4 },
      { type: 'B', status: 'False', reason: 'R', message: 'm' },
      { type: 'A', status: 'True', reason: 'R', message: 'm' },
    );
    expect(next.conditions).toEqual([
      {
        type: 'A',
        status: 'True',
        reason: 'R',
        message: 'm',
        lastTransitionTime: '2026-01-01T00:09:00Z',
        observedGeneration: 4,
      },
      {
        type: 'B',
        status: 'False',
        reason: 'R',
        message: 'm',
        lastTransitionTime: '2026-01-01T00:10:00Z',
        observedGeneration: 4,
      },
    ]);
    expect(old.conditions[1]?.status).toBe('True');
  });

  test('since', () => {
    expect(since([condition('A', 'False')], 'A')).toBe(Date.parse('2026-01-01T00:09:00Z'));
    expect(since([], 'A')).toBeNull();
    expect(since(undefined, 'A')).toBeNull();
  });
});
