import { expect, test } from '@jest/globals';
import { condition, experiment } from '../../test/support/builders.ts';
import type { Experiment } from '../api/v1alpha1.ts';
import { clientFor, silent } from '../kube/kube.testing.ts';
import { type KubeObject, WorkQueue } from '../kube/index.ts';
import type { Meeting } from './context.ts';
import { connect, type Queues } from './triggers.ts';
import { World } from './world.ts';

const NOBODY: Meeting = {
  view: () => new Map(),
  release: () => undefined,
  acknowledge: () => undefined,
  refuse: () => undefined,
  forget: () => undefined,
  onChange: () => undefined,
};

let version = 1;

/** As the API server tells of it next; `finished`: the condition's status. */
function seen(generation: number, finished?: 'True' | 'False'): Experiment & KubeObject {
  const base = experiment();
  const metadata = { ...base.metadata, generation, resourceVersion: `${version++}` };
  return {
    ...base,
    metadata,
    ...(finished === undefined ? {} : { status: { conditions: [condition('Finished', finished)] } }),
  };
}

test('a Testbed is judged again when an Experiment of it comes, changes, ends or goes, and not while it only runs', () => {
  const world = new World({ client: clientFor('http://127.0.0.1:1'), log: silent });
  const judged: string[] = [];
  class Noted extends WorkQueue {
    override add(key: string): void {
      judged.push(key);
    }
  }
  const quiet = (): WorkQueue => new WorkQueue();
  const queues: Queues = { testbeds: new Noted(), experiments: quiet(), trials: quiet(), grants: quiet() };
  connect(world, queues, NOBODY, () => undefined);
  const after = (what: () => void): string[] => {
    judged.length = 0;
    what();
    return [...judged];
  };
  const upsert = (object: Experiment & KubeObject) => () => world.experiments.upsert(object);

  expect(after(upsert(seen(1)))).toEqual(['bench/lab']);
  expect(after(upsert(seen(1, 'False')))).toEqual([]);
  expect(after(upsert(seen(2, 'False')))).toEqual(['bench/lab']);
  expect(after(upsert(seen(2, 'True')))).toEqual(['bench/lab']);
  expect(after(upsert(seen(2, 'True')))).toEqual([]);
  expect(after(() => world.experiments.remove(seen(2, 'True')))).toEqual(['bench/lab']);
});
