/** What endpoints could not check is said in the Trial's status, beside what was measured all the same. */
import { expect, test } from '@jest/globals';
import { findCondition } from '../api/conditions.ts';
import type { Mode } from '../api/v1alpha1.ts';
import { TrialWorld } from '../../test/support/trial-world.ts';
import { uncheckedText } from './unchecked.ts';

const NATIVE: Mode = { name: 'native', type: 'Native' };

/** The Measured condition of a Trial of two pairs, whose endpoints told these. */
function measured(told: Record<string, string[]>): string | undefined {
  const world = new TrialWorld({ mode: NATIVE, spec: { pairs: 2 } });
  world.reconcile();
  world.run().registerAll().reconcile();
  for (const { name } of world.endpoints) {
    const unchecked = told[name];
    world.deliver(name, unchecked === undefined ? {} : { unchecked });
  }
  world.reconcile();
  expect(world.trial.status?.measurements).not.toHaveLength(0);
  return findCondition(world.trial.status?.conditions, 'Measured')?.message;
}

test('nothing is said where all was checked', () => {
  expect(measured({})).toMatch(/^\d+ measurements of \d+ test points are stored$/);
});

test('the first and how many more', () => {
  const [one, other] = ['neighbour: ip: ENOENT', 'neighbour: lo resolves no neighbours'];
  expect(measured({ 'client-0': [one] })).toMatch(/stored; not checked: client-0: neighbour: ip: ENOENT$/);
  expect(measured({ 'client-0': [one], 'client-1': [other] })).toMatch(
    /; not checked: client-0: neighbour: ip: ENOENT \(and 1 more\)$/,
  );
});

test('before results are there, nothing is', () => {
  const { trial } = new TrialWorld({ mode: NATIVE });
  expect(uncheckedText({ trial, reports: new Map() })).toBe('');
});
