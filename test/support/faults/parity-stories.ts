/** Faults that are no end of a Trial by themselves: what holds it, for how long, and that it goes on or ends well after. */
import { expect } from '@jest/globals';
import { findCondition, isTrue } from '../../../src/api/conditions.ts';
import type { Experiment, ModeType, Trial } from '../../../src/api/v1alpha1.ts';
import { ALL } from '../../e2e/faults/kinds.ts';
import { eventually } from '../eventually.ts';
import type { Story } from '../stories.ts';
import { GREEDY, type FaultLab } from './fault-lab.ts';

const SECONDS = 120;
const text = (object: Trial | Experiment | undefined, type: string): string => {
  const found = findCondition(object?.status?.conditions, type);
  return found === undefined ? '' : `${found.status} ${found.reason}: ${found.message}`;
};

/** The two nodes that a story has for itself. */
export const nodesFor = (story: string): [string, string] => [`${story}-a`, `${story}-b`];

async function place(lab: FaultLab, story: string, limits: object = {}, spec: object = {}): Promise<string> {
  const namespace = `parity-${story}`;
  const timeouts = { scheduleSeconds: 300, startSeconds: 600, marginSeconds: 300, cleanupSeconds: 300, ...limits };
  await lab.testbed(namespace, 'Patient', nodesFor(story), { timeouts, ...spec });
  return namespace;
}

/** Waits for a condition of the namespace's one Trial; fails with all that it has. */
async function until(lab: FaultLab, namespace: string, type: string, words: RegExp): Promise<void> {
  const trial = (): Trial | undefined => lab.witness.trials(namespace)[0];
  await eventually(SECONDS, () => Promise.resolve(words.test(text(trial(), type)) || null)).catch((cause: unknown) => {
    throw new Error(`${type} is not ${words}: ${JSON.stringify(trial()?.status?.conditions)}`, { cause });
  });
}

async function expectEnd(lab: FaultLab, namespace: string, end: RegExp): Promise<void> {
  const done = await lab.finished(namespace, namespace.replace(/^parity-/, ''), SECONDS);
  expect(text(done, 'Succeeded')).toMatch(end);
  expect(await lab.leftovers(namespace)).toEqual([]);
}
const expectCompleted = (lab: FaultLab, namespace: string): Promise<void> =>
  expectEnd(lab, namespace, /^True Completed: /);

const HELD: Record<ModeType, RegExp> = {
  Native: /^False EndpointsRemain: .*Pod \S+-client-0 \(phase \w+, on node \S+, whose kubelet has to let it go\)/,
  Virtio:
    /^False EndpointsRemain: .*VirtualMachineInstance \S+-client-0 \(phase \w+, finalizers kubevirt\.io\/\S+, no launcher pod: virt-controller has to let it go\)/,
  Passthrough:
    /^False EndpointsRemain: .*VirtualMachineInstance \S+-client-0 \(phase \w+, finalizers kubevirt\.io\/\S+, no launcher pod: virt-controller has to let it go\)/,
};

/**
 * An endpoint that cannot be removed: who holds it is told, its grant is kept, and the Trial ends once it is let go.
 * A pod must run when it is deleted: one that has ended needs no kubelet, the API server removes it at once.
 */
const stuck = (type: ModeType): Story<FaultLab> => ({
  title: `stuck deleting, ${type}: EndpointsRemain, and who holds it`,
  tell: async (lab) => {
    const name = `stuck${type.toLowerCase()}`;
    const namespace = await place(lab, name, { cleanupSeconds: 2, ...(type === 'Native' ? { marginSeconds: 2 } : {}) });
    if (type === 'Native') lab.world.misbehave(name, { 'client-0': 'hangs' });
    const off = lab.agents.faults.set(
      'stuck',
      (meta) => meta.namespace === namespace && meta.name.endsWith('-client-0'),
    );
    await lab.start(namespace, name, type);
    await until(lab, namespace, 'CleanedUp', HELD[type]);
    const [trial] = lab.witness.trials(namespace, name);
    expect(isTrue(trial?.status?.conditions, 'Finished')).toBe(false);
    expect(trial?.status?.grant?.endpoints).toHaveLength(2);
    off();
    await expectEnd(lab, namespace, type === 'Native' ? /^False CellFailed: .*MeasureTimeout/ : /^True Completed: /);
  },
});

