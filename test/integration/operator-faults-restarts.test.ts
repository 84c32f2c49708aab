/** The operator and the API server come and go: every Experiment ends as if they had not, or is gone without a trace. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { isTrue } from '../../src/api/conditions.ts';
import { LEASES, PODS } from '../../src/kube/index.ts';
import type { Trial } from '../../src/api/v1alpha1.ts';
import { freePorts } from '../../src/sandbox/controlplane/ports.ts';
import type { OperatorProcess } from '../../src/sandbox/operator.ts';
import { describeWithCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { meddle } from '../support/faults/meddling.ts';
import { blocks, expectSuccess, NATIVE, Stage } from '../support/faults/stage.ts';
import { FLEET_CLUSTER, OPERATOR_NAMESPACE } from '../support/fleet.ts';
import { Forwarder } from '../support/forwarder.ts';
import { liveWell } from '../support/good-life.ts';

const MODES = [NATIVE, { name: 'virtio', type: 'Virtio' }, { name: 'passthrough', type: 'Passthrough' }];
const OUTAGE_MS = 20_000;
/** The standby looks for the Lease every second; without a release it waits for its 15 s to pass. */
const [HANDOVER_MS, FAILOVER_MS] = [2000, 17_000];

/** Each stage of a Trial's life, as seen from outside. */
const MOMENTS: Record<string, (trials: Trial[]) => boolean> = {
  'at once': () => true,
  'with a Trial': (trials) => trials.length > 0,
  granted: (trials) => trials.some((t) => t.status?.grant !== undefined),
  ready: (trials) => trials.some((t) => isTrue(t.status?.conditions, 'EndpointsReady')),
  measured: (trials) => trials.some((t) => isTrue(t.status?.conditions, 'Measured')),
  'cleaned up': (trials) => trials.some((t) => isTrue(t.status?.conditions, 'CleanedUp')),
  'in the second trial': (trials) => trials.length > 1,
};

