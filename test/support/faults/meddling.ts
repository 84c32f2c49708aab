/** Stories of users and administrators who lay hands on what a running Experiment made. */
import { expect } from '@jest/globals';
import { findCondition, isTrue } from '../../../src/api/conditions.ts';
import { EXPERIMENTS, TRIALS, VMIS } from '../../../src/api/kinds.ts';
import { type KubeObject, PODS, type ResourceType, SECRETS } from '../../../src/kube/index.ts';
import { eventually } from '../eventually.ts';
import { liveWell } from '../good-life.ts';
import type { Story } from '../stories.ts';
import { blocks, expectSuccess, type Stage } from './stage.ts';

const PASSTHROUGH = { modes: [{ name: 'passthrough', type: 'Passthrough' }], baseline: 'passthrough' };

/** Merges into the metadata of all objects of a kind in the namespace. */
export async function meddle(stage: Stage, type: ResourceType, namespace: string, metadata: object): Promise<void> {
  const { client } = stage.scene.fleet;
  const { items } = await client.list<KubeObject>(type, { namespace });
  expect(items).not.toEqual([]);
  await Promise.all(items.map(({ metadata: { name } }) => client.patch(type, { namespace, name }, { metadata })));
}

const gone = (stage: Stage, namespace: string): Promise<true> =>
  eventually(60, async () => {
    const left = [...(await stage.scene.children(namespace)), ...(await stage.scene.trials(namespace))];
    return left.length === 0 ? true : null;
  });

const clean = (stage: Stage, namespace: string): Promise<true> =>
  eventually(60, async () => ((await stage.scene.children(namespace)).length === 0 ? true : null));

const reasons = async (stage: Stage, namespace: string): Promise<string[]> =>
  (await stage.scene.trials(namespace))
    .map(({ status }) => findCondition(status?.conditions, 'Finished')?.reason ?? 'open')
    .sort();

