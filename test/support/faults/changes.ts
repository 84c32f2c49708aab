/** Stories of what changes under a running Experiment. */
import { expect } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { findCondition } from '../../../src/api/conditions.ts';
import { eventually } from '../eventually.ts';
import { labManifests } from '../fleet.ts';
import { liveWell } from '../good-life.ts';
import type { Story } from '../stories.ts';
import { blocks, expectSuccess, messageOf, type Stage } from './stage.ts';

export const changeStories: readonly Story<Stage>[] = [
  {
    title: 'suspended while it runs: the trial under way ends, no other begins, until it is resumed',
    tell: async (stage) => {
      const namespace = await stage.place('suspend');
      const gate = stage.shutGate(namespace);
      await stage.start(namespace, blocks(3));
      await gate.measuring;
      await stage.patch(namespace, 'experiment', 'exp', { spec: { suspend: true } });
      // Not before it is seen: else the next could begin.
      const suspended = await stage.held(namespace, 'Suspended');
      gate.open();
      expect(findCondition(suspended.status?.conditions, 'Stalled')).toBeUndefined();
      await eventually(60, async () => ((await stage.scene.cells(namespace)).length === 1 ? true : null));
      await delay(1500);
      expect(await stage.scene.trials(namespace)).toHaveLength(1);
      await stage.patch(namespace, 'experiment', 'exp', { spec: { suspend: false } });
      expectSuccess(await stage.scene.finished(namespace, 'exp'), { blocks: 3, trials: 3, failed: 0 });
    },
  },
  {
    title: 'out of time while it measures: the trial is cancelled and cleaned up, results so far are kept',
    tell: async (stage) => {
      const namespace = await stage.place('late');
      const never = Promise.withResolvers<void>();
      let measured = 0;
      const measure = async (): Promise<void> => (++measured <= 2 ? undefined : never.promise);
      stage.script(`${namespace}/exp`, (endpoint) => liveWell(endpoint, { measure }));
      await stage.start(namespace, { ...blocks(2), durationSeconds: 1, deadlineSeconds: 30 });
      const done = await stage.scene.finished(namespace, 'exp', 120);
      never.resolve();
      for (const [type, status] of [
        ['Finished', 'True'],
        ['Succeeded', 'False'],
      ] as const) {
        expect(findCondition(done.status?.conditions, type)).toMatchObject({ status, reason: 'DeadlineExceeded' });
      }
      expect(messageOf(done, 'Finished')).toMatch(/^30 s .* 1 blocks are complete, of at least 2, their results are/);
      expect(done.status?.results).toMatchObject([{ n: 1 }]);
      // The one that was cut off is in the report too, with its reason.
      expect(done.status?.report).toMatchObject({ trials: 2 });
      const ends = (await stage.scene.trials(namespace)).map(({ status, spec }) => [
        spec.block,
        findCondition(status?.conditions, 'Finished')?.reason,
        findCondition(status?.conditions, 'CleanedUp')?.status,
      ]);
      expect(ends.toSorted(([a], [b]) => Number(a) - Number(b))).toEqual([
        [0, 'Completed', 'True'],
        [1, 'DeadlineExceeded', 'True'],
      ]);
      expect(await stage.scene.children(namespace)).toEqual([]);
    },
  },
  {
    title: 'removed when its time to live is over, with all its trials',
    tell: async (stage) => {
      const namespace = await stage.place('ttl');
      await stage.start(namespace, { ttlSecondsAfterFinished: 10 });
      await eventually(60, async () => ((await stage.scene.cells(namespace)).length === 2 ? true : null));
      await eventually(60, async () => {
        const left = await stage.cluster.kubectl(['get', 'experiments,trials', '-n', namespace, '-o', 'name']);
        return left.trim() === '' ? true : null;
      });
      expect(await stage.scene.children(namespace)).toEqual([]);
    },
  },
  {
    title: 'a Testbed that is deleted under a trial',
    tell: async (stage) => {
      const namespace = await stage.place('bedgone');
      const gate = stage.shutGate(namespace);
      await stage.start(namespace, blocks(2, 1));
      await gate.measuring;
      await stage.cluster.kubectl(['delete', 'testbed', 'lab', '-n', namespace]);
      const waiting = await stage.held(namespace, 'TestbedNotFound');
      expect(messageOf(waiting)).toContain('create it');
      await stage.failed(namespace, 'TestbedNotFound');
      gate.open();
      await eventually(60, async () => ((await stage.scene.children(namespace)).length === 0 ? true : null));
      const where = { server: { names: [`${namespace}-a`] }, client: { names: [`${namespace}-b`] } };
      await stage.cluster.apply(...labManifests(namespace, { nodes: where }));
      expectSuccess(await stage.scene.finished(namespace, 'exp'), { blocks: 2, trials: 3, failed: 1 });
      const reasons = (await stage.scene.trials(namespace)).map(
        (t) => findCondition(t.status?.conditions, 'Finished')?.reason ?? '',
      );
      expect(reasons.sort()).toEqual(['Completed', 'Completed', 'TestbedNotFound']);
    },
  },
  {
    title: 'a Testbed that is edited under a trial: it ends as it began, and is not merged with those that come',
    tell: async (stage) => {
      const namespace = await stage.place('bededit');
      const gate = stage.shutGate(namespace);
      await stage.start(namespace, blocks(3));
      await gate.measuring;
      const pod = { resources: { limits: { cpu: '2' } } };
      await stage.patch(namespace, 'testbed', 'lab', { spec: { link: { mtu: 9000 }, pod } });
      // The operator knows of it before the trial ends.
      await eventually(60, async () => {
        const where = ['get', 'testbed', 'lab', '-n', namespace, '-o', 'jsonpath={.status.observedGeneration}'];
        return (await stage.cluster.kubectl(where)) === '2' ? true : null;
      });
      gate.open();
      const done = await stage.scene.finished(namespace, 'exp');
      expectSuccess(done, { blocks: 3, trials: 3, failed: 0 });
      const trials = (await stage.scene.trials(namespace)).toSorted((a, b) => a.spec.block - b.spec.block);
      const made = trials.map(({ status }) => [status?.grant?.testbed?.generation, status?.endpoints?.[0]?.mtu]);
      expect(made).toEqual([
        [1, 1500],
        [2, 9000],
        [2, 9000],
      ]);
      expect(findCondition(done.status?.conditions, 'Comparable')).toMatchObject({ reason: 'FingerprintsDiffer' });
      const message = messageOf(done, 'Comparable');
      expect(message).toContain(`testbed.pod.limits of native, client on node ${namespace}-b: cpu=2, none`);
      expect(message).toContain(`nic.mtu of native, server on node ${namespace}-a: 1500, 9000`);
      expect(message).toContain('; 1 trials are left out of the results');
      expect(done.status?.results).toMatchObject([{ n: 2 }]);
    },
  },
  {
    title: 'an attachment that is deleted under a trial: it goes on, the next waits',
    tell: async (stage) => {
      const namespace = await stage.place('nadgone');
      const gate = stage.shutGate(namespace);
      await stage.start(namespace, blocks(2));
      await gate.measuring;
      await stage.start(namespace, blocks(1), 'other');
      await stage.cluster.kubectl(['delete', 'network-attachment-definition', 'vf-net', '-n', namespace]);
      await stage.scene.until({ namespace, name: 'exp' }, { type: 'Stalled', status: 'True' });
      gate.open();
      await eventually(60, async () => ((await stage.scene.cells(namespace)).length === 1 ? true : null));
      await delay(1500);
      expect(await stage.scene.cells(namespace)).toHaveLength(1);
      await stage.cluster.apply(...labManifests(namespace).slice(0, 3));
      expectSuccess(await stage.scene.finished(namespace, 'exp'), { trials: 2, failed: 0 });
      expectSuccess(await stage.scene.finished(namespace, 'other'), { trials: 1, failed: 0 });
      for (const trial of await stage.scene.trials(namespace)) {
        expect(trial.status?.grant?.endpoints.map((e) => e.resource)).toEqual([
          'example.com/vfnet',
          'example.com/vfnet',
        ]);
      }
    },
  },
  {
    title: 'a node that is lost while it measures',
    tell: async (stage) => {
      const namespace = await stage.place('lost');
      const gate = stage.shutGate(namespace);
      await stage.start(namespace, blocks(2, 1));
      await gate.measuring;
      await stage.start(namespace, blocks(1), 'other');
      await stage.scene.fleet.setNode(`${namespace}-b`, { ready: false });
      // The node and the Testbed that lacks it are two reasons; either may be found first.
      await stage.scene.until({ namespace, name: 'exp' }, { type: 'Stalled', status: 'True' });
      await eventually(60, async () => {
        const trials = await stage.scene.trials(namespace, 'exp');
        const reasons = trials.map(({ status }) => findCondition(status?.conditions, 'Finished')?.reason);
        return reasons.includes('NodeLost') || null;
      });
      gate.open();
      await delay(1500);
      await stage.scene.fleet.setNode(`${namespace}-b`, { ready: true });
      expectSuccess(await stage.scene.finished(namespace, 'exp'), { blocks: 2, trials: 3, failed: 1 });
      expectSuccess(await stage.scene.finished(namespace, 'other'), { trials: 1, failed: 0 });
    },
  },
  {
    title: 'a node that is cordoned: the trial under way ends, the next wait',
    tell: async (stage) => {
      const namespace = await stage.place('cordon');
      const gate = stage.shutGate(namespace);
      await stage.start(namespace, blocks(2));
      await gate.measuring;
      await stage.start(namespace, blocks(1), 'other');
      await stage.cluster.kubectl(['cordon', `${namespace}-a`]);
      await stage.held(namespace, 'NodeUnavailable');
      gate.open();
      await eventually(60, async () => ((await stage.scene.cells(namespace)).length === 1 ? true : null));
      await delay(1500);
      expect(await stage.scene.cells(namespace)).toHaveLength(1);
      await stage.cluster.kubectl(['uncordon', `${namespace}-a`]);
      expectSuccess(await stage.scene.finished(namespace, 'exp'), { trials: 2, failed: 0 });
      expectSuccess(await stage.scene.finished(namespace, 'other'), { trials: 1, failed: 0 });
    },
  },
  {
    title: 'a trial that a user deletes is made again',
    tell: async (stage) => {
      const namespace = await stage.place('untrial');
      const gate = stage.shutGate(namespace);
      await stage.start(namespace, blocks(1));
      await gate.measuring;
      const [old] = await stage.scene.trials(namespace);
      await stage.cluster.kubectl(['delete', 'trial', old?.metadata.name ?? '', '-n', namespace]);
      gate.open();
      expectSuccess(await stage.scene.finished(namespace, 'exp'), { trials: 1, failed: 0 });
      const [trial, ...more] = await stage.scene.trials(namespace);
      expect(more).toEqual([]);
      expect(trial?.metadata.uid).not.toBe(old?.metadata.uid);
      expect(await stage.scene.children(namespace)).toEqual([]);
    },
  },
];
