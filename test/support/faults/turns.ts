/** Stories of several Experiments that want the same Testbed or the same nodes. */
import { expect } from '@jest/globals';
import { eventually } from '../eventually.ts';
import { liveWell } from '../good-life.ts';
import type { Story } from '../stories.ts';
import { blocks, expectSuccess, type Stage } from './stage.ts';

export const turnStories: readonly Story<Stage>[] = [
  {
    title: 'two Experiments on one Testbed take turns',
    tell: async (stage) => {
      const namespace = await stage.place('turns');
      // Both are there before the second trial of either.
      const gate = stage.shutGate(namespace, 'one');
      await stage.start(namespace, blocks(4), 'one');
      await gate.measuring;
      await stage.start(namespace, blocks(4), 'two');
      await stage.scene.until({ namespace, name: 'two' }, { type: 'Admitted', reason: 'TestbedBusy' });
      gate.open();
      for (const name of ['one', 'two'])
        expectSuccess(await stage.scene.finished(namespace, name), { trials: 4, failed: 0 });
      const order = await stage.grants(8, namespace);
      expect(order.slice(2, 6).filter((grant) => grant.endsWith('/one'))).toHaveLength(2);
    },
  },
  {
    title: 'two namespaces with Testbeds on the same nodes take turns, however many Experiments one has',
    tell: async (stage) => {
      const many = await stage.place('many');
      const nodes: [string, string] = [`${many}-a`, `${many}-b`];
      const few = await stage.place('few', { nodes });
      await Promise.all(['one', 'two', 'three', 'four'].map((name) => stage.start(many, blocks(4), name)));
      await stage.start(few, blocks(4));
      expectSuccess(await stage.scene.finished(few, 'exp'), { trials: 4, failed: 0 });
      for (const name of ['one', 'two', 'three', 'four']) await stage.scene.finished(many, name);
      const order = await stage.grants(20, many, few);
      const from = order.indexOf(`${few}/exp`);
      const to = order.lastIndexOf(`${few}/exp`);
      expect(from).not.toBe(-1);
      expect(to - from).toBeLessThanOrEqual(8);
    },
  },
  {
    title: 'a Testbed that always runs something does not keep another from the nodes they share',
    tell: async (stage) => {
      const busy = await stage.place('busy', { concurrency: 2 });
      const patient = await stage.place('patient', { nodes: [`${busy}-a`, `${busy}-b`] });
      // A trial ends when another has begun, or after a while: so one of them always runs.
      const overlap = async (): Promise<void> => {
        const begun = stage.scene.witness.grants.length;
        const others = (): string[] =>
          stage.scene.witness.grants.slice(begun).filter((grant) => grant.startsWith(busy));
        await eventually(0.7, async () => (others().length > 0 ? true : null)).catch(() => null);
      };
      for (const name of ['exp', 'more']) stage.script(`${busy}/${name}`, (e) => liveWell(e, { measure: overlap }));
      await stage.start(busy, blocks(60));
      await stage.start(busy, blocks(60), 'more');
      await eventually(60, async () => ((await stage.scene.cells(busy)).length > 2 ? true : null));
      await stage.start(patient, blocks(1));
      expectSuccess(await stage.scene.finished(patient, 'exp'), { trials: 1, failed: 0 });
      expect((await stage.scene.cells(busy)).length).toBeLessThan(100);
      await stage.cluster.kubectl(['delete', 'experiment', 'exp', 'more', '-n', busy, '--wait=false']);
    },
  },
];
