/** Guests in the sandbox: one that plays a cloud image, whose runner comes on a disk; pinned, isolated, on huge pages. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { isTrue } from '../../src/api/conditions.ts';
import type { TestbedSpec } from '../../src/api/v1alpha1.ts';
import { PODS } from '../../src/kube/index.ts';
import type { Pod } from '../../src/sandbox/agents/objects.ts';
import { noSandbox } from '../support/assets.ts';
import { eventually } from '../support/eventually.ts';
import { describeUnless } from '../support/skip.ts';
import { conditionText, Lab, NAMESPACE, START_MS } from './fixtures/sandbox-lab.ts';

const SECONDS = 240;
const GUEST: TestbedSpec['vm'] = {
  image: 'vfbench.io/guest-cloud:sandbox',
  runnerDisk: 'vfbench.io/guest:sandbox',
  cores: 1,
  memory: '256Mi',
  dedicatedCPU: false,
  multiqueue: true,
};
const TUNED = { dedicatedCPU: true, hugepages: '2Mi', numaPassthrough: true, isolateEmulatorThread: true };

describeUnless(noSandbox, 'guests', () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await Lab.start();
    await lab.testbed('cloud', { vm: GUEST });
  }, START_MS);

  afterEach(async () => {
    if (lab !== undefined) await lab.nothingLeft();
  }, 15_000);

  afterAll(async () => {
    if (lab !== undefined) expect(await lab.stop()).toEqual([]);
  }, START_MS);

  /** The launcher pod of a Trial's server, once there is one. */
  const launcher = (experiment: string): Promise<Pod> =>
    eventually(60, async () => {
      const pods = (await lab.endpoints(PODS)) as Pod[];
      const label = (pod: Pod, name: string): string | undefined => pod.metadata.labels?.[`vfbench.io/${name}`];
      return (
        pods.find((pod) => label(pod, 'experiment') === experiment && label(pod, 'endpoint') === 'server-0') ?? null
      );
    });

  test(
    'a cloud image without runner measures by the runner disk, with virtio and with a VF',
    async () => {
      const modes = ['Virtio', 'Passthrough'].map((type) => ({ name: type.toLowerCase(), type }));
      await lab.experiment('cloud', {
        testbed: 'cloud',
        modes,
        baseline: 'virtio',
        blocks: { min: 1, max: 1, retries: 1 },
      });
      const pod = await launcher('cloud');
      expect(pod.spec.initContainers?.map(({ name, image }) => [name, image])).toEqual([
        ['guest-console-log', expect.any(String)],
        ['volumeroot', GUEST?.image],
        ['volumerunner', GUEST?.runnerDisk],
      ]);
      const { status } = await lab.finished('cloud', SECONDS);
      expect(conditionText(status?.conditions, 'Succeeded')).toMatch(/^Completed/);
      const trials = (await lab.trials('cloud')).filter((trial) => isTrue(trial.status?.conditions, 'Succeeded'));
      const drivers = trials.map((trial) => [
        trial.spec.mode,
        ...(trial.status?.endpoints ?? []).map(({ driver }) => driver),
      ]);
      expect(drivers.toSorted((a, b) => String(a[0]).localeCompare(String(b[0])))).toEqual([
        ['passthrough', 'igbvf', 'igbvf'],
        ['virtio', 'virtio_net', 'virtio_net'],
      ]);
      for (const { object } of trials.flatMap((trial) => trial.status?.grant?.endpoints ?? [])) {
        expect(lab.sandbox.agents.output(NAMESPACE, object)).toEqual(
          expect.arrayContaining([
            'vfbench: as a cloud image: cloud-init takes over',
            expect.stringMatching(/^vfbench: runner starts [0-9.]+ s after power-on$/),
            'vfbench: runner ended with code 0',
          ]),
        );
      }
    },
    (SECONDS + 80) * 1000,
  );

  test(
    'a pinned guest with NUMA, huge pages and an isolated emulator measures, in a Guaranteed pod that has what it asks for',
    async () => {
      const modes = [{ name: 'tuned', type: 'Passthrough', vm: TUNED }];
      await lab.experiment('tuned', { modes, baseline: 'tuned', blocks: { min: 1, max: 1, retries: 1 } });
      const pod = await launcher('tuned');
      const { requests, limits } = pod.spec.containers.find(({ name }) => name === 'compute')?.resources ?? {};
      expect(requests).toMatchObject({ cpu: '2', 'hugepages-2Mi': '256Mi', 'sandbox.vfbench.io/vfvfio': '1' });
      expect(limits).toMatchObject({ cpu: '2', 'hugepages-2Mi': '256Mi', 'sandbox.vfbench.io/vfvfio': '1' });
      expect(limits?.['memory']).toBe(requests?.['memory']);
      expect(pod.status?.qosClass).toBe('Guaranteed');
      expect(pod.spec.nodeSelector).toMatchObject({ 'kubevirt.io/cpumanager': 'true' });
      const { status } = await lab.finished('tuned', SECONDS);
      expect(conditionText(status?.conditions, 'Succeeded')).toMatch(/^Completed/);
    },
    (SECONDS + 80) * 1000,
  );

  test('what a mode asks for and its Testbed does not allow is said, and nothing is made', async () => {
    await lab.experiment('odd', {
      modes: [{ name: 'odd', type: 'Virtio', vm: { isolateEmulatorThread: true } }],
      baseline: 'odd',
    });
    const found = await lab.until('odd', 30, ({ status }) => conditionText(status?.conditions, 'Admitted') !== '');
    expect(conditionText(found.status?.conditions, 'Admitted')).toMatch(
      /^InvalidVM: Mode odd on Testbed sandbox: isolateEmulatorThread needs dedicatedCPU/,
    );
    expect(await lab.trials('odd')).toEqual([]);
    await lab.remove('odd');
    await lab.gone('odd', 10);
  }, 60_000);
});
