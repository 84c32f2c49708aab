import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CheckError } from './check.ts';
import { barrierRequest, problem, registration, resultDocument } from './documents.ts';
import { documentSample, pointSample, registrationSample } from './samples.testing.ts';

type Path = (string | number)[];
type Tree = Record<string | number, unknown>;

/** Paths of all leaves and branches of a document. */
function paths(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, child]) => paths(child, [...at, key]))];
}

function changed(value: unknown, [key, ...rest]: Path, change: (target: Tree, key: string | number) => void): unknown {
  const copy = structuredClone(value) as Tree;
  if (key === undefined) return copy;
  if (rest.length === 0) change(copy, key);
  else copy[key] = changed(copy[key], rest, change);
  return copy;
}

/** Objects that are keyed freely, or may lack a field. */
const OPTIONAL = ['synchronizedAt', 'source', 'loop', 'moved', 'unchecked'];
const KEYED = ['tools', 'fingerprint'];
const free = (path: Path): boolean =>
  KEYED.some((name) => path.includes(name)) || OPTIONAL.includes(String(path.at(-1)));
const inList = (path: Path): boolean => /^[0-9]+$/.test(String(path.at(-1)));

describe('documents', () => {
  test('that good endpoints send come through as they are', () => {
    expect(registration(registrationSample, '')).toEqual(registrationSample);
    expect(resultDocument(documentSample, '')).toEqual(documentSample);
    expect(problem({ reason: 'ToolFailed', message: 'x' }, '')).toEqual({ reason: 'ToolFailed', message: 'x' });
    expect(barrierRequest({ pairs: 4 }, '')).toEqual({ pairs: 4 });
  });

  test('without any one of their fields are refused', () => {
    const all = paths(documentSample).filter((path) => path.length > 0 && !free(path) && !inList(path));
    expect(all.length).toBeGreaterThan(80);
    for (const path of all) {
      const broken = changed(documentSample, path, (target, key) => delete target[key]);
      expect(() => resultDocument(broken, '')).toThrow(CheckError);
    }
  });

  test('with any one field of another kind are refused', () => {
    const strange: unknown[] = [undefined, [[]], { a: 1 }, Number.NaN, Infinity, -1.5, 'é\u0000'.repeat(70_000)];
    const all = paths(documentSample).filter((path) => path.length > 0);
    for (const path of all) {
      for (const value of strange) {
        if (value === undefined && free(path)) continue;
        if (path.at(-1) === 'value' && value === -1.5) continue;
        const broken = changed(documentSample, path, (target, key) => (target[key] = value));
        expect(() => resultDocument(broken, '')).toThrow(CheckError);
      }
    }
  });

  test('lose what is unknown, at every level', () => {
    const objects = paths(documentSample).filter((path) => {
      const at = path.reduce<unknown>((value, key) => (value as Tree)[key], documentSample);
      return typeof at === 'object' && at !== null && !Array.isArray(at) && !KEYED.includes(String(path.at(-1)));
    });
    for (const path of objects) {
      const fat = changed(documentSample, [...path, 'unknown'], (target, key) => (target[key] = 'x'));
      expect(resultDocument(fat, '')).toEqual(documentSample);
    }
    const evil = JSON.parse('{"reason":"A","message":"b","__proto__":{"polluted":1}}') as unknown;
    expect(Object.keys(problem(evil, ''))).toEqual(['reason', 'message']);
  });

  test('of any shape are refused or made plain: never another error, never more than was checked', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withBigInt: true }), (value) => {
        for (const check of [registration, resultDocument, problem, barrierRequest]) {
          expect(() => check(value, '')).toThrow(CheckError);
        }
      }),
    );
  });

  test('are bounded: raw output, messages, points, distinct ids, a value or a reason', () => {
    const withPoint = (change: object): unknown => ({ ...documentSample, points: [{ ...pointSample, ...change }] });
    const raw = (length: number): object => ({ raw: { ...pointSample.raw, stdout: 'x'.repeat(length) } });
    expect(resultDocument(withPoint(raw(65_536)), '').points).toHaveLength(1);
    expect(() => resultDocument(withPoint(raw(65_537)), '')).toThrow('points[0].raw.stdout');
    const both = [{ metric: 'm', unit: 's', value: 1, reason: 'and why' }];
    expect(() => resultDocument(withPoint({ measurements: both }), '')).toThrow('either a value or a reason');
    const twice = { ...documentSample, points: [pointSample, pointSample] };
    expect(() => resultDocument(twice, '')).toThrow('ids that differ');
    const many = { ...documentSample, points: Array.from({ length: 1025 }, (_, id) => ({ ...pointSample, id })) };
    expect(() => resultDocument(many, '')).toThrow('a list of at most 1024');
    expect(() => resultDocument({ ...documentSample, version: 2 }, '')).toThrow('version');
  });

  test('measurements may say where they were read, in known words only', () => {
    const source = { tool: 'netperf', field: 'P50_LATENCY (whole microseconds)', end: 'Client' };
    const withMeasurement = (change: object): unknown => {
      const one = { metric: 'rttP50', unit: 's', value: 1e-5, reason: null, ...change };
      return { ...documentSample, points: [{ ...pointSample, measurements: [one] }] };
    };
    const kept = resultDocument(withMeasurement({ source, loop: 'Open' }), '').points[0]?.measurements[0];
    expect(kept).toMatchObject({ source, loop: 'Open' });
    expect(resultDocument(withMeasurement({}), '').points[0]?.measurements[0]).not.toHaveProperty('source');
    for (const wrong of [
      { loop: 'Half' },
      { source: null },
      { source: { ...source, end: 'Switch' } },
      { source: { ...source, field: '' } },
      { source: { ...source, field: 'a\nb' } },
      { source: { ...source, field: 'x'.repeat(97) } },
      { source: { ...source, tool: '<b>' } },
    ]) {
      expect(() => resultDocument(withMeasurement(wrong), '')).toThrow('points[0].measurements[0]');
    }
  });

  test('refused are named by place, never by content', () => {
    const secret = '<script>alert(1)</script>';
    const broken = { ...registrationSample, nic: { ...registrationSample.nic, mac: secret } };
    expect(() => registration(broken, '')).toThrow('nic.mac');
    expect(() => registration(broken, '')).not.toThrow(secret);
  });
});
