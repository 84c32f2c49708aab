/** Whatever goes wrong with one Trial: it ends in bounded time, with the reason by name, and leaves nothing behind. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { findCondition } from '../../src/api/conditions.ts';
import { LABEL_EXPERIMENT } from '../../src/api/labels.ts';
import type { Condition, Experiment, Trial } from '../../src/api/v1alpha1.ts';
import { endpointObjectName, trialName } from '../../src/plan/names.ts';
import { describeWithCluster } from '../support/cluster.ts';
import { experimentManifest, FLEET_CLUSTER, labManifests } from '../support/fleet.ts';
import { MEASURING } from '../support/faults/measuring.ts';
import { type Fault, STARTING, TIMEOUTS } from '../support/faults/starting.ts';
import { liveWell } from '../support/good-life.ts';
import { DRY_RUN, type DryRun, untilRefused } from '../support/in-force.ts';
import { Scene } from '../support/scene.ts';

const NAMESPACE = 'faults-1';
const STREAM = { name: 'bandwidth', type: 'Stream', protocol: 'TCP' };

let scene: Scene;
const FAULTS = [...STARTING, ...MEASURING];

const REFUSAL = [
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'licence' },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ['kubevirt.io'],
            apiVersions: ['v1'],
            resources: ['virtualmachineinstances'],
            operations: ['CREATE'],
          },
        ],
      },
      validations: [
        {
          expression: "object.metadata.labels['vfbench.io/experiment'] != 'refused-vm'",
          message: 'VMs of this Experiment want a licence',
        },
      ],
    },
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'licence' },
    spec: { policyName: 'licence', validationActions: ['Deny'] },
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'licence' },
    webhooks: [
      {
        name: 'licence.example.com',
        clientConfig: { url: 'https://127.0.0.1:9/' },
        objectSelector: { matchLabels: { [LABEL_EXPERIMENT]: 'webhook' } },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }],
        failurePolicy: 'Fail',
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        timeoutSeconds: 1,
      },
    ],
  },
];

const manifest = ({ name, mode = 'Native', pf }: Fault): object =>
  experimentManifest(NAMESPACE, name, {
    modes: [{ name: 'only', type: mode, ...(pf === undefined ? {} : { pf }) }],
    ...(pf === undefined ? {} : { placements: ['SameNode'] }),
    baseline: 'only',
    tests: [STREAM],
    blocks: { min: 1, max: 1, retries: 0 },
    warmupSeconds: 0,
    suspend: name === 'taken',
  });

/** What stands for an endpoint of that Experiment where the API server is asked whether it would have one. */
const probe = (kind: 'Pod' | 'VirtualMachineInstance', experiment: string): object => ({
  apiVersion: kind === 'Pod' ? 'v1' : 'kubevirt.io/v1',
  kind,
  metadata: { name: 'probe', namespace: NAMESPACE, labels: { [LABEL_EXPERIMENT]: experiment } },
  spec: kind === 'Pod' ? { containers: [{ name: 'probe', image: 'probe' }] } : { domain: {} },
});

/** Somebody's pod under the name that the first Trial's server will have. */
async function takeName({ cluster }: Scene): Promise<void> {
  const { metadata } = await scene.until(
    { namespace: NAMESPACE, name: 'taken' },
    { type: 'Admitted', reason: 'Suspended' },
  );
  const cell = { mode: 'only', placement: 'CrossNode', pairs: 1, block: 0, attempt: 0 };
  const trial = trialName({ experimentUid: metadata.uid ?? '', experiment: 'taken', ...cell });
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: endpointObjectName(trial, 'server-0'), namespace: NAMESPACE },
    spec: { containers: [{ name: 'theirs', image: 'theirs' }] },
  });
  const go = JSON.stringify({ spec: { suspend: false } });
  await cluster.kubectl(['patch', 'experiment', 'taken', '-n', NAMESPACE, '--type=merge', '-p', go]);
}

const conditionOf = (object: Trial | Experiment, type: string): Condition | undefined =>
  findCondition(object.status?.conditions, type);

describeWithCluster('faults of a trial', FLEET_CLUSTER, (cluster) => {
  const scripts = new Map(FAULTS.map((fault) => [fault.name, fault]));

  beforeAll(async () => {
    scene = await Scene.open(cluster(), (endpoint) => {
      const fault = scripts.get(endpoint.experiment);
      const script = endpoint.isClient ? fault?.client : fault?.server;
      return script?.(endpoint) ?? liveWell(endpoint);
    });
    await cluster().namespace('faults');
    await cluster().apply(...REFUSAL, ...labManifests(NAMESPACE, { concurrency: 64, timeouts: TIMEOUTS }));
    const dryRun: DryRun = (object) => cluster().kubectl(DRY_RUN, { input: JSON.stringify(object) });
    await untilRefused(dryRun, probe('VirtualMachineInstance', 'refused-vm'), /want a licence/);
    await untilRefused(dryRun, probe('Pod', 'webhook'), /failed calling webhook/);
    await scene.fleet.operator('faults', { leaderElection: false });
    await cluster().apply(...FAULTS.map(manifest));
    await takeName(scene);
  }, 120_000);
  afterAll(async () => scene?.close());

  test.each(FAULTS)(
    '$title: $reason',
    async ({ name, reason, message }) => {
      const done = await scene.finished(NAMESPACE, name, 80);
      const trials = await scene.trials(NAMESPACE, name);
      expect(trials).toHaveLength(1);
      for (const trial of trials) {
        const measured = conditionOf(trial, 'Measured');
        expect(`${measured?.status} ${measured?.reason}: ${measured?.message}`).toMatch(`False ${reason}: `);
        expect(conditionOf(trial, 'Succeeded')).toMatchObject({ status: 'False', reason });
        expect(conditionOf(trial, 'Succeeded')?.message).toMatch(message);
        expect(conditionOf(trial, 'CleanedUp')?.status).toBe('True');
        expect(conditionOf(done, 'Finished')).toMatchObject({ status: 'True', reason: 'CellFailed' });
        expect(conditionOf(done, 'Finished')?.message).toContain(
          `${reason}: ${conditionOf(trial, 'Succeeded')?.message}`,
        );
        expect(trial.status?.measurements).toBeUndefined();
      }
      expect(conditionOf(done, 'Succeeded')?.status).toBe('False');
      expect(await scene.children(NAMESPACE, `${LABEL_EXPERIMENT}=${name}`)).toEqual([]);
    },
    100_000,
  );

  test('each trial had one end, and nothing is written at rest', async () => {
    const versions = await scene.versions();
    await delay(2000);
    expect(await scene.versions()).toEqual(versions);
    expect(scene.witness.breaches).toEqual([]);
  }, 20_000);
});
