import { expect, test } from '@jest/globals';
import { condition, experiment, NOW, trial } from '../../test/support/builders.ts';
import type { Trial } from '../api/v1alpha1.ts';
import { observationsOf, withComparable } from './comparable.ts';

const spec = experiment().spec;
const clock = { now: NOW, generation: 1 };

function ended(block: number, kernel: string): Trial {
  return trial(
    { block },
    {
      conditions: [condition('Finished', 'True'), condition('Succeeded', 'True')],
      fingerprints: [
        {
          digest: `sha256:${kernel}`,
          node: 'node-a',
          endpoints: ['server-0'],
          fields: [{ name: 'kernel.release', value: kernel }],
        },
      ],
    },
  );
}
const found = (trials: Trial[]) => withComparable({}, { spec, trials }, clock).conditions?.[0];

test('nothing is said before a trial has told its fingerprint', () => {
  expect(found([trial()])).toBeUndefined();
});

test('equal trials are comparable', () => {
  expect(found([ended(0, '6.12'), ended(1, '6.12')])).toMatchObject({ type: 'Comparable', status: 'True' });
});

test('another kernel halfway is named, and its trials count for nothing', () => {
  const trials = [ended(0, '6.12'), ended(1, '6.12'), ended(2, '6.13')];
  const comparable = found(trials);
  expect(comparable).toMatchObject({ type: 'Comparable', status: 'False', reason: 'FingerprintsDiffer' });
  expect(comparable?.message).toContain('kernel.release of native, server on node node-a: 6.12, 6.13');
  expect(comparable?.message).toContain('1 trials are left out');
  expect(observationsOf(spec, trials).map(({ succeeded }) => succeeded)).toEqual([true, true, false]);
});
