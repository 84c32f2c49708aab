/** Bounds of the parts of all tests. */
import { expect, test } from '@jest/globals';
import { minutesOf } from '../support/part-minutes.ts';

test('every part ends by itself, but for end-to-end tests on a cluster of the user', () => {
  expect(minutesOf('e2e', undefined)).toBeGreaterThan(0);
  expect(minutesOf('integration', '/kubeconfig')).toBeGreaterThan(0);
  expect(minutesOf('unit', '/kubeconfig')).toBeGreaterThan(0);
  expect(minutesOf('e2e', '/kubeconfig')).toBeUndefined();
});
