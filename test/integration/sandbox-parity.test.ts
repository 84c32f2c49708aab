/**
 * Every fault of every type of endpoint, as the sandbox's stand-ins and the cluster itself play it, with the real
 * operator: its reason, its message, nothing left. Only packets and boots are missing here.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findCondition, isTrue } from '../../src/api/conditions.ts';
import type { Experiment } from '../../src/api/v1alpha1.ts';
import { VMIS } from '../../src/control/kinds.ts';
import { type KubeObject, PODS } from '../../src/kube/index.ts';
import { CASES, strikes } from '../e2e/faults/cases.ts';
import type { FaultCase, Limits } from '../e2e/faults/kinds.ts';
import { describeWithCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { PARITY_CLUSTER, ParityLab } from '../support/faults/parity-lab.ts';
import { PARITY_STORIES, STORY_NODES } from '../support/faults/parity-stories.ts';
import { injecting, refusing } from '../support/faults/policies.ts';
import { tellTogether } from '../support/stories.ts';

const LIMITS: readonly Limits[] = ['Starting', 'Placing', 'Crowded', 'WrongImage', 'Quota', 'Measuring', 'Patient'];
const namespaceOf = (limits: Limits): string => `parity-${limits.toLowerCase()}`;
const nodesOf = (limits: string): [string, string] => [`${limits.toLowerCase()}-a`, `${limits.toLowerCase()}-b`];
/** Of one case, on a busy machine; by its limits a minute and a bit. */
const BOUND_SECONDS = 180;
/** Of each test: the last case waits for all before it. */
const STORY_MS = 300_000;
/** More would wait for the machine, longer than the limits that are under test. */
const AT_ONCE = 24;
/** Those that wait longest begin first. */
const IN_ORDER = CASES.toSorted((a, b) => LIMITS.indexOf(a.limits) - LIMITS.indexOf(b.limits));

describeWithCluster("faults, by the sandbox's stand-ins", PARITY_CLUSTER, (cluster) => {
  let lab: ParityLab;
  const squatters: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    const nodes = [...LIMITS.flatMap(nodesOf), ...STORY_NODES];
    lab = await ParityLab.open(cluster(), nodes);
    for (const { experiment, misdeed, endpoint = 'client-0' } of CASES) {
      if (misdeed !== undefined) lab.misbehave(experiment, { [endpoint]: misdeed });
    }
    for (const limits of LIMITS) {
      await lab.testbed(namespaceOf(limits), limits, nodesOf(limits));
    }
    for (const node of nodesOf('Crowded')) squatters.push(await lab.crowd('default', node));
    await cluster().apply(...refusing('refused-native'), ...injecting('double-vf-native'), QUOTA);
    // Policies take effect a moment after they are made.
    await delay(2000);
    for (const each of CASES) {
      for (const fault of each.switches ?? []) lab.agents.faults.set(fault, ({ name }) => strikes(each, name));
    }
  }, 180_000);
  afterAll(async () => lab?.close(), 60_000);

  const tell = async (each: FaultCase): Promise<void> => {
    const { experiment, type, limits, pairs = 1, deed } = each;
    const namespace = namespaceOf(limits);
    await lab.start(namespace, experiment, type, { pairs: [pairs] });
    if (deed !== undefined) await act(each, namespace);
    const done = await lab.finished(namespace, experiment, BOUND_SECONDS);
    expectEnd(each, done);
    expect((await lab.leftovers(namespace)).filter((name) => name.includes(` ${experiment}-b0-`))).toEqual([]);
  };

  const expectEnd = ({ experiment, limits, reason, message }: FaultCase, done: Experiment): void => {
    const [trial, ...more] = lab.witness.trials(namespaceOf(limits), experiment);
    expect(more).toEqual([]);
    const succeeded = findCondition(trial?.status?.conditions, 'Succeeded');
    expect(succeeded).toMatchObject({ status: 'False', reason, message: expect.stringMatching(message) });
    expect(isTrue(trial?.status?.conditions, 'CleanedUp')).toBe(true);
    expect(trial?.status?.measurements).toBeUndefined();
    const finished = findCondition(done.status?.conditions, 'Finished');
    expect(finished).toMatchObject({ status: 'True', reason: 'CellFailed' });
    expect(finished?.message).toContain(`${reason}: ${succeeded?.message}`);
  };

  /** What others do to an endpoint that measures. */
  const act = async (each: FaultCase, namespace: string): Promise<void> => {
    await lab.measuring(namespace, each.experiment);
    const matches = (name: string): boolean => strikes(each, name);
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
  };

  tellTogether(
    () => lab,
    [
      ...PARITY_STORIES,
      ...IN_ORDER.map((each) => ({ title: `${each.name}, ${each.type}: ${each.reason}`, tell: () => tell(each) })),
    ],
    STORY_MS,
    AT_ONCE,
  );

  test('nothing is left, in the cluster or on the nodes; each trial had one end', async () => {
    await Promise.all(squatters.map((leave) => leave()));
    await eventually(30, async () => {
      const left = (await Promise.all(LIMITS.map((limits) => lab.leftovers(namespaceOf(limits))))).flat();
      return [...left, ...(await lab.substrate.listLeftovers())].length === 0 || null;
    });
    expect(lab.witness.breaches).toEqual([]);
  }, 60_000);
});

const QUOTA = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'none', namespace: namespaceOf('Quota') },
  spec: { hard: { pods: '0' } },
};
