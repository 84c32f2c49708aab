/** Whatever goes wrong with one Trial: it ends in bounded time, with the reason by name, and leaves nothing behind. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { findCondition, timestamp } from '../../src/api/conditions.ts';
import { LABEL_EXPERIMENT } from '../../src/api/labels.ts';
import type { Condition, Experiment, Trial } from '../../src/api/v1alpha1.ts';
import { CORE_EVENTS } from '../../src/control/kinds.ts';
import type { KubeObject } from '../../src/kube/index.ts';
import { endpointObjectName, trialName } from '../../src/plan/names.ts';
import { describeWithCluster } from '../support/cluster.ts';
import type { Endpoint } from '../support/endpoint.ts';
import { experimentManifest, FLEET_CLUSTER, labManifests } from '../support/fleet.ts';
import { liveWell } from '../support/good-life.ts';
import { Scene } from '../support/scene.ts';

const NAMESPACE = 'faults-1';
const TIMEOUTS = { scheduleSeconds: 3, startSeconds: 6, marginSeconds: 1, cleanupSeconds: 10 };
/** One test of a second without warm-up, 5 s for the tool's start and stop, and the margin. */
const MEASURE_SECONDS = 7;
const STREAM = { name: 'bandwidth', type: 'Stream', protocol: 'TCP' };

interface Fault {
  title: string;
  /** Also the Experiment's name. */
  name: string;
  mode?: 'Native' | 'Virtio' | 'Passthrough';
  /** What the client does; the server does as it should. Absent: both do as they should. */
  client?: (endpoint: Endpoint) => Promise<void>;
  reason: string;
  message: RegExp;
}

const waiting = (reason: string, message: string): object => ({
  phase: 'Pending',
  containerStatuses: [
    { name: 'runner', image: 'x', imageID: '', ready: false, restartCount: 0, state: { waiting: { reason, message } } },
  ],
});

async function sandboxFails(endpoint: Endpoint, fleet: Scene['fleet']): Promise<void> {
  await endpoint.bind();
  const { namespace, name, object } = endpoint;
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { namespace, name: `${name}.1` },
    involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace, name, uid: object.metadata.uid },
    reason: 'FailedCreatePodSandBox',
    message: 'plugin type="sriov" failed (add): VF 0000:01:10.0 is in use',
    firstTimestamp: timestamp(Date.now()),
    type: 'Warning',
  };
  await fleet.client.create(CORE_EVENTS, event as KubeObject);
}

const nic = (change: object) => (endpoint: Endpoint) =>
  liveWell(endpoint, { registration: (r) => ({ ...r, nic: { ...r.nic, ...change } }) });

async function posting(endpoint: Endpoint, body: object | Buffer): Promise<void> {
  await endpoint.run();
  await endpoint.register();
  await endpoint.post(await endpoint.config(), '/v1/result', body).catch(() => null);
}

let scene: Scene;

