import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cpuMs } from '../../../test/support/cpu-time.ts';
import { repeatedKey } from './jsonKeys.ts';

const none = (): boolean => false;

describe('a key that stands twice in one object', () => {
  test.each([
    ['{"a":1,"a":1}', 'a'],
    ['{"a":{"b":1,"c":[{"d":1},{"d":1,"e":{},"d":2}]}}', 'a.c.1.d'],
    ['{"a":[1,"x",{"a":1}],"b":"\\",\\"a\\":","\\u0061":2}', 'a'],
    ['{"":1,"":2}', ''],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
  ])('%s: %s', (text, path) => {
    expect(repeatedKey(text, none)).toBe(path);
  });

  test('is passed over where it is allowed, and only there', () => {
    const allowed = (path: string): boolean => path === 'start.size';
    expect(repeatedKey('{"start":{"size":1,"size":1,"size":2}}', allowed)).toBeNull();
    expect(repeatedKey('{"start":{"size":1,"size":1},"end":{"size":1,"size":1}}', allowed)).toBe('end.size');
  });

  test('is found wherever it is put, and no document without one is blamed', () => {
    const value = fc.jsonValue({ maxDepth: 4 });
    fc.assert(
      fc.property(value, fc.string(), value, value, (inner, key, one, other) => {
        expect(repeatedKey(JSON.stringify(inner, null, 1), none)).toBeNull();
        const pair = `${JSON.stringify(key)}:${JSON.stringify(one)}`;
        const text = `{"w":[${JSON.stringify(inner)},{${pair},"${key.length}${'x'.repeat(40)}":[],${JSON.stringify(key)} : ${JSON.stringify(other)}}]}`;
        expect(repeatedKey(text, none)).toBe(`w.1.${key}`);
      }),
      { seed: 1 },
    );
  });

  test.each([
    ['objects', `{"a":[${'{"b":1},'.repeat(120_000)}0]}`],
    ['keys', `{${Array.from({ length: 100_000 }, (_, i) => `"k${i}":1`).join(',')}}`],
    ['quotes in one string', `{"a":"${'\\"'.repeat(500_000)}"}`],
  ])('is sought in 1 MB of %s in 50 ms of CPU', (_, text) => {
    const times = [1, 2, 3].map(() => {
      const start = cpuMs();
      expect(repeatedKey(text, none)).toBeNull();
      return cpuMs() - start;
    });
    expect(Math.min(...times)).toBeLessThan(50);
  });
});
