/** The judge of concurrency finds what it is there to find. */
import { describe, expect, test } from '@jest/globals';
import { bed, grantOf, holder, request } from '../support/allocation.ts';
import { condition, trial } from '../support/builders.ts';
import type { KubeObject } from '../../src/kube/index.ts';
import type { Happening } from '../support/history.ts';
import { Judge } from '../support/judge.ts';

const LAW = { devices: 2, concurrency: 1 };
const RESOURCE = 'example.com/vf';

/** A Trial that was granted so many pairs in a namespace, and its pods. */
function story(name: string, namespace: string, pairs = 1): { trial: KubeObject; pods: KubeObject[] } {
  const wanted = request(name, { bed: bed('lab'), pairs, namespace });
  const grant = grantOf(wanted);
  for (const endpoint of grant.endpoints) endpoint.resource = RESOURCE;
  const base = trial();
  const metadata = { ...base.metadata, name, namespace, uid: wanted.uid };
  const pods = grant.endpoints.map(({ object, node, name: endpoint }) => {
    const pod = holder(object, node, { [RESOURCE]: 1 }, { uid: wanted.uid, endpoint, trial: wanted.trial });
    return { apiVersion: 'v1', kind: 'Pod', ...pod } as unknown as KubeObject;
  });
  return { trial: { ...base, metadata, status: { grant } } as unknown as KubeObject, pods };
}

const added = (kind: string, ...objects: KubeObject[]): Omit<Happening, 'revision'>[] =>
  objects.map((object) => ({ type: 'ADDED', kind, object }));
const gone = (kind: string, ...objects: KubeObject[]): Omit<Happening, 'revision'>[] =>
  objects.map((object) => ({ type: 'DELETED', kind, object }));
const finished = ({ trial: object }: { trial: KubeObject }): KubeObject => {
  const { status } = object as unknown as { status: object };
  return { ...object, status: { ...status, conditions: [condition('Finished', 'True')] } } as unknown as KubeObject;
};

const judge = (...events: Omit<Happening, 'revision'>[][]): Judge =>
  new Judge(LAW).hear(events.flat().map((event, revision) => ({ revision, ...event })));

const A = story('a', 'one');
const B = story('b', 'two');
const LARGE = story('large', 'one', 3);

describe('the judge', () => {
  test('a good life: granted, made, gone, ended', () => {
    const done = judge(
      added('Trial', A.trial),
      added('Pod', ...A.pods),
      gone('Pod', ...A.pods),
      added('Trial', finished(A)),
    );
    expect(done.breaches).toEqual([]);
    expect([done.most, done.grants, done.finished, done.open(), done.left]).toEqual([1, 1, 1, [], []]);
  });

  const crimes: [string, Omit<Happening, 'revision'>[][], RegExp][] = [
    ['more promised than there is', [added('Trial', LARGE.trial)], /one\/large granted: 3 promised of node-a example/],
    [
      'more held than there is',
      [added('Trial', LARGE.trial), added('Pod', ...LARGE.pods)],
      /^@\d+ 3 held of node-a example/,
    ],
    ['what nobody granted', [added('Pod', ...A.pods)], /a-server-0 was made without a grant/],
    [
      'two Testbeds on a node, one of a deleted Trial',
      [
        added('Trial', A.trial),
        added('Pod', ...A.pods),
        gone('Trial', A.trial),
        added('Trial', B.trial),
        added('Pod', ...B.pods),
      ],
      /one and two are both on node-a/,
    ],
    [
      'an end before all is gone',
      [added('Trial', A.trial), added('Pod', ...A.pods), added('Trial', finished(A))],
      /one\/a ended, and a-server-0/,
    ],
    [
      'a change after the end',
      [added('Trial', A.trial), added('Trial', finished(A)), added('Trial', A.trial)],
      /one\/a changed after its end/,
    ],
    [
      'something else than was granted',
      [
        added('Trial', A.trial),
        added('Pod', { ...A.pods[0], spec: { nodeName: 'node-b', containers: [] } } as unknown as KubeObject),
      ],
      /a-server-0 is {2}on node-b, granted was example.com\/vf=1 on node-a/,
    ],
  ];
  test.each(crimes)('%s', (_, events, breach) => {
    expect(judge(...events).breaches.join('\n')).toMatch(new RegExp(breach.source, 'm'));
  });

  test('what is left, what never ended, what was cancelled', () => {
    const found = judge(added('Trial', A.trial, B.trial), added('Pod', ...A.pods), gone('Trial', A.trial));
    expect([found.left, found.open(), found.cancelled]).toEqual([['a-server-0', 'a-client-0'], ['two/b'], 1]);
  });
});
