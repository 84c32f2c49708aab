/** What users see of what they did wrong, and of what the cluster lacks: with `kubectl apply` and `kubectl get`. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { PODS, type KubeObject } from '../../src/kube/index.ts';
import { noSandbox } from '../support/assets.ts';
import { describeUnless } from '../support/skip.ts';
import { conditionText, EXAMPLES, Lab, NAMESPACE, START_MS } from './fixtures/sandbox-lab.ts';

describeUnless(noSandbox, 'sandbox, bad input and shortages', () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await Lab.start();
  }, START_MS);

  afterEach(async () => {
    if (lab !== undefined) await lab.nothingLeft();
  }, 15_000);

  afterAll(async () => {
    if (lab !== undefined) expect(await lab.stop()).toEqual([]);
  }, START_MS);

  const apply = (manifest: object, ...args: string[]): Promise<string> =>
    lab.sandbox.kubectl(['apply', ...args, '-f', '-'], JSON.stringify(manifest));

  const experiment = (name: string, spec: object): object => ({
    apiVersion: 'vfbench.io/v1alpha1',
    kind: 'Experiment',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      testbed: 'sandbox',
      modes: [{ name: 'native', type: 'Native' }],
      baseline: 'native',
      tests: [{ name: 'bandwidth', type: 'Stream', protocol: 'TCP' }],
      ...spec,
    },
  });

  const admitted = async (name: string, reason: string): Promise<string> => {
    const found = await lab.until(name, 15, ({ status }) =>
      conditionText(status?.conditions, 'Admitted').startsWith(`${reason}:`),
    );
    return conditionText(found.status?.conditions, 'Admitted');
  };

  test('every example is taken as it is', async () => {
    const said = await lab.sandbox.kubectl(['apply', '--dry-run=server', '-f', EXAMPLES]);
    expect(said).toMatch(/experiment.vfbench.io\/vm-cost created/);
    await lab.sandbox.kubectl(['apply', '-f', join(EXAMPLES, 'lab/namespace.yaml')]);
    expect(await lab.sandbox.kubectl(['apply', '--dry-run=server', '-k', join(EXAMPLES, 'lab')])).toMatch(
      /testbed.vfbench.io/,
    );
  }, 30_000);

  test.each<[string, object, RegExp]>([
    ['no modes', { modes: [] }, /spec\.modes.*at least 1/],
    ['a baseline that is no mode', { baseline: 'other' }, /spec(\.baseline)?.*baseline/],
    [
      'two modes of one name',
      { modes: [1, 2].map(() => ({ name: 'native', type: 'Native' })) },
      /spec\.modes\[1\].*Duplicate value/,
    ],
    ['a misspelt field', { durationSecond: 3 }, /unknown field "spec\.durationSecond"/],
    ['an unknown type', { modes: [{ name: 'native', type: 'Naitve' }] }, /Unsupported value: "Naitve"/],
    ['more blocks at least than at most', { blocks: { min: 3, max: 2 } }, /blocks.*(min|max)/],
    [
      'a sweep of streams for latency',
      { tests: [{ name: 'l', type: 'RequestResponse', protocol: 'UDP', streams: [2] }] },
      /streams/,
    ],
  ])('%s is refused at once, with the field', async (_, spec, words) => {
    await expect(apply(experiment('wrong', spec))).rejects.toThrow(words);
  });

  test('an unknown Testbed is named, and waited for', async () => {
    await apply(experiment('early', { testbed: 'later', blocks: { min: 1, max: 1 }, durationSeconds: 1 }));
    expect(await admitted('early', 'TestbedNotFound')).toMatch(/no Testbed later in namespace bench: create it/);
    await lab.testbed('later', {});
    const { status } = await lab.finished('early', 60);
    expect(conditionText(status?.conditions, 'Succeeded')).toMatch(/^Completed/);
  }, 90_000);

  test('a subnet that is too small, a network that is missing: what to change', async () => {
    await lab.testbed('small', { subnet: '192.168.51.0/29' });
    await apply(experiment('crowd', { testbed: 'small', pairs: [4] }));
    expect(await admitted('crowd', 'SubnetTooSmall')).toMatch(/4 pairs need 8 addresses.*192\.168\.51\.0\/29/);
    await apply(experiment('stray', { modes: [{ name: 'native', type: 'Native', network: 'nosuch' }] }));
    expect(await admitted('stray', 'NetworkNotFound')).toMatch(/native, virtio, passthrough; add it there/);
    const listed = await lab.sandbox.kubectl(['get', 'experiments', '-n', NAMESPACE]);
    expect(listed).toMatch(/NAME +TESTBED +FINISHED +SUCCEEDED/);
    expect(await lab.sandbox.kubectl(['describe', 'experiment', 'crowd', '-n', NAMESPACE])).toMatch(/SubnetTooSmall/);
    await Promise.all(['crowd', 'stray'].map((name) => lab.remove(name)));
  }, 60_000);

  test('VFs that the nodes do not have: numbers; it goes on when they are there', async () => {
    const { agents } = lab.sandbox;
    await agents.setVfs('sandbox-b', { vfnet: 0 });
    await lab.stocked('sandbox', 'sandbox-b', { name: VFNET, allocatable: 0 });
    await lab.experiment('short');
    expect(await admitted('short', 'InsufficientVFs')).toMatch(
      /needs 1 of sandbox\.vfbench\.io\/vfnet on node sandbox-b, which has 0/,
    );
    await agents.setVfs('sandbox-b', { vfnet: 4 });
    const { status } = await lab.finished('short', 60);
    expect(status?.progress).toMatchObject({ trials: 1 });
  }, 90_000);

  test('VFs that others hold: numbers; it goes on when they let go, and theirs were never taken', async () => {
    await lab.client.create(PODS, holder('sandbox-a', 4));
    await lab.stocked('sandbox', 'sandbox-a', { name: VFNET, inUse: 4 });
    await lab.experiment('patient');
    expect(await admitted('patient', 'InsufficientVFs')).toMatch(
      /Node sandbox-a has 4 of sandbox\.vfbench\.io\/vfnet: 1 needed, 0 free, in use: 4 by pod bench\/holder/,
    );
    expect(await lab.trials('patient')).toHaveLength(1);
    expect((await lab.endpoints(PODS)).map(({ metadata }) => metadata.name)).toEqual([HOLDER.name]);
    await lab.client.remove(PODS, HOLDER);
    const { status } = await lab.finished('patient', 60);
    expect(status?.progress).toMatchObject({ trials: 1 });
  }, 90_000);
});

const VFNET = 'sandbox.vfbench.io/vfnet';
const HOLDER = { namespace: NAMESPACE, name: 'holder' };

/** A pod of somebody else that holds VFs for as long as it is there: its image never comes. */
function holder(node: string, vfs: number): KubeObject {
  const amounts = { [VFNET]: `${vfs}` };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: HOLDER,
    spec: {
      nodeSelector: { 'kubernetes.io/hostname': node },
      terminationGracePeriodSeconds: 0,
      containers: [
        { name: 'other', image: 'registry.example/other:1', resources: { requests: amounts, limits: amounts } },
      ],
    },
  } as KubeObject;
}