export const meddlingStories: readonly Story<Stage>[] = [
  {
    title: 'labels taken off the pods of a trial: it is measured all the same, and they are removed',
    tell: async (stage) => {
      const namespace = await stage.place('nolabels');
      const gate = stage.shutGate(namespace);
      await stage.start(namespace, blocks(1));
      await gate.measuring;
      await meddle(stage, PODS, namespace, { labels: null });
      gate.open();
      expectSuccess(await stage.scene.finished(namespace, 'exp'), { trials: 1, failed: 0 });
      await clean(stage, namespace);
    },
  },
  {
    title: 'labels taken off the VMs of a trial: it ends and is repeated, and they are removed',
    tell: async (stage) => {
      const namespace = await stage.place('nolabels-vm');
      const gate = stage.shutGate(namespace);
      await stage.start(namespace, { ...PASSTHROUGH, ...blocks(1, 1) });
      await gate.measuring;
      const { items } = await stage.scene.fleet.client.list<KubeObject>(VMIS, { namespace });
      const old = new Set(items.map(({ metadata }) => metadata.uid));
      await meddle(stage, VMIS, namespace, { labels: null });
      // Not before those are gone does the next trial get the VFs.
      await eventually(30, async () => {
        const now = await stage.scene.fleet.client.list<KubeObject>(VMIS, { namespace });
        return now.items.some(({ metadata }) => old.has(metadata.uid)) ? null : true;
      });
      gate.open();
      expectSuccess(await stage.scene.finished(namespace, 'exp'), { trials: 2, failed: 1 });
      expect(await reasons(stage, namespace)).toEqual(['Completed', 'EndpointLost']);
      await clean(stage, namespace);
    },
  },
  {
    title: 'labels of a trial changed to those of another: nothing is confused',
    tell: async (stage) => {
      const namespace = await stage.place('relabel');
      const gate = stage.shutGate(namespace);
      await stage.start(namespace, blocks(1));
      await gate.measuring;
      const labels = {
        'vfbench.io/trial-uid': 'another',
        'vfbench.io/endpoint': 'server-7',
        'vfbench.io/trial': 'another',
      };
      await meddle(stage, PODS, namespace, { labels });
      gate.open();
      expectSuccess(await stage.scene.finished(namespace, 'exp'), { trials: 1, failed: 0 });
      await clean(stage, namespace);
    },
  },
  ...[
    { what: 'a pod', spec: {}, kind: PODS },
    { what: 'a VM', spec: PASSTHROUGH, kind: VMIS },
  ].map(({ what, spec, kind }): Story<Stage> => ({
    title: `owner references taken off all that a trial made (${what}), then the Experiment deleted: nothing is left`,
    tell: async (stage) => {
      const namespace = await stage.place('unowned');
      const gate = stage.shutGate(namespace);
      await stage.start(namespace, { ...spec, ...blocks(1) });
      await gate.measuring;
      for (const type of [SECRETS, kind]) await meddle(stage, type, namespace, { ownerReferences: null });
      await stage.cluster.kubectl(['delete', 'experiment', 'exp', '-n', namespace, '--wait=false']);
      await gone(stage, namespace);
      gate.open();
    },
  })),
  {
    title: 'the owner reference taken off a Trial: it gets it back, the Experiment ends with it, and takes it along',
    tell: async (stage) => {
      const namespace = await stage.place('stray');
      const gate = stage.shutGate(namespace);
      await stage.start(namespace, blocks(2));
      await gate.measuring;
      await meddle(stage, TRIALS, namespace, { ownerReferences: null });
      gate.open();
      const done = await stage.scene.finished(namespace, 'exp');
      expectSuccess(done, { trials: 2, failed: 0 });
      await meddle(stage, TRIALS, namespace, { ownerReferences: null });
      await eventually(30, async () => {
        const trials = await stage.scene.trials(namespace);
        const owners = trials.map(({ metadata }) => metadata.ownerReferences?.[0]?.uid);
        return owners.every((uid) => uid === done.metadata.uid) ? true : null;
      });
      await stage.cluster.kubectl(['delete', 'experiment', 'exp', '-n', namespace]);
      await gone(stage, namespace);
    },
  },
  {
    title: 'a finalizer that holds a pod: said which, by whom, and its grant is kept until it goes',
    tell: async (stage) => {
      const timeouts = { scheduleSeconds: 30, startSeconds: 60, marginSeconds: 60, cleanupSeconds: 3 };
      const namespace = await stage.place('held', { timeouts });
      const gate = stage.shutGate(namespace);
      await stage.start(namespace, blocks(2));
      await gate.measuring;
      await meddle(stage, PODS, namespace, { finalizers: ['example.com/hold'] });
      gate.open();
      const held = await eventually(60, async () => {
        const [trial] = await stage.scene.trials(namespace);
        const found = findCondition(trial?.status?.conditions, 'CleanedUp');
        return found?.status === 'False' ? found : null;
      });
      expect(held.reason).toBe('EndpointsRemain');
      const pods = await stage.scene.children(namespace);
      expect(pods).toHaveLength(2);
      for (const pod of pods) expect(held.message).toContain(pod);
      expect(held.message).toContain('finalizers example.com/hold');
      // The second block waits for what the first one holds.
      expect((await stage.scene.trials(namespace)).filter(({ status }) => status?.grant !== undefined)).toHaveLength(1);
      await meddle(stage, PODS, namespace, { finalizers: null });
      expectSuccess(await stage.scene.finished(namespace, 'exp'), { blocks: 2, trials: 2, failed: 0 });
      await clean(stage, namespace);
      for (const { status } of await stage.scene.trials(namespace))
        expect(findCondition(status?.conditions, 'CleanedUp')?.status).toBe('True');
    },
  },
  {
    title: 'a VM that is deleted and has its finalizer taken off while it measures: said so, and repeated',
    tell: async (stage) => {
      const namespace = await stage.place('nofinal');
      const gate = Promise.withResolvers<void>();
      const begun = Promise.withResolvers<void>();
      stage.script(`${namespace}/exp`, async (endpoint) => {
        await endpoint.keep();
        await liveWell(endpoint, {
          measure: () => {
            begun.resolve();
            return gate.promise;
          },
        });
      });
      await stage.start(namespace, { ...PASSTHROUGH, ...blocks(1, 1) });
      await begun.promise;
      const { client } = stage.scene.fleet;
      const { items } = await client.list<KubeObject>(VMIS, { namespace });
      const [vm] = items;
      const at = { namespace, name: vm?.metadata.name ?? '' };
      await client.remove(VMIS, at);
      await client.patch(VMIS, at, { metadata: { finalizers: null } }).catch(() => undefined);
      await stage.failed(namespace, 'EndpointLost');
      gate.resolve();
      expectSuccess(await stage.scene.finished(namespace, 'exp'), { trials: 2, failed: 1 });
      expect(await reasons(stage, namespace)).toEqual(['Completed', 'EndpointLost']);
      await clean(stage, namespace);
    },
  },
  {
    title: 'a user deletes an endpoint while it measures: said so, and repeated',
    tell: async (stage) => {
      const namespace = await stage.place('delpod');
      const gate = stage.shutGate(namespace);
      await stage.start(namespace, blocks(1, 1));
      await gate.measuring;
      const { items } = await stage.scene.fleet.client.list<KubeObject>(PODS, { namespace });
      await stage.cluster.kubectl(['delete', 'pod', items[0]?.metadata.name ?? '', '-n', namespace, '--wait=false']);
      await stage.failed(namespace, 'EndpointLost');
      gate.open();
      expectSuccess(await stage.scene.finished(namespace, 'exp'), { trials: 2, failed: 1 });
      expect(await reasons(stage, namespace)).toEqual(['Completed', 'EndpointLost']);
    },
  },
  {
    title: 'a Trial made by hand, of no Experiment: it ends, and holds nothing',
    tell: async (stage) => {
      const namespace = await stage.place('byhand');
      const cell = { mode: 'native', placement: 'CrossNode', pairs: 1, block: 0, attempt: 0 };
      const spec = { experiment: 'none', testbed: 'lab', ...cell };
      await stage.cluster.apply({
        apiVersion: 'vfbench.io/v1alpha1',
        kind: 'Trial',
        metadata: { name: 'own', namespace },
        spec,
      });
      const ended = await eventually(30, async () => {
        const [trial] = await stage.scene.trials(namespace);
        return isTrue(trial?.status?.conditions, 'Finished') ? trial : null;
      });
      expect(findCondition(ended?.status?.conditions, 'Succeeded')).toMatchObject({
        status: 'False',
        reason: 'Cancelled',
      });
      expect(ended?.status?.grant).toBeUndefined();
    },
  },
  {
    title: 'an Experiment deleted while others wait: what it held is theirs when it is gone',
    tell: async (stage) => {
      const namespace = await stage.place('heir', { devices: 1 });
      const gate = stage.shutGate(namespace);
      await stage.start(namespace, blocks(1));
      await gate.measuring;
      await stage.start(namespace, blocks(1), 'heir');
      await stage.scene.until({ namespace, name: 'heir' }, { type: 'Admitted', reason: 'TestbedBusy' });
      await stage.scene.fleet.client.remove(EXPERIMENTS, { namespace, name: 'exp' });
      expectSuccess(await stage.scene.finished(namespace, 'heir'), { trials: 1, failed: 0 });
      gate.open();
    },
  },
];