export const lost = (type: ModeType): Story<FaultLab> => ({
  title: `node lost, ${type}: NodeLost, and what it holds is held until it is back`,
  tell: async (lab) => {
    const name = `lost${type.toLowerCase()}`;
    const namespace = await place(lab, name, { cleanupSeconds: 2 });
    lab.world.misbehave(name, { 'client-0': 'hangs' });
    await lab.start(namespace, name, type, lab.long);
    await lab.measuring(namespace, name);
    const [, node] = nodesFor(name);
    const off = lab.agents.faults.set('lose-node', (meta) => meta.name === node);
    await until(lab, namespace, 'Measured', new RegExp(`^False NodeLost: Node ${node} of endpoint client-0 is gone`));
    await until(lab, namespace, 'CleanedUp', /^False EndpointsRemain: /);
    off();
    await expectEnd(lab, namespace, /^False CellFailed: .*NodeLost/);
  },
});

const RESOURCES = { Native: 'vfnet', Passthrough: 'vfvfio' } as const;

/** The VFs are gone from allocatable before the Trial, and come back. */
const unplugged = (type: 'Native' | 'Passthrough'): Story<FaultLab> => ({
  title: `VFs unplugged, ${type}: InsufficientVFs in numbers, and it goes on when they are back`,
  tell: async (lab) => {
    const name = `plug${type.toLowerCase()}`;
    const namespace = await place(lab, name);
    const [, node] = nodesFor(name);
    const resource = RESOURCES[type];
    await lab.agents.setVfs(node, { [resource]: 0 });
    await lab.allocatable(namespace, node, `sandbox.vfbench.io/${resource}`, 0);
    await lab.start(namespace, name, type);
    const held = await eventually(SECONDS, () => {
      const found = lab.experiment(namespace, name);
      return Promise.resolve(text(found, 'Admitted').startsWith('False InsufficientVFs') ? (found ?? null) : null);
    });
    expect(text(held, 'Admitted')).toMatch(
      new RegExp(`needs 1 of sandbox\\.vfbench\\.io/${resource} on node ${node}, which has 0`),
    );
    await lab.agents.setVfs(node, { [resource]: 4 });
    await expectCompleted(lab, namespace);
  },
});

const slow = (type: ModeType): Story<FaultLab> => ({
  title: `slow, ${type}: within its limits it succeeds`,
  tell: async (lab) => {
    const name = `slow${type.toLowerCase()}`;
    const namespace = await place(lab, name);
    const off = lab.agents.faults.set('slow', (meta) => meta.namespace === namespace);
    await lab.start(namespace, name, type);
    await expectCompleted(lab, namespace);
    off();
  },
});

const ASKED: Record<ModeType, string> = {
  Native: 'spec\\.pod\\.resources asks for 100 of cpu',
  Virtio: 'spec\\.vm\\.memory asks for 400Gi of memory',
  Passthrough: 'spec\\.vm\\.memory asks for 400Gi of memory',
};

/** An endpoint that asks for more than any node has: nothing is made, and it is told what and where. */
const greedy = (type: ModeType): Story<FaultLab> => ({
  title: `greedy, ${type}: held before anything is made`,
  tell: async (lab) => {
    const name = `greedy${type.toLowerCase()}`;
    const namespace = await place(lab, name, {}, GREEDY);
    await lab.start(namespace, name, type);
    const words = new RegExp(
      `^False TestbedNotReady: .*${ASKED[type]}, more than any node of spec\\.nodes\\.server has`,
    );
    await eventually(SECONDS, () =>
      Promise.resolve(words.test(text(lab.experiment(namespace, name), 'Admitted')) || null),
    );
    expect(lab.witness.trials(namespace)).toEqual([]);
    expect(await lab.leftovers(namespace)).toEqual([]);
  },
});

export const PARITY_STORIES: readonly Story<FaultLab>[] = [
  ...ALL.map(stuck),
  ...ALL.map(lost),
  unplugged('Native'),
  unplugged('Passthrough'),
  ...ALL.map(slow),
  ...ALL.map(greedy),
];

/** Nodes that the stories want. */
export const STORY_NODES: readonly string[] = ['stuck', 'lost', 'slow', 'greedy']
  .flatMap((what) => ALL.map((type) => `${what}${type.toLowerCase()}`))
  .concat('plugnative', 'plugpassthrough')
  .flatMap(nodesFor);
