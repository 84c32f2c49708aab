/**
 * What must hold on any cluster, through its API alone: Experiments of every mode and placement, bad input, deletion at
 * any moment, a crash of the operator. Set VFBENCH_E2E_KUBECONFIG to run it against a cluster of yours; see README.md.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { isTrue } from '../../src/api/conditions.ts';
import { PODS } from '../../src/kube/index.ts';
import { noTarget, TARGET } from '../support/assets.ts';
import { describeUnless, skipReason } from '../support/skip.ts';
import { conditionText } from './fixtures/sandbox-lab.ts';
import { operatorPods, whyNotKilled } from './fixtures/operator-pods.ts';
import { Target } from './fixtures/target.ts';

/** Where guests are emulated, or images are pulled for the first time, a trial takes minutes. */
const TRIAL_SECONDS = 300;

const unkilled =
  TARGET === undefined ? "a sandbox's operator is no pod: sandbox-crash.test.ts kills it" : await whyNotKilled(TARGET);

describeUnless(noTarget, 'any cluster', () => {
  let target: Target;
  const made: string[] = [];
  // Names of other runs must not be in the way.
  const run = `e2e-${Date.now().toString(36).slice(-5)}`;
  const start = async (name: string, spec?: object): Promise<string> => {
    made.push(`${run}-${name}`);
    await target.start(`${run}-${name}`, spec);
    return `${run}-${name}`;
  };

  beforeAll(async () => {
    target = await Target.open();
  }, 180_000);

  afterEach(async () => {
    for (const name of made.splice(0)) {
      await target.remove(name);
      await target.nothingLeft(name, { trials: true });
    }
  }, 150_000);

  afterAll(async () => target?.close(), 60_000);

  test(
    'an Experiment of every mode and placement that the Testbed allows succeeds, and leaves its results alone',
    async () => {
      const modes = target.modes();
      const placements = TARGET === undefined ? ['CrossNode'] : ['CrossNode', 'SameNode'];
      const name = await start('all', { modes, placements });
      const cells = modes.length * placements.length;
      const done = await target.until(name, cells * TRIAL_SECONDS, ({ status }) =>
        isTrue(status?.conditions, 'Finished'),
      );
      expect(conditionText(done.status?.conditions, 'Succeeded')).toMatch(/^Completed: /);
      expect(done.status?.results).toHaveLength(cells);
      for (const { median } of done.status?.results ?? []) expect(median).toBeGreaterThan(0);
      const good = (await target.trials(name)).filter(({ status }) => isTrue(status?.conditions, 'Succeeded'));
      expect(good.map(({ spec }) => `${spec.mode} ${spec.placement}`).toSorted()).toEqual(
        modes.flatMap((mode) => placements.map((placement) => `${mode.name} ${placement}`)).toSorted(),
      );
      for (const trial of good) {
        expect(trial.status?.endpoints?.map((facts) => facts.name).toSorted()).toEqual(['client-0', 'server-0']);
        expect(target.wrongPaths(trial)).toEqual([]);
      }
      await target.nothingLeft(name);
    },
    6 * TRIAL_SECONDS * 1000,
  );

  describe('bad input', () => {
    test.each<[string, object, RegExp]>([
      ['no modes', { modes: [] }, /spec\.modes.*at least 1/],
      ['a baseline that is no mode', { baseline: 'other' }, /baseline/],
      ['an unknown type', { modes: [{ name: 'native', type: 'Naitve' }], baseline: 'native' }, /"Naitve"/],
      ['more blocks at least than at most', { blocks: { min: 3, max: 2 } }, /blocks.*(min|max)/],
    ])('%s is refused at once, with the field', async (_, spec, words) => {
      await expect(target.start(`${run}-wrong`, spec)).rejects.toThrow(words);
    });

    test('a Testbed that is not there is named, and waited for', async () => {
      const name = await start('stray', { testbed: `${run}-nosuch` });
      const held = await target.until(name, 60, ({ status }) =>
        conditionText(status?.conditions, 'Admitted').startsWith('TestbedNotFound: '),
      );
      expect(conditionText(held.status?.conditions, 'Admitted')).toContain(`${run}-nosuch`);
      expect(await target.trials(name)).toEqual([]);
    }, 90_000);

    test('a network that the Testbed lacks is named', async () => {
      const [mode] = target.modes();
      const name = await start('network', { modes: [{ ...mode, network: 'nosuch' }] });
      await target.until(name, 60, ({ status }) =>
        /^NetworkNotFound: .*nosuch/.test(conditionText(status?.conditions, 'Admitted')),
      );
    }, 90_000);
  });

  describe('deleted', () => {
    test.each([
      ['at once', null],
      ['while its endpoints start', 'Granted'],
      ['while it measures', 'EndpointsReady'],
    ])(
      '%s: nothing is left',
      async (when, condition) => {
        const name = await start(`cut${when.length}`, { durationSeconds: 20 });
        if (condition !== null) await target.trialWith(name, condition, TRIAL_SECONDS);
        await target.remove(name);
        await target.nothingLeft(name, { trials: true });
      },
      2 * TRIAL_SECONDS * 1000,
    );
  });

  const crash = 'an operator whose pods are killed while a trial measures goes on where it was';
  if (unkilled !== undefined) {
    skipReason(crash, unkilled);
  } else {
    test(
      crash,
      async () => {
        const name = await start('crash', { durationSeconds: 20 });
        await target.trialWith(name, 'EndpointsReady', TRIAL_SECONDS);
        for (const { metadata } of await operatorPods(target.client)) {
          const at = { namespace: metadata.namespace ?? '', name: metadata.name };
          await target.client.remove(PODS, at, { gracePeriodSeconds: 0 });
        }
        const done = await target.until(name, TRIAL_SECONDS, ({ status }) => isTrue(status?.conditions, 'Finished'));
        expect(conditionText(done.status?.conditions, 'Succeeded')).toMatch(/^Completed: /);
        expect((await target.trials(name)).length).toBe(1);
      },
      3 * TRIAL_SECONDS * 1000,
    );
  }
});
