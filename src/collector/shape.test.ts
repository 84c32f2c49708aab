import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ShapeGuard } from './shape.ts';

const LIMITS = { depth: 5, values: 100 };

function accepts(text: string, cut = text.length): boolean {
  const guard = new ShapeGuard(LIMITS);
  const bytes = Buffer.from(text);
  return guard.accepts(bytes.subarray(0, cut)) && guard.accepts(bytes.subarray(cut));
}

function depth(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depth));
}

function values(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const children: unknown[] = Object.values(value);
  return 1 + Math.max(0, children.length - 1) + children.reduce<number>((sum, child) => sum + values(child), 0);
}

describe('shape', () => {
  test('accepts exactly what stays within depth and number, wherever the text is cut', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), fc.nat(), (value, cut) => {
        const text = JSON.stringify(value);
        const right = depth(value) <= LIMITS.depth && values(value) <= LIMITS.values;
        expect(accepts(text, cut % (Buffer.byteLength(text) + 1))).toBe(right);
      }),
    );
  });

  test('takes no notice of what is inside strings', () => {
    expect(accepts(JSON.stringify([`${'[{,'.repeat(1000)}\\"${'['.repeat(1000)}`]))).toBe(true);
    expect(accepts(`"\\\\"${'['.repeat(6)}`)).toBe(false);
  });

  test('refuses bombs', () => {
    expect(accepts('['.repeat(6))).toBe(false);
    expect(accepts(`[${'{},'.repeat(60)}`)).toBe(false);
  });
});
