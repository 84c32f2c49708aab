/** `helm install`, `upgrade` and `uninstall` on a real API server, with an Experiment that runs on through it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findCondition, isTrue } from '../../src/api/conditions.ts';
import { EXPERIMENTS, TRIALS } from '../../src/api/kinds.ts';
import type { OperatorProcess } from '../../src/sandbox/operator.ts';
import { runCommand } from '../../src/sandbox/assets/process.ts';
import { describeWithCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { blocks, expectSuccess, type Gate, NATIVE, Stage } from '../support/faults/stage.ts';
import { FLEET_CLUSTER, OPERATOR_NAMESPACE } from '../support/fleet.ts';
import { HELM, noHelm } from '../support/helm.ts';
import { type Ended, startProgram } from '../support/program.ts';
import { describeUnless } from '../support/skip.ts';

const path = (relative: string): string => new URL(relative, import.meta.url).pathname;
const PREVIOUS = path('upgrade/previous/vfbench-0.0.9.tgz');
const PREVIOUS_OPERATOR = path('upgrade/previous/operator.mjs');
const CHART = path('../../charts/vfbench');
const CLUSTER = { ...FLEET_CLUSTER, crds: [path('../../src/sandbox/agents/crds')] };
const BLOCKS = 3;
const MODES = [NATIVE, { name: 'virtio', type: 'Virtio' }, { name: 'passthrough', type: 'Passthrough' }];

describeUnless(noHelm, 'Helm', () => {
  describeWithCluster('on a cluster', CLUSTER, (cluster) => {
    let stage: Stage;
    let namespace: string;
    let gate: Gate;
    let operator: OperatorProcess;

    const helm = async (...args: string[]): Promise<string> => {
      const env = { PATH: process.env['PATH'], HOME: cluster().dir, KUBECONFIG: cluster().kubeconfig };
      const command = [process.env[HELM] ?? 'helm', ...args, '-n', OPERATOR_NAMESPACE];
      return (await runCommand(command, { env, timeoutMs: 90_000 })).stdout;
    };
    const kubectl = (...args: string[]): Promise<string> => cluster().kubectl(args);
    const knows = async (field: string): Promise<boolean> =>
      (await kubectl('get', 'crd', 'trials.vfbench.io', '-o', 'json')).includes(`"${field}"`);

    beforeAll(async () => {
      await helm('install', 'vfbench', PREVIOUS, '--create-namespace');
      await kubectl('wait', '--for=condition=Established', '--timeout=30s', 'crd', '--all');
      // The chart's roles are all that the operator has.
      stage = await Stage.open(cluster(), { rights: [] });
    }, 120_000);
    afterAll(async () => stage?.scene.close());

    test('the previous version is installed, and runs an Experiment', async () => {
      expect(await helm('list', '-o', 'json')).toContain('"vfbench-0.0.9"');
      expect(await knows('fingerprints')).toBe(false);
      operator = await stage.scene.fleet.operator('previous', { program: PREVIOUS_OPERATOR });
      namespace = await stage.place('upgrade');
      gate = stage.shutGate(namespace, 'exp', MODES.length);
      await stage.start(namespace, { modes: MODES, baseline: 'native', ...blocks(BLOCKS) });
      await gate.measuring;
      // Those that ended are counted: nothing changes until the gate opens.
      await eventually(60, async () => {
        const { status } = await stage.scene.experiment(namespace, 'exp');
        return status?.progress?.trials === MODES.length || null;
      });
    }, 120_000);

    test('upgraded while a Trial measures: kinds and rights are new, the Experiment is as it was', async () => {
      const before = await stage.scene.experiment(namespace, 'exp');
      const said = await helm('upgrade', 'vfbench', CHART);
      expect(said).toContain('STATUS: deployed');
      expect(await knows('fingerprints')).toBe(true);
      const after = await stage.scene.experiment(namespace, 'exp');
      expect([after.metadata.uid, after.spec]).toEqual([before.metadata.uid, before.spec]);
      expect(after.status?.progress).toEqual(before.status?.progress);
    }, 120_000);

    test('the new operator takes over: the Trial goes on, each cell is measured once', async () => {
      const running = (await stage.scene.trials(namespace)).filter(
        ({ status }) => !isTrue(status?.conditions, 'Finished'),
      );
      expect(running).toHaveLength(1);
      // Granted by an operator that kept nothing of the Testbed: judged by the one that is there.
      expect(running[0]?.status?.grant?.endpoints).toHaveLength(2);
      expect(running[0]?.status?.grant?.testbed).toBeUndefined();
      await operator.stop();
      operator = await stage.scene.fleet.operator('new');
      gate.open();
      const done = await stage.scene.finished(namespace, 'exp', 90);
      expectSuccess(done, { blocks: BLOCKS, trials: BLOCKS * MODES.length, failed: 0 });
      expect(done.status?.report).toMatchObject({ trials: BLOCKS * MODES.length });
      expect(findCondition(done.status?.conditions, 'Comparable')).toMatchObject({ status: 'True' });
      const cells = await stage.scene.cells(namespace);
      expect(cells).toHaveLength(BLOCKS * MODES.length);
      expect(new Set(cells).size).toBe(cells.length);
      const trial = await stage.scene.fleet.client.get(TRIALS, { namespace, name: running[0]?.metadata.name ?? '' });
      expect(trial.metadata.uid).toBe(running[0]?.metadata.uid);
      expect(await stage.scene.children(namespace)).toEqual([]);
      expect(stage.scene.witness.breaches).toEqual([]);
    }, 150_000);

    test('what the new version knows is kept', async () => {
      await stage.start(namespace, blocks(1), 'later');
      expectSuccess(await stage.scene.finished(namespace, 'later'), { trials: 1, failed: 0 });
      const [trial] = await stage.scene.trials(namespace, 'later');
      expect(trial?.status?.fingerprints).toHaveLength(2);
      expect(trial?.status?.grant?.testbed).toMatchObject({ generation: 1, concurrency: 1 });
    }, 90_000);

    // The pod of `helm test` needs a kubelet: here its program runs by itself, with the account that its pod has.
    test('helm test: its program with its account finds all in order, and says what is not', async () => {
      await cluster().apply(...(await hooks()));
      const account = join(cluster().dir, 'account');
      await runCommand(['mkdir', '-p', account]);
      await writeFile(
        join(account, 'token'),
        await kubectl('create', 'token', 'vfbench-test', '-n', OPERATOR_NAMESPACE),
      );
      const run = (env: object): Promise<Ended> =>
        startProgram('node', [join(CHART, 'files/selftest.mjs')], {
          READY_URL: `${operator.healthUrl}/readyz`,
          NAMESPACE: OPERATOR_NAMESPACE,
          API_URL: cluster().url,
          ACCOUNT: account,
          DRY_RUN: 'true',
          ADMISSION_POLICY: 'true',
          NODE_EXTRA_CA_CERTS: join(cluster().dir, 'pki/ca.crt'),
          ...env,
        }).ended;
      const good = await run({});
      expect({ code: good.code, err: good.err }).toEqual({ code: 0, err: '' });
      expect(good.out.trim().split('\n')).toHaveLength(3);
      const bad = await run({ READY_URL: 'http://127.0.0.1:1/readyz', PATIENCE_SECONDS: '1' });
      expect(bad.code).toBe(1);
      expect(bad.err).toMatch(/^failed: the operator is ready: /);
      // Without the policy anybody who may create Testbeds can: the test must see that.
      await kubectl('delete', 'validatingadmissionpolicybinding', 'vfbench');
      const open = await eventually(30, async () => {
        const ended = await run({ PATIENCE_SECONDS: '1' });
        return ended.code === 1 ? ended : null;
      });
      expect(open.err).toContain('Testbeds are checked, and whose they are: a good Testbed was answered with 201');
    }, 120_000);

    test('uninstalled: kinds and results stay, nothing hangs', async () => {
      await operator.stop();
      await helm('uninstall', 'vfbench');
      expect(isTrue((await stage.scene.experiment(namespace, 'exp')).status?.conditions, 'Succeeded')).toBe(true);
      await kubectl('delete', 'experiment', 'exp', '-n', namespace);
      const { items } = await stage.scene.fleet.client.list(EXPERIMENTS, { namespace });
      expect(items.map(({ metadata }) => metadata.name)).toEqual(['later']);
    }, 90_000);

    /** The account of `helm test` and its role, as the release has them. */
    async function hooks(): Promise<string[]> {
      const documents = (await helm('get', 'hooks', 'vfbench')).split(/^---$/m);
      return documents.filter((text) => /^kind: (ServiceAccount|Role|RoleBinding)$/m.test(text));
    }
  });
});
