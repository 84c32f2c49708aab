/** The sandbox when something dies or is taken away in the middle: the operator, the Experiment, the API server. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { isTrue } from '../../src/api/conditions.ts';
import type { Trial } from '../../src/api/v1alpha1.ts';
import { VMIS } from '../../src/api/kinds.ts';
import type { KubeObject } from '../../src/kube/index.ts';
import type { OperatorProcess } from '../../src/sandbox/operator.ts';
import { noSandbox } from '../support/assets.ts';
import { eventually } from '../support/eventually.ts';
import { describeUnless } from '../support/skip.ts';
import { conditionText, Lab, processesNaming, START_MS, type Stored } from './fixtures/sandbox-lab.ts';

const VIRTIO = [{ name: 'virtio', type: 'Virtio' }];
const PASSTHROUGH = [{ name: 'passthrough', type: 'Passthrough' }];
/** Of one VM trial, with a takeover (17 s at most) or an outage in it, on a busy machine. */
const TRIAL_SECONDS = 120;
/** Bytes that no probe and no order needs. */
const FLOWING = 1e6;
const OUTAGE_MS = 20_000;
/** From a delete to nothing left: VMs need no grace, an API server that is busy may. */
const GONE_SECONDS = 20;

describeUnless(noSandbox, 'sandbox, interrupted', () => {
  let lab: Lab;
  let operator: OperatorProcess;
  let operators = 1;

  beforeAll(async () => {
    lab = await Lab.start();
    operator = lab.sandbox.operator as OperatorProcess;
  }, START_MS);

  afterEach(
    async () => {
      if (lab !== undefined) await lab.nothingLeft(GONE_SECONDS);
    },
    (GONE_SECONDS + 5) * 1000,
  );

  afterAll(async () => {
    if (lab !== undefined) expect(await lab.stop()).toEqual([]);
  }, START_MS);

  /** Kills the operator, lets `meanwhile` happen, and starts the next one. */
  const crash = async (meanwhile: () => void = () => {}): Promise<void> => {
    await operator.kill('SIGKILL');
    meanwhile();
    operator = await lab.sandbox.startOperator(`operator-${operators++}`);
  };

  /** The first unfinished Trial of an Experiment for which it holds. */
  const trialThat = (experiment: string, holds: (trial: Stored<Trial>) => boolean): Promise<Stored<Trial>> =>
    eventually(
      TRIAL_SECONDS,
      async () => {
        const trials = await lab.trials(experiment);
        return trials.find((trial) => !isTrue(trial.status?.conditions, 'Finished') && holds(trial)) ?? null;
      },
      50,
    );

  const isReady = ({ status }: Trial): boolean => isTrue(status?.conditions, 'EndpointsReady');

  /** Both guests run, and have not reported in: their machines stand still until the result is called. */
  const booting = async (experiment: string): Promise<() => void> => {
    const frozen = new Set<number>();
    const go = (): void => frozen.forEach((pid) => signal(pid, 'SIGCONT'));
    await eventually(
      120,
      async () => {
        const vmis = (await lab.endpoints(VMIS)) as (KubeObject & { status?: { phase?: string } })[];
        const running = vmis.filter(({ status }) => status?.phase === 'Running').length;
        const guests = await lab.guests();
        // One of them all is not running yet: it may still have to open what the sandbox waits for.
        if (guests.length !== running) return null;
        for (const pid of guests) if (!frozen.has(pid)) signal(pid, 'SIGSTOP');
        guests.forEach((pid) => frozen.add(pid));
        return frozen.size === 2 || null;
      },
      20,
    );
    expect(isReady((await lab.trials(experiment)).at(-1) as Stored<Trial>)).toBe(false);
    return go;
  };

  /** The first test's data flow. */
  const measuring = async (experiment: string): Promise<void> => {
    const trial = await trialThat(experiment, isReady);
    await eventually(60, async () => (await lab.carried(trial)) > FLOWING || null, 50);
  };

  const expectDone = async (name: string, cells: number): Promise<void> => {
    const { status } = await lab.finished(name, TRIAL_SECONDS);
    expect(conditionText(status?.conditions, 'Succeeded')).toMatch(/^Completed/);
    const done = (await lab.trials(name)).filter((trial) => isTrue(trial.status?.conditions, 'Succeeded'));
    expect(done).toHaveLength(cells);
    expect(new Set(done.map(({ spec }) => `${spec.mode}/${spec.block}`)).size).toBe(cells);
    for (const row of status?.results ?? []) expect(row.n).toBe(1);
    for (const trial of done) expect(trial.status?.raw).toHaveLength(2);
  };

  test(
    'the operator is killed while guests boot, and again while they measure: the next one finishes, each cell once',
    async () => {
      const spec = { modes: [...VIRTIO, ...PASSTHROUGH], baseline: 'virtio', blocks: { min: 1, max: 1, retries: 2 } };
      await lab.experiment('killed', { ...spec, durationSeconds: 4 });
      const boot = await booting('killed');
      await crash(boot);
      await trialThat('killed', isReady);
      // The second cell, or the first should the crash have been what it did not outlive.
      await eventually(TRIAL_SECONDS, async () => ((await lab.trials('killed')).length > 1 ? true : null));
      await measuring('killed');
      await crash();
      await expectDone('killed', 2);
      expect(await lab.trials('killed')).toHaveLength(2);
    },
    4 * TRIAL_SECONDS * 1000,
  );

  describe.each([
    ['Virtio', VIRTIO],
    ['Passthrough', PASSTHROUGH],
  ])('an Experiment with mode %s is deleted', (type, modes) => {
    const baseline = type.toLowerCase();
    test.each<[string, (name: string) => Promise<(() => void) | void>]>([
      ['before anything runs', async () => {}],
      ['while guests boot', booting],
      ['while they measure', measuring],
    ])(
      '%s: nothing is left',
      async (when, wait) => {
        const name = `cut-${baseline}-${when.length}`;
        await lab.experiment(name, { modes, baseline, durationSeconds: 10 });
        const after = await wait(name);
        await lab.remove(name);
        after?.();
        await lab.gone(name, GONE_SECONDS);
        await lab.nothingLeft(GONE_SECONDS);
        expect(await processesNaming(`${lab.sandbox.dir}/net/pods`)).toEqual([]);
      },
      180_000,
    );
  });

  test(
    'the API server is down for 20 s in the middle: the Experiment finishes',
    async () => {
      await lab.experiment('outage', { modes: VIRTIO, baseline: 'virtio', blocks: { min: 1, max: 1, retries: 2 } });
      const boot = await booting('outage');
      await lab.sandbox.controlPlane.kill('kube-apiserver');
      boot();
      await sleep(OUTAGE_MS);
      await lab.sandbox.controlPlane.start('kube-apiserver');
      await expectDone('outage', 1);
    },
    2 * TRIAL_SECONDS * 1000,
  );
});

/** One that has ended meanwhile is left alone. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