const FAULTS: Fault[] = [
  {
    title: 'a pod that never reports in',
    name: 'mute-pod',
    client: (e) => e.run(),
    reason: 'RegistrationTimeout',
    message: /^client-0: \S+ runs, but did not report in within 6 s/,
  },
  {
    title: 'a VM that never reports in',
    name: 'mute-vm',
    mode: 'Virtio',
    client: (e) => e.run(),
    reason: 'BootTimeout',
    message: /^client-0: \S+ runs, but did not report in within 6 s/,
  },
  {
    title: 'a VM that never starts',
    name: 'no-vm',
    mode: 'Passthrough',
    client: async () => {},
    reason: 'Unschedulable',
    message: /^client-0: VirtualMachineInstance \S+ was not placed on node node-b within 3 s$/,
  },
  {
    title: 'an endpoint that falls silent',
    name: 'silent',
    client: async (e) => {
      await e.run();
      await e.register();
    },
    reason: 'MeasureTimeout',
    message: new RegExp(`^No results from client-0 within ${MEASURE_SECONDS} s$`),
  },
  {
    title: 'a pod that dies',
    name: 'dead-pod',
    client: async (e) => {
      await e.run();
      await e.register();
      const terminated = { exitCode: 137, reason: 'OOMKilled' };
      const container = {
        name: 'runner',
        image: 'x',
        imageID: '',
        ready: false,
        restartCount: 0,
        state: { terminated },
      };
      await e.status({ phase: 'Failed', containerStatuses: [container] });
    },
    reason: 'EndpointFailed',
    message: /^client-0: Pod \S+ failed: exit code 137 \(OOMKilled\)$/,
  },
  {
    title: 'a VM that dies',
    name: 'dead-vm',
    mode: 'Virtio',
    client: async (e) => {
      await e.run();
      await e.register();
      await e.status({ phase: 'Failed' });
    },
    reason: 'EndpointFailed',
    message: /^client-0: VM \S+ failed: its launcher crashed/,
  },
  {
    title: 'an endpoint that ends without its results',
    name: 'early',
    client: async (e) => {
      await e.run();
      await e.register();
      await e.status({ phase: 'Succeeded' });
    },
    reason: 'ResultLost',
    message: /^Pod \S+ ended without delivering its results/,
  },
  {
    title: 'a pod that a user deletes before it reports in',
    name: 'lost-early',
    client: async (e) => {
      await e.run();
      await e.remove();
    },
    reason: 'EndpointLost',
    message: /^Pod \S+ (is gone|was deleted)/,
  },
  {
    title: 'a pod that a user deletes while it measures',
    name: 'lost-pod',
    client: async (e) => {
      await e.run();
      await e.register();
      await e.remove();
    },
    reason: 'EndpointLost',
    message: /^Pod \S+ (is gone|was deleted)/,
  },
  {
    title: 'a VM that a user deletes while it measures',
    name: 'lost-vm',
    mode: 'Passthrough',
    client: async (e) => {
      await e.run();
      await e.register();
      await e.remove();
    },
    reason: 'EndpointLost',
    message: /^VirtualMachineInstance \S+ is gone/,
  },
  {
    title: 'an image that cannot be pulled',
    name: 'image',
    client: async (e) => {
      await e.bind();
      await e.status(waiting('ImagePullBackOff', 'Back-off pulling image "vfbench.io/runner:test"'));
    },
    reason: 'ImagePullFailed',
    message: /^client-0: ImagePullBackOff: Back-off pulling image "vfbench.io\/runner:test" \(waited 3 s\)$/,
  },
  {
    title: 'a pod that no node takes',
    name: 'unschedulable',
    client: (e) => {
      const message = '0/2 nodes are available: 1 Insufficient example.com/vfnet, 1 node(s) had untolerated taint(s).';
      return e.status({ conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }] });
    },
    reason: 'Unschedulable',
    message:
      /^client-0: 0\/2 nodes are available: 1 Insufficient example.com\/vfnet, 1 node\(s\) had untolerated taint\(s\)\. \(/,
  },
  {
    title: 'a network that the CNI plugin cannot attach',
    name: 'sandbox',
    client: (e) => sandboxFails(e, scene.fleet),
    reason: 'NetworkAttachFailed',
    message: /^client-0: plugin type="sriov" failed \(add\): VF 0000:01:10.0 is in use/,
  },
  {
    title: 'a VM that admission refuses',
    name: 'refused-vm',
    mode: 'Virtio',
    reason: 'AdmissionRefused',
    message:
      /^virtualmachineinstances.kubevirt.io \"\S+-(client|server)-0\" is forbidden: .*denied request: VMs of this Experiment want a licence$/,
  },
  {
    title: 'a VM with the wrong driver',
    name: 'driver',
    mode: 'Virtio',
    client: nic({ driver: 'e1000', bus: 'pci' }),
    reason: 'WrongDataPath',
    message: /^client-0: Data NIC data0 has driver e1000 on bus pci; mode Virtio expects/,
  },
  {
    title: 'a VM with the wrong MAC',
    name: 'mac',
    mode: 'Passthrough',
    client: nic({ mac: '02:ff:ff:ff:ff:ff' }),
    reason: 'WrongDataPath',
    message: /^client-0: Data NIC data0 has MAC 02:ff:ff:ff:ff:ff; expected 02:/,
  },
  {
    title: 'a wrong MTU',
    name: 'mtu',
    client: nic({ mtu: 9000 }),
    reason: 'WrongDataPath',
    message: /^client-0: Data NIC data0 has an MTU of 9000 bytes; expected 1500$/,
  },
  {
    title: 'a missing tool',
    name: 'tool',
    client: (e) => liveWell(e, { registration: (r) => ({ ...r, tools: { ...r.tools, iperf3: null } }) }),
    reason: 'ToolMissing',
    message: /^client-0: iperf3 is not in the image$/,
  },
  {
    title: 'an endpoint that says why it cannot go on',
    name: 'problem',
    client: async (e) => {
      await e.run();
      await e.post(await e.config(), '/v1/problem', { reason: 'NoDataNic', message: 'no interface data0' });
    },
    reason: 'NoDataNic',
    message: /^client-0: no interface data0$/,
  },
  {
    title: 'a result that is garbage',
    name: 'garbage',
    client: (e) => posting(e, Buffer.from('{"points": [')),
    reason: 'MalformedBody',
    message: /^client-0: The body is not JSON\.$/,
  },
  {
    title: 'a result of 100 MB',
    name: 'large',
    client: (e) => posting(e, Buffer.alloc(100_000_000, ' ')),
    reason: 'TooLarge',
    message: /^client-0: The body is larger than \d+ bytes\.$/,
  },
  {
    title: 'a result of 100 MB in a small parcel',
    name: 'bomb',
    client: (e) => posting(e, { pad: 'x'.repeat(100_000_000) }),
    reason: 'TooLarge',
    message: /^client-0: The body is larger than \d+ bytes\.$/,
  },
  {
    title: 'a wrong token',
    name: 'token',
    client: async (e) => {
      await e.run();
      const config = await e.config();
      const forged = { ...config, token: `${config.token.slice(0, -4)}AAAA` };
      expect(await e.post(forged, '/v1/register', {})).toMatchObject({ status: 401 });
    },
    reason: 'RegistrationTimeout',
    message: /^client-0: /,
  },
  {
    title: 'a result without a test point',
    name: 'short',
    client: (e) => liveWell(e, { document: (good) => ({ ...good, points: [] }) }),
    reason: 'ResultLost',
    message: /^Pair 0: test bandwidth \(point 0\) is missing in the client's results$/,
  },
  {
    title: 'more than the link carries',
    name: 'link',
    client: (e) =>
      liveWell(e, {
        document: (good) => ({
          ...good,
          points: good.points.map((point) => ({
            ...point,
            measurements: [{ metric: 'throughput', unit: 'bit/s', value: 4e10, reason: null }],
            nic: { ...point.nic, after: { rxBytes: 1e12, txBytes: 1e12, rxPackets: 1e6, txPackets: 1e6 } },
          })),
        }),
      }),
    reason: 'ExceedsLinkRate',
    message: /^Pair 0: test bandwidth \(point 0\): 40\.00 Gb\/s measured/,
  },
  {
    title: 'results that the API server will not store',
    name: 'unstorable',
    client: (e) =>
      liveWell(e, {
        document: (good) => ({
          ...good,
          points: good.points.map((point) => {
            const more = Array.from({ length: 63 }, (_, i) => ({ metric: `m${i}`, unit: '', value: 1, reason: null }));
            return { ...point, measurements: [...point.measurements, ...more] };
          }),
        }),
      }),
    reason: 'MalformedBody',
    message: /^client-0: points\[0\]\.measurements\[1\]\.unit: expected/,
  },
  {
    title: 'a name that somebody else took',
    name: 'taken',
    reason: 'NameTaken',
    message: /^Pod \S+-server-0 exists and belongs to somebody else: it is in the way, delete it$/,
  },
];

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
];

