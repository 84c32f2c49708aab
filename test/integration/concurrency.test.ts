/**
 * Eight Experiments in four namespaces want the seven VFs of one pair of nodes, while Experiments, Trials and endpoints are
 * deleted at random and the operator is killed at fifty random moments. What was held when is judged afterwards, revision by
 * revision. PROOF_SEED repeats the decisions of a run.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findCondition, isTrue } from '../../src/api/conditions.ts';
import { TRIALS, VMIS } from '../../src/api/kinds.ts';
import { type KubeObject, PODS } from '../../src/kube/index.ts';
import { random } from '../../src/plan/random.ts';
import { describeWithCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { experimentManifest, FLEET_CLUSTER, labManifests } from '../support/fleet.ts';
import { liveWell } from '../support/good-life.ts';
import { History } from '../support/history.ts';
import { Judge } from '../support/judge.ts';
import { Scene } from '../support/scene.ts';

const SEED = Number(process.env['PROOF_SEED'] ?? Date.now() % 1_000_000);
const KILLS = 50;
const VFS = 7;
const CONCURRENCY = 4;
const NODES = ['proof-a', 'proof-b'] as const;
const NAMESPACES = ['proof-1', 'proof-2', 'proof-3', 'proof-4'];
/** In each namespace one that is left to its end, and one that is deleted and made again. */
const [KEPT, MORTAL] = ['kept', 'mortal'];
const MODES = [
  { name: 'native', type: 'Native' },
  { name: 'passthrough', type: 'Passthrough' },
  { name: 'one-queue', type: 'Passthrough', network: 'passthrough', vm: { multiqueue: false } },
];
const [BLOCKS, PAIRS] = [2, [2, 3]];

