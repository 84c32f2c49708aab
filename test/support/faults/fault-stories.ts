/** The table of faults as tests: what must be there before, what is done in each case, and that its end is as it must be. */
import { expect } from '@jest/globals';
import { findCondition, isTrue } from '../../../src/api/conditions.ts';
import type { Experiment } from '../../../src/api/v1alpha1.ts';
import { VMIS } from '../../../src/api/kinds.ts';
import { type KubeObject, PODS } from '../../../src/kube/index.ts';
import { strikes } from '../../e2e/faults/cases.ts';
import type { FaultCase, Limits } from '../../e2e/faults/kinds.ts';
import { eventually } from '../eventually.ts';
import type { Story } from '../stories.ts';
import { FaultLab } from './fault-lab.ts';
import { inForce, injecting, refusing } from './policies.ts';
import type { World } from './world.ts';

const LIMITS: readonly Limits[] = ['Starting', 'Placing', 'Crowded', 'WrongImage', 'Quota', 'Measuring', 'Patient'];
const namespaceOf = (limits: Limits): string => `parity-${limits.toLowerCase()}`;
const nodesOf = (limits: Limits): [string, string] => [`${limits.toLowerCase()}-a`, `${limits.toLowerCase()}-b`];
/** Nodes that the cases want: a pair for each kind of limits. */
export const FAULT_NODES: readonly string[] = LIMITS.flatMap(nodesOf);

const QUOTA = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'none', namespace: namespaceOf('Quota') },
  spec: { hard: { pods: '0' } },
};

/** Everything that the cases need before they are told. The world is the lab's from then on. */
export async function prepareFaults(world: World, cases: readonly FaultCase[]): Promise<FaultLab> {
  const lab = await FaultLab.open(world);
  try {
    await prepare(lab, cases);
    return lab;
  } catch (error) {
    await lab.close();
    throw error;
  }
}

async function prepare(lab: FaultLab, cases: readonly FaultCase[]): Promise<void> {
  const { world } = lab;
  for (const { experiment, misdeed, endpoint = 'client-0' } of cases) {
    if (misdeed !== undefined) world.misbehave(experiment, { [endpoint]: misdeed });
  }
  for (const limits of LIMITS) await lab.testbed(namespaceOf(limits), limits, nodesOf(limits));
  for (const node of nodesOf('Crowded')) await lab.crowd('default', node);
  await world.apply(...refusing('refused-native'), ...injecting('double-vf-native'), QUOTA);
  await inForce(world.dryRun, {
    refused: 'refused-native',
    injected: 'double-vf-native',
    full: QUOTA.metadata.namespace,
  });
  for (const each of cases) {
    for (const fault of each.switches ?? []) lab.agents.faults.set(fault, ({ name }) => strikes(each, name));
  }
}

/** Each case, those that wait longest first; it may take `seconds`. */
export function faultStories(cases: readonly FaultCase[], seconds: number): Story<FaultLab>[] {
  const rank = ({ long, limits }: FaultCase): number => (long === true ? -1 : LIMITS.indexOf(limits));
  return cases
    .toSorted((a, b) => rank(a) - rank(b))
    .map((each) => ({
      title: `${each.name}, ${each.type}: ${each.reason}`,
      tell: (lab) => tell(lab, each, seconds),
    }));
}

async function tell(lab: FaultLab, each: FaultCase, seconds: number): Promise<void> {
  const { experiment, type, peer, limits, pairs = 1, misdeed, deed } = each;
  const namespace = namespaceOf(limits);
  const long = misdeed === 'hangs' || misdeed === 'stalls' ? lab.long : {};
  const mode = { name: 'only', type, ...(peer === undefined ? {} : { peer }) };
  await lab.start(namespace, experiment, type, { modes: [mode], pairs: [pairs], ...long });
  if (deed !== undefined) await act(lab, each, namespace);
  const done = await lab.finished(namespace, experiment, seconds);
  expectEnd(lab, each, done);
  expect((await lab.leftovers(namespace)).filter((name) => name.includes(` ${experiment}-b0-`))).toEqual([]);
}

function expectEnd(lab: FaultLab, { experiment, limits, reason, message }: FaultCase, done: Experiment): void {
  const [trial, ...more] = lab.witness.trials(namespaceOf(limits), experiment);
  expect(more).toEqual([]);
  const succeeded = findCondition(trial?.status?.conditions, 'Succeeded');
  expect(succeeded).toMatchObject({ status: 'False', reason, message: expect.stringMatching(message) });
  expect(isTrue(trial?.status?.conditions, 'CleanedUp')).toBe(true);
  expect(trial?.status?.measurements).toBeUndefined();
  const finished = findCondition(done.status?.conditions, 'Finished');
  expect(finished).toMatchObject({ status: 'True', reason: 'CellFailed' });
  expect(finished?.message).toContain(`${reason}: ${succeeded?.message}`);
}

/** What others do to an endpoint that measures; to a real VM while it boots, which costs less time and is no easier. */
async function act(lab: FaultLab, each: FaultCase, namespace: string): Promise<void> {
  const matches = (name: string): boolean => strikes(each, name);
  if (lab.world.played || each.type === 'Native' || each.deed === 'cut-wire') {
    await lab.measuring(namespace, each.experiment);
  } else {
    await lab.booting(namespace, matches);
  }
  if (each.deed === 'cut-wire') {
    await lab.testing(namespace, matches, each.type);
    lab.agents.faults.set('cut-wire', ({ name }) => matches(name));
    return;
  }
  const own = await lab.endpoint(namespace, matches, each.type);
  const pod = await lab.podBehind(namespace, matches, each.type);
  if (own === null || pod === null) throw new Error(`${each.experiment} has no endpoint to strike`);
  const { name } = pod.metadata;
  if (each.deed === 'delete') {
    await lab.client.remove(each.type === 'Native' ? PODS : VMIS, { namespace, name: own.metadata.name });
  } else if (each.deed === 'delete-launcher') {
    await lab.client.remove(PODS, { namespace, name }, { gracePeriodSeconds: 0 });
  } else {
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } } as KubeObject;
    await lab.client.create({ ...PODS, plural: `pods/${name}/eviction` }, eviction);
  }
}

/** An Experiment on the nodes of most of the faults, which it does not notice. */
export const HEALTHY: Story<FaultLab> = {
  title: 'beside them all, an Experiment that nothing is done to succeeds',
  tell: async (lab) => {
    const namespace = namespaceOf('Patient');
    await lab.start(namespace, 'healthy', 'Native');
    const done = await lab.finished(namespace, 'healthy', 600);
    expect(findCondition(done.status?.conditions, 'Succeeded')).toMatchObject({ status: 'True', reason: 'Completed' });
  },
};

/** After all cases: nothing is left, in the cluster or on the nodes, and no Trial harmed another. */
export async function expectNothingLeft(lab: FaultLab): Promise<void> {
  await lab.uncrowd();
  let left: string[] = [];
  await eventually(30, async () => {
    const objects = await Promise.all(LIMITS.map((limits) => lab.leftovers(namespaceOf(limits))));
    left = [...objects.flat(), ...(await lab.world.remains())];
    return left.length === 0 || null;
  }).catch(() => expect(left).toEqual([]));
  expect(lab.witness.breaches).toEqual([]);
}
