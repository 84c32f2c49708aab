/** Stories of deletions that take their time: held by a finalizer, or until all that is owned is gone. */
import { expect } from '@jest/globals';
import { findCondition } from '../../../src/api/conditions.ts';
import type { Trial } from '../../../src/api/v1alpha1.ts';
import { eventually } from '../eventually.ts';
import type { Story } from '../stories.ts';
import { blocks, expectSuccess, type Stage } from './stage.ts';

const HOLD = 'example.com/hold';

/** Deletes it, and leaves it there. */
async function deleteHeld(stage: Stage, namespace: string, [kind, name]: [string, string]): Promise<void> {
  await stage.patch(namespace, kind, name, { metadata: { finalizers: [HOLD] } });
  await stage.cluster.kubectl(['delete', kind, name, '-n', namespace, '--wait=false']);
}

const release = (stage: Stage, namespace: string, [kind, name]: [string, string]): Promise<string> =>
  stage.patch(namespace, kind, name, { metadata: { finalizers: null } });

/** The Experiment's only Trial once it is over. */
const over = (stage: Stage, namespace: string, experiment: string): Promise<Trial> =>
  eventually(60, async () => {
    const [trial] = await stage.scene.trials(namespace, experiment);
    return findCondition(trial?.status?.conditions, 'Finished')?.status === 'True' ? (trial ?? null) : null;
  });

const told = ({ status }: Trial): string => {
  const end = findCondition(status?.conditions, 'Finished');
  return `${end?.reason}: ${end?.message}`;
};

/** Once nothing is left of it, the Experiment itself included. */
const gone = (stage: Stage, namespace: string): Promise<true> =>
  eventually(60, async () => {
    const experiments = await stage.cluster.kubectl(['get', 'experiments', '-n', namespace, '-o', 'name']);
    const left = [...(await stage.scene.children(namespace)), ...(await stage.scene.trials(namespace))];
    return experiments.trim() === '' && left.length === 0 ? true : null;
  });

export const deletionStories: readonly Story<Stage>[] = [
  {
    title: 'Experiments that are being deleted and held by a finalizer: what runs ends, what waits never starts',
    tell: async (stage) => {
      const namespace = await stage.place('delheld');
      const gate = stage.shutGate(namespace);
      await stage.start(namespace, blocks(2));
      await gate.measuring;
      await stage.start(namespace, blocks(2), 'waits');
      await eventually(30, async () => ((await stage.scene.trials(namespace, 'waits')).length > 0 ? true : null));
      await deleteHeld(stage, namespace, ['experiment', 'waits']);
      const waited = await over(stage, namespace, 'waits');
      expect(told(waited)).toBe('Cancelled: Experiment waits is being deleted');
      expect(waited.status?.grant).toBeUndefined();
      await deleteHeld(stage, namespace, ['experiment', 'exp']);
      expect(told(await over(stage, namespace, 'exp'))).toBe('Cancelled: Experiment exp is being deleted');
      expect(await stage.scene.children(namespace)).toEqual([]);
      // The nodes are free, though both are still there.
      await stage.start(namespace, blocks(1), 'next');
      expectSuccess(await stage.scene.finished(namespace, 'next'), { trials: 1, failed: 0 });
      expect(await stage.scene.trials(namespace)).toHaveLength(3);
      for (const name of ['exp', 'waits']) await release(stage, namespace, ['experiment', name]);
      await stage.cluster.kubectl(['delete', 'experiment', 'next', '-n', namespace]);
      await gone(stage, namespace);
      gate.open();
    },
  },
  {
    title: 'an Experiment deleted in the foreground while it measures: nothing is left, and it goes last',
    tell: async (stage) => {
      const namespace = await stage.place('delfore');
      const gate = stage.shutGate(namespace);
      await stage.start(namespace, blocks(2));
      await gate.measuring;
      await stage.cluster.kubectl(['delete', 'experiment', 'exp', '-n', namespace, '--cascade=foreground']);
      expect(await stage.scene.trials(namespace)).toEqual([]);
      await gone(stage, namespace);
      gate.open();
    },
  },
  {
    title:
      'a Trial that is being deleted and held by a finalizer: its endpoints go, its cell is measured when it is gone',
    tell: async (stage) => {
      const namespace = await stage.place('delheldtrial');
      const gate = stage.shutGate(namespace);
      await stage.start(namespace, blocks(1));
      await gate.measuring;
      const [trial] = await stage.scene.trials(namespace);
      const name = trial?.metadata.name ?? '';
      await deleteHeld(stage, namespace, ['trial', name]);
      expect(told(await over(stage, namespace, 'exp'))).toBe(`Cancelled: Trial ${name} is being deleted`);
      expect(await stage.scene.children(namespace)).toEqual([]);
      gate.open();
      await release(stage, namespace, ['trial', name]);
      expectSuccess(await stage.scene.finished(namespace, 'exp'), { blocks: 1, trials: 1, failed: 0 });
      const [again] = await stage.scene.trials(namespace);
      expect(again?.metadata.uid).not.toBe(trial?.metadata.uid);
    },
  },
];