describeWithCluster('concurrency', FLEET_CLUSTER, (cluster) => {
  const next = random(SEED);
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(next() * list.length)];
  const history = new History();
  const stop = new AbortController();
  let scene: Scene;

  const bed = (namespace: string): object[] =>
    labManifests(namespace, {
      nodes: { server: { names: [NODES[0]] }, client: { names: [NODES[1]] } },
      concurrency: CONCURRENCY,
      timeouts: { scheduleSeconds: 30, startSeconds: 60, marginSeconds: 60, cleanupSeconds: 30 },
    });
  const experiment = (namespace: string, name: string): object =>
    experimentManifest(namespace, name, {
      modes: MODES,
      pairs: PAIRS,
      tests: [{ name: 'bandwidth', type: 'Stream', protocol: 'TCP' }],
      warmupSeconds: 0,
      blocks: { min: BLOCKS, max: BLOCKS, retries: 10 },
    });

  beforeAll(async () => {
    scene = await Scene.open(
      cluster(),
      (endpoint) => liveWell(endpoint, { measure: () => delay(300 * Math.random()) }),
      {
        lingerMs: () => 600 * Math.random(),
      },
    );
    await Promise.all(NODES.map((name) => scene.fleet.node(name, VFS)));
    await history.record(scene.fleet.client, [TRIALS, PODS, VMIS], stop.signal);
    for (const namespace of NAMESPACES) {
      await cluster().kubectl(['create', 'namespace', namespace]);
      await cluster().apply(...bed(namespace), experiment(namespace, KEPT), experiment(namespace, MORTAL));
    }
  }, 120_000);
  afterAll(async () => {
    stop.abort();
    await scene?.close();
  });

  const deeds: Record<string, () => Promise<boolean>> = {
    experiment: async () => {
      const namespace = pick(NAMESPACES) ?? '';
      await cluster().kubectl(['delete', 'experiment', MORTAL, '-n', namespace, '--ignore-not-found', '--wait=false']);
      await cluster().apply(experiment(namespace, MORTAL));
      return true;
    },
    trial: () => removeAny('Trial'),
    pod: () => removeAny('Pod'),
    vm: () => removeAny('VirtualMachineInstance'),
  };

  /** False where there is none. */
  const removeAny = async (kind: string): Promise<boolean> => {
    const type = [TRIALS, PODS, VMIS].find((candidate) => candidate.kind === kind) ?? TRIALS;
    const { items } = await scene.fleet.client.list<KubeObject & { status?: { grant?: object; conditions?: [] } }>(
      type,
    );
    const isOpen = ({ status, metadata }: (typeof items)[0]): boolean =>
      NAMESPACES.includes(metadata.namespace ?? '') &&
      (kind !== 'Trial' || (status?.grant !== undefined && !isTrue(status.conditions, 'Finished')));
    const victim = pick(items.filter(isOpen));
    if (victim === undefined) return false;
    const { namespace = '', name } = victim.metadata;
    await scene.fleet.client.remove(type, { namespace, name });
    return true;
  };

  // In turn, so that none is left out by chance, which decides the moment and the victim; without a victim it has its turn
  // again.
  let turn = 0;
  const nextDeed = async (): Promise<void> => {
    const all = Object.values(deeds);
    if (await all[turn % all.length]?.()) turn++;
  };

  test(`seed ${SEED}: killed ${KILLS} times, deleted at random: every Experiment ends`, async () => {
    for (let kill = 0; kill < KILLS; kill++) {
      const operator = await scene.fleet.operator('proof', { leaderElection: true });
      const life = 1200 * next();
      const [early, late] = [life * next(), life];
      await delay(early);
      const done = next() < 0.6 ? nextDeed() : undefined;
      await delay(late - early);
      await operator.kill('SIGKILL');
      await done;
    }
    const last = await scene.fleet.operator('proof', { leaderElection: true });
    const ends = NAMESPACES.flatMap((namespace) => [KEPT, MORTAL].map((name) => scene.finished(namespace, name, 120)));
    for (const done of await Promise.all(ends)) {
      const succeeded = findCondition(done.status?.conditions, 'Succeeded');
      expect(succeeded).toMatchObject({ status: 'True', reason: 'Completed' });
    }
    await last.stop();
  }, 400_000);

  test('each cell of each block was measured once, and nothing is left', async () => {
    for (const namespace of NAMESPACES) {
      for (const name of [KEPT, MORTAL]) {
        const trials = (await scene.trials(namespace, name)).filter((t) => isTrue(t.status?.conditions, 'Succeeded'));
        const cells = trials.map(({ spec }) => `${spec.mode} ${spec.pairs} ${spec.block}`);
        expect(cells).toHaveLength(MODES.length * PAIRS.length * BLOCKS);
        expect(new Set(cells).size).toBe(cells.length);
      }
      await eventually(30, async () => ((await scene.children(namespace)).length === 0 ? true : null));
    }
  }, 150_000);

  test('at no revision was a VF held twice, or a node shared by two Testbeds; every Trial ended', async () => {
    const judged = (): Judge => new Judge({ devices: VFS, concurrency: CONCURRENCY }).hear(history.events);
    // The watches may lag behind: whoever has told of the last ends has told of all before.
    await eventually(30, () => {
      const { left, open } = judged();
      return Promise.resolve(left.length + open().length === 0 || null);
    }).catch(() => null);
    expect(history.holes).toBe(0);
    const judge = judged();
    expect(judge.breaches).toEqual([]);
    expect(judge.open()).toEqual([]);
    expect(judge.left).toEqual([]);
    expect(scene.witness.breaches).toEqual([]);
    // Else nothing was proven: VFs were short, trials were granted and deleted, many ended.
    expect(judge.most).toBeGreaterThanOrEqual(VFS - 1);
    expect(judge.finished).toBeGreaterThanOrEqual(8 * MODES.length * PAIRS.length * BLOCKS);
    expect(judge.cancelled).toBeGreaterThan(3);
    expect(judge.grants).toBeGreaterThan(judge.finished);
  }, 60_000);
});
