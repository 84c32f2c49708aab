import { expect, test } from '@jest/globals';
import type { KubeClient } from '../../kube/client.ts';
import type { KubeObject } from '../../kube/object.ts';
import { createLogger } from '../../log.ts';
import { Recorder } from './recorder.ts';

const object = (uid: string): KubeObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: uid, uid } });
const text = (reason: string) => ({ type: 'Normal' as const, reason, message: '' });

/** The first write of all waits for the release; the reasons in the order in which they were stored. */
function scene(fails = false): { recorder: (host?: string) => Recorder; stored: string[]; release: () => void } {
  const stored: string[] = [];
  const gate = Promise.withResolvers<void>();
  let calls = 0;
  const create = async (_: unknown, event: KubeObject & { reason: string }): Promise<KubeObject> => {
    if (calls++ === 0) await gate.promise;
    if (fails && calls === 1) throw new Error('no');
    stored.push(event.reason);
    return event;
  };
  const client = { create } as unknown as KubeClient;
  const log = createLogger('test', 'silent');
  return {
    recorder: (host) => new Recorder(client, log, { component: 'kubelet', ...(host === undefined ? {} : { host }) }),
    stored,
    release: gate.resolve,
  };
}

test('events of an object are stored in their order, whoever tells them', async () => {
  const { recorder, stored, release } = scene();
  const all = [
    recorder('a').event(object('one'), text('First')),
    recorder().event(object('one'), text('Second')),
    recorder('a').event(object('one'), text('Third')),
  ];
  await recorder().event(object('other'), text('Other'));
  expect(stored).toEqual(['Other']);
  release();
  await Promise.all(all);
  expect(stored).toEqual(['Other', 'First', 'Second', 'Third']);
});

test('one that cannot be written holds up none', async () => {
  const { recorder, stored, release } = scene(true);
  const first = recorder().event(object('two'), text('First'));
  const second = recorder().event(object('two'), text('Second'));
  release();
  await Promise.all([first, second]);
  expect(stored).toEqual(['Second']);
});
