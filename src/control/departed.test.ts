import { expect, test } from '@jest/globals';
import { condition, trial } from '../../test/support/builders.ts';
import type { KubeObject } from '../kube/index.ts';
import type { Trial, TrialStatus } from '../api/v1alpha1.ts';
import { Departed } from './departed.ts';

const GRANT = { nodes: { server: 'node-a', client: 'node-b' }, endpoints: [] };
const gone = (status: TrialStatus): Trial & KubeObject => trial({}, status) as Trial & KubeObject;

test.each<[string, TrialStatus, number]>([
  ['a Trial under way holds what it was granted', { grant: GRANT }, 1],
  ['one that waits holds nothing', {}, 0],
  ['one that is over has given it back', { grant: GRANT, conditions: [condition('Finished', 'True')] }, 0],
])('%s', (_, status, held) => {
  const departed = new Departed();
  departed.add(gone(status));
  expect(departed.list()).toHaveLength(held);
});

test('what was held is told when it is free, and is found by the name of its Trial until then', () => {
  const departed = new Departed();
  let told = 0;
  departed.onDrop(() => told++);
  const left = gone({ grant: GRANT });
  departed.add(left);
  expect(departed.named(`${left.metadata.namespace}/${left.metadata.name}`)).toEqual([left]);
  expect(departed.named('bench/another')).toEqual([]);
  departed.drop(left);
  expect([departed.list(), told]).toEqual([[], 1]);
});