const manifest = ({ name, mode = 'Native' }: Fault): object =>
  experimentManifest(NAMESPACE, name, {
    modes: [{ name: 'only', type: mode }],
    baseline: 'only',
    tests: [STREAM],
    blocks: { min: 1, max: 1, retries: 0 },
    warmupSeconds: 0,
    suspend: name === 'taken',
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
      const client = endpoint.isClient ? scripts.get(endpoint.experiment)?.client : undefined;
      return client?.(endpoint) ?? liveWell(endpoint);
    });
    await cluster().namespace('faults');
    await cluster().apply(...REFUSAL, ...labManifests(NAMESPACE, { concurrency: 64, timeouts: TIMEOUTS }));
    // Policies take effect a moment after they are made.
    await delay(2000);
    await scene.fleet.operator('faults', { leaderElection: false });
    await cluster().apply(...FAULTS.map(manifest));
    await takeName(scene);
  }, 120_000);
  afterAll(async () => scene?.close());

  test.each(FAULTS)(
    '$title: $reason',
    async ({ name, reason, message }) => {
      const done = await scene.finished(NAMESPACE, name, 40);
      const trials = await scene.trials(NAMESPACE, name);
      expect(trials).toHaveLength(1);
      for (const trial of trials) {
        expect(conditionOf(trial, 'Measured')).toMatchObject({ status: 'False', reason });
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
    60_000,
  );

  test('each trial had one end, and nothing is written at rest', async () => {
    const versions = await scene.versions();
    await delay(2000);
    expect(await scene.versions()).toEqual(versions);
    expect(scene.witness.breaches).toEqual([]);
  }, 20_000);
});