describeWithCluster('restarts', FLEET_CLUSTER, (cluster) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open(cluster());
  }, 120_000);
  afterAll(async () => stage?.scene.close());
  // A test that fails leaves its operators behind: they hold the collector's port.
  afterEach(async () => stage.scene.fleet.killOperators());

  const operator = (name: string, leaderElection = false): Promise<OperatorProcess> =>
    stage.scene.fleet.operator(name, { leaderElection });
  const slow = (namespace: string, ms: () => number): void =>
    stage.script(`${namespace}/exp`, (endpoint) => liveWell(endpoint, { measure: () => delay(ms()) }));
  const remove = (namespace: string, ...names: string[]): Promise<string> =>
    cluster().kubectl(['delete', 'experiment', '-n', namespace, '--wait=false', '--ignore-not-found', ...names]);

  /** Each cell of each block once, and no child. */
  const expectWhole = async (namespace: string, count: number): Promise<void> => {
    const cells = await stage.scene.cells(namespace, 'exp');
    expect(cells).toHaveLength(count);
    expect(new Set(cells).size).toBe(count);
    expect(await stage.scene.children(namespace)).toEqual([]);
    expect(stage.scene.witness.breaches).toEqual([]);
  };
  const expectNothing = (namespace: string): Promise<true> =>
    eventually(60, async () => {
      const left = [...(await stage.scene.trials(namespace)), ...(await stage.scene.children(namespace))];
      return left.length === 0 ? true : null;
    });
  const progress = (namespace: string, cells: number): Promise<true> =>
    eventually(60, async () => ((await stage.scene.cells(namespace)).length >= cells ? true : null));
  const holder = async (): Promise<string> => {
    const lease = await stage.scene.fleet.client.get(LEASES, {
      namespace: OPERATOR_NAMESPACE,
      name: 'vfbench-operator',
    });
    return (lease as unknown as { spec: { holderIdentity?: string } }).spec.holderIdentity ?? '';
  };

  test('deleted at any moment of a trial: nothing is left', async () => {
    const leader = await operator('deleting');
    const namespace = await stage.place('deleting', { concurrency: 64 });
    const names = Object.keys(MOMENTS).flatMap((moment, i) =>
      MODES.slice(0, 2).map((mode) => ({ moment, mode, name: `m${i}-${mode.name}` })),
    );
    await Promise.all(
      names.map(async ({ moment, mode, name }) => {
        stage.script(`${namespace}/${name}`, async (endpoint) => {
          await delay(300 * Math.random());
          await liveWell(endpoint, { measure: () => delay(300) });
        });
        await stage.start(namespace, { modes: [mode], baseline: mode.name, ...blocks(4) }, name);
        const isNow = MOMENTS[moment] ?? (() => false);
        await eventually(
          60,
          () => Promise.resolve(isNow(stage.scene.witness.trials(namespace, name)) ? true : null),
          5,
        );
        await remove(namespace, name);
      }),
    );
    await expectNothing(namespace);
    await leader.stop();
  }, 120_000);

  test('killed at 20 random moments, Experiments deleted meanwhile: each cell once, of the deleted ones nothing', async () => {
    const [kept, deleted] = await Promise.all([stage.place('killed'), stage.place('deleted', { concurrency: 64 })]);
    const rounds = Array.from({ length: 20 }, (_, round) => round);
    slow(kept, () => 100 * Math.random());
    await stage.start(kept, { modes: MODES, ...blocks(15) });
    for (const round of rounds) {
      await stage.start(deleted, { modes: MODES, ...blocks(9) }, `gone-${round}`);
      const leader = await operator(`killed-${round}`);
      await delay(500 * Math.random());
      // While it lives, or after it was killed: then the garbage collector alone removes what there is.
      if (round % 2 === 0) await remove(deleted, `gone-${round}`);
      await leader.kill('SIGKILL');
      if (round % 2 === 1) await remove(deleted, `gone-${round}`);
    }
    await expectNothing(deleted);
    const last = await operator('killed-last');
    expectSuccess(await stage.scene.finished(kept, 'exp'), { blocks: 15, failed: 0 });
    await expectWhole(kept, 45);
    await expectNothing(deleted);
    await last.stop();
  }, 200_000);

  test('labels taken off pods, and the operator killed: the next one finds them, and the trial goes on', async () => {
    const namespace = await stage.place('unlabelled');
    const gate = stage.shutGate(namespace);
    await stage.start(namespace, blocks(1));
    const first = await operator('unlabelled-1');
    await gate.measuring;
    await first.kill('SIGKILL');
    await meddle(stage, PODS, namespace, { labels: null });
    const second = await operator('unlabelled-2');
    gate.open();
    expectSuccess(await stage.scene.finished(namespace, 'exp'), { blocks: 1, trials: 1, failed: 0 });
    await eventually(60, async () => ((await stage.scene.children(namespace)).length === 0 ? true : null));
    await second.stop();
  }, 120_000);

  test('two operators: one leads, and the other goes on when it ends or dies', async () => {
    const namespace = await stage.place('leaders');
    slow(namespace, () => 250);
    const first = await operator('leader-1', true);
    await eventually(20, async () => ((await holder()) === 'leader-1' ? true : null));
    const second = await operator('leader-2', true);
    await stage.start(namespace, { modes: MODES, ...blocks(6) });
    await progress(namespace, 2);
    expect(await holder()).toBe('leader-1');

    await first.kill('SIGTERM');
    expect(await first.exited).toBe(0);
    const released = Date.now();
    await eventually(10, async () => ((await holder()) === 'leader-2' ? true : null), 20);
    expect(Date.now() - released).toBeLessThanOrEqual(HANDOVER_MS);
    const done = (await stage.scene.cells(namespace)).length;
    await progress(namespace, done + 2);

    const third = await operator('leader-3', true);
    const died = Date.now();
    await second.kill('SIGKILL');
    await eventually(30, async () => ((await holder()) === 'leader-3' ? true : null), 100);
    expect(Date.now() - died).toBeLessThanOrEqual(FAILOVER_MS);
    expectSuccess(await stage.scene.finished(namespace, 'exp'), { blocks: 6, trials: 18, failed: 0 });
    await expectWhole(namespace, 18);
    await third.stop();
  }, 150_000);

  test('two operators at once: a leader that was frozen wakes up beside its successor, and hands out nothing', async () => {
    const namespace = await stage.place('frozen', { devices: 1 });
    slow(namespace, () => 150);
    // A frozen process keeps its port: each has its own, as pods have.
    const [one = 0, two = 0] = await freePorts(2);
    const relay = await Forwarder.start(one);
    const lead = (name: string, port: number): Promise<OperatorProcess> =>
      stage.scene.fleet.operator(name, {
        leaderElection: true,
        collector: { port, url: `https://127.0.0.1:${relay.port}` },
      });
    const first = await lead('frozen-1', one);
    await eventually(20, async () => ((await holder()) === 'frozen-1' ? true : null));
    const second = await lead('frozen-2', two);
    await stage.start(namespace, { modes: MODES, ...blocks(8) });
    await progress(namespace, 2);
    const { pid } = first;
    process.kill(pid, 'SIGSTOP');
    try {
      await eventually(30, async () => ((await holder()) === 'frozen-2' ? true : null), 100);
      relay.aim(two);
      await progress(namespace, (await stage.scene.cells(namespace)).length + 2);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    expectSuccess(await stage.scene.finished(namespace, 'exp'), { blocks: 8, trials: 24, failed: 0 });
    expect(await holder()).toBe('frozen-2');
    await expectWhole(namespace, 24);
    await second.stop();
    await relay.close();
  }, 150_000);

  // Last: kube-controller-manager takes its time to come back from it.
  test('the API server is away for 20 s, and results come in meanwhile', async () => {
    const leader = await operator('outage');
    const { pid } = leader;
    const namespace = await stage.place('outage');
    const gate = stage.shutGate(namespace);
    await stage.start(namespace, { modes: MODES, ...blocks(2) });
    await gate.measuring;
    await cluster().controlPlane.kill('kube-apiserver');
    gate.open();
    await delay(OUTAGE_MS);
    await cluster().controlPlane.start('kube-apiserver');
    expectSuccess(await stage.scene.finished(namespace, 'exp'), { blocks: 2, trials: 6, failed: 0 });
    await expectWhole(namespace, 6);
    expect(leader.pid).toBe(pid);
    await leader.stop();
  }, 150_000);
});
