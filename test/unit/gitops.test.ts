/** The stored condition sets are what the controllers write, and follow the rules that GitOps tools read health by. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ALL_FIXTURES, expected, stored, type StoredObject } from '../support/gitops/fixtures.ts';

const CASES = ALL_FIXTURES.map((fixture) => [fixture.kind, fixture.name, fixture] as const);

describe.each(CASES)('%s %s', (kind, name, fixture) => {
  test('is as the controllers leave it now', () => {
    const text = fixture.text();
    if (process.env['VFBENCH_WRITE_FIXTURES'] !== undefined) {
      mkdirSync(dirname(fixture.path), { recursive: true });
      writeFileSync(fixture.path, text);
    }
    // Again with VFBENCH_WRITE_FIXTURES=1 where a controller changed on purpose.
    expect(existsSync(fixture.path) ? readFileSync(fixture.path, 'utf8') : 'nothing').toBe(text);
  });

  test('says which generation it speaks of', () => {
    const { status, metadata } = stored(fixture);
    const told = (status?.conditions ?? []).map((condition) => condition.observedGeneration);
    expect(told.filter((generation) => generation === undefined || generation > metadata.generation)).toEqual([]);
    if (kind !== 'trial' && status !== undefined)
      expect(status.observedGeneration).toBe(name === 'new-generation' ? 1 : metadata.generation);
  });

  test('is Reconciling or Stalled only while it is not over', () => {
    const object = stored(fixture);
    const active = conditionsOf(object, 'Reconciling').concat(conditionsOf(object, 'Stalled'));
    // They exist only while they are True.
    expect(active.filter((status) => status !== 'True')).toEqual([]);
    const isOver = conditionsOf(object, 'Finished').includes('True');
    if (kind === 'experiment' && object.status !== undefined) expect(active.length > 0).toBe(!isOver);
  });

  test('has an outcome to expect', () => {
    expect(expected()[kind][name]).toBeDefined();
  });
});

function conditionsOf({ status }: StoredObject, type: string): string[] {
  return (status?.conditions ?? []).filter((condition) => condition.type === type).map((condition) => condition.status);
}
