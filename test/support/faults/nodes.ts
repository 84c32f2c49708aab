/** Stories of nodes that are drained, renamed, or lose their VFs, and of what waits for them. */
import { expect } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { findCondition } from '../../../src/api/conditions.ts';
import { NODES } from '../../../src/kube/index.ts';
import { eventually } from '../eventually.ts';
import { liveWell } from '../good-life.ts';
import type { Story } from '../stories.ts';
import { blocks, expectSuccess, messageOf, type Stage } from './stage.ts';

const finished = async (stage: Stage, namespace: string): Promise<string[]> =>
  (await stage.scene.trials(namespace, 'exp')).flatMap(
    ({ status }) => findCondition(status?.conditions, 'Finished')?.reason ?? [],
  );

/** Somebody's pod that holds VFs of a node; no scheduler or kubelet is there. */
const holder = (namespace: string, node: string, count: number): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'somebody', namespace },
  spec: {
    nodeName: node,
    containers: [
      {
        name: 'theirs',
        image: 'theirs',
        resources: { requests: { 'example.com/vfnet': count }, limits: { 'example.com/vfnet': count } },
      },
    ],
  },
});

export const nodeStories: readonly Story<Stage>[] = [
  {
    title: 'a node that is drained: the trial ends for that, the next waits until it is uncordoned',
    tell: async (stage) => {
      const namespace = await stage.place('drain');
      const gate = stage.shutGate(namespace);
      await stage.start(namespace, blocks(2, 1));
      await gate.measuring;
      await stage.cluster.kubectl([
        'drain',
        `${namespace}-a`,
        '--force',
        '--ignore-daemonsets',
        '--delete-emptydir-data',
        '--timeout=30s',
      ]);
      const held = await stage.held(namespace, 'NodeUnavailable');
      expect(messageOf(held)).toBe(`Node ${namespace}-a is cordoned: uncordon it, trials go on then`);
      await eventually(60, async () => ((await finished(stage, namespace)).join() === 'EndpointLost' ? true : null));
      gate.open();
      await delay(1500);
      expect(await stage.scene.trials(namespace)).toHaveLength(1);
      await stage.cluster.kubectl(['uncordon', `${namespace}-a`]);
      expectSuccess(await stage.scene.finished(namespace, 'exp'), { trials: 3, failed: 1 });
    },
  },
  {
    title: 'a node that is renamed: what measured there waits for it by its name, what only waited goes elsewhere',
    tell: async (stage) => {
      const namespace = await stage.place('rename');
      const [a, b, renamed] = [`${namespace}-a`, `${namespace}-b`, `${namespace}-new`];
      await stage.patch(namespace, 'testbed', 'lab', { spec: { nodes: { server: { names: [a, renamed] } } } });
      const gate = stage.shutGate(namespace);
      await stage.start(namespace, blocks(2, 1));
      await gate.measuring;
      await stage.start(namespace, blocks(1), 'later');
      await stage.scene.until({ namespace, name: 'later' }, { type: 'Admitted', reason: 'TestbedBusy' });
      await stage.scene.fleet.client.remove(NODES, { name: a });
      await stage.scene.fleet.node(renamed);
      const held = await stage.held(namespace, 'NodeUnavailable');
      expect(messageOf(held)).toMatch(new RegExp(`^Node ${a} is gone: bring it back under this name`));
      await eventually(60, async () => ((await finished(stage, namespace)).join() === 'NodeLost' ? true : null));
      gate.open();
      const later = await stage.scene.finished(namespace, 'later');
      expectSuccess(later, { trials: 1, failed: 0 });
      expect(later.status?.nodes).toEqual({ server: renamed, client: b });
      await stage.scene.fleet.node(a);
      const done = await stage.scene.finished(namespace, 'exp');
      expectSuccess(done, { trials: 3, failed: 1 });
      expect(done.status?.nodes).toEqual({ server: a, client: b });
    },
  },
  {
    title: 'VFs that are all gone while it measures: the trial under way ends well, the next waits until they are back',
    tell: async (stage) => {
      const namespace = await stage.place('novfs', { devices: 2 });
      const gate = stage.shutGate(namespace);
      await stage.start(namespace, blocks(2));
      await gate.measuring;
      await stage.scene.fleet.setNode(`${namespace}-b`, { devices: 0 });
      const held = await stage.held(namespace, 'InsufficientVFs');
      expect(messageOf(held)).toMatch(
        /needs 1 of example.com\/vfnet on node \S+-b, which has 0: make VFs \(sriov_numvfs\), then restart the SR-IOV device plugin/,
      );
      gate.open();
      await eventually(60, async () => ((await stage.scene.cells(namespace)).length === 1 ? true : null));
      await delay(1500);
      expect(await stage.scene.trials(namespace)).toHaveLength(1);
      await stage.scene.fleet.setNode(`${namespace}-b`, { devices: 2 });
      expectSuccess(await stage.scene.finished(namespace, 'exp'), { trials: 2, failed: 0 });
    },
  },
  {
    title: 'VFs that others hold: said who, how many are needed and free; it goes on when they let go',
    tell: async (stage) => {
      const namespace = await stage.place('held', { devices: 3 });
      await stage.cluster.apply(holder(namespace, `${namespace}-b`, 2));
      await stage.inUse(namespace, `${namespace}-b`, 'example.com/vfnet', 2);
      await stage.start(namespace, { pairs: [2], ...blocks(1) });
      const held = await stage.held(namespace, 'InsufficientVFs');
      expect(messageOf(held)).toBe(
        `Node ${namespace}-b has 3 of example.com/vfnet: 2 needed, 1 free, in use: 2 by pod ${namespace}/somebody`,
      );
      expect(held.status?.queue).toEqual({ position: 1, length: 1 });
      await stage.cluster.kubectl(['delete', 'pod', 'somebody', '-n', namespace, '--force', '--grace-period=0']);
      const done = await stage.scene.finished(namespace, 'exp');
      expectSuccess(done, { trials: 1, failed: 0 });
      expect(done.status?.queue).toBeUndefined();
    },
  },
  {
    title: 'what waits for a Testbed says at which place of how many, and is let in in that order',
    tell: async (stage) => {
      const namespace = await stage.place('queue');
      const gate = stage.shutGate(namespace);
      await stage.start(namespace, blocks(1));
      await gate.measuring;
      const names = ['first', 'second', 'third'];
      for (const name of names) {
        stage.script(`${namespace}/${name}`, (endpoint) => liveWell(endpoint));
        await stage.start(namespace, blocks(1), name);
        // Times of creation count in seconds.
        await delay(1100);
      }
      const place = async (name: string): Promise<string> => {
        const { position, length } = (await stage.scene.experiment(namespace, name)).status?.queue ?? {};
        return `${position} of ${length}`;
      };
      const expected = ['1 of 3', '2 of 3', '3 of 3'].join();
      await eventually(40, async () => ((await Promise.all(names.map(place))).join() === expected ? true : null));
      gate.open();
      for (const name of names) {
        const done = await stage.scene.finished(namespace, name);
        expectSuccess(done, { trials: 1, failed: 0 });
        expect(done.status?.queue).toBeUndefined();
      }
      expect(await stage.grants(4, namespace)).toEqual(['exp', ...names].map((name) => `${namespace}/${name}`));
    },
  },
];
