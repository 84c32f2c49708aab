/**
 * The sandbox's stand-ins against a real API server, scheduler and controller manager, on a substrate that does
 * nothing: objects must go through the recorded steps, in order, and leave nothing.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { KubeClient } from '../../src/kube/client.ts';
import type { KubeObject, ResourceType } from '../../src/kube/object.ts';
import { NODES, PODS, SECRETS } from '../../src/kube/resources.ts';
import { createLogger } from '../../src/log.ts';
import { type Agents, startAgents } from '../../src/sandbox/agents/agents.ts';
import { FakeSubstrate, type Started } from '../../src/sandbox/agents/fake-substrate.ts';
import { AGENT_CRDS } from '../../src/sandbox/agents/install.ts';
import { ATTACHMENTS, CORE_EVENTS, KUBEVIRTS, VMIS } from '../../src/sandbox/agents/kinds.ts';
import type { Node, Pod, Vmi } from '../../src/sandbox/agents/objects.ts';
import { describeWithCluster, type TestCluster } from '../support/cluster.ts';

const COMPONENTS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
const WAIT_MS = 20_000;

describeWithCluster('sandbox agents', { components: COMPONENTS, crds: [AGENT_CRDS] }, (cluster) => {
  // Inside of the cluster's own describe, so that the agents end before it does.
  describe('on two nodes', () => suite(cluster));
});

function suite(cluster: () => TestCluster): void {
  let client: KubeClient;
  let agents: Agents;
  let namespace: string;
  const started: Started[] = [];
  const substrate = new FakeSubstrate({ onStart: (each) => started.push(each) });
  const ending = new AbortController();
  const log = createLogger('agents-test', process.env['LOG_LEVEL'] ?? 'silent');

  beforeAll(async () => {
    client = KubeClient.fromKubeConfig({ kubeconfig: cluster().kubeconfig, log });
    agents = await startAgents({
      client,
      substrate,
      log,
      nodes: [{ name: 'node-a' }, { name: 'node-b' }],
      signal: ending.signal,
    });
  }, 60_000);

  afterAll(async () => {
    ending.abort();
    await agents.stop();
    await client.close();
  }, 30_000);

  beforeEach(async () => {
    started.length = 0;
    namespace = await cluster().namespace('agents');
    for (const attachment of attachments(namespace)) await client.create(ATTACHMENTS, attachment);
    const data = {
      userdata: '#cloud-config\n',
      networkdata: 'version: 2\n',
      'server-0.json': '{"endpoint":"server-0"}',
    };
    await client.create(SECRETS, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'seed', namespace },
      stringData: data,
    } as KubeObject);
    await until(async () => {
      const type: ResourceType = {
        group: '',
        version: 'v1',
        plural: 'serviceaccounts',
        kind: 'ServiceAccount',
        namespaced: true,
      };
      return (await client.list(type, { namespace })).items.some((each) => each.metadata.name === 'default');
    });
  }, 30_000);

  afterEach(async () => {
    for (const type of [VMIS, PODS]) {
      for (const { metadata } of (await client.list(type, { namespace })).items) {
        await client.remove(type, { namespace, name: metadata.name });
      }
    }
    await nothingOf(VMIS);
    await nothingOf(PODS);
  }, 30_000);

  /** Polls; the state of the world decides, not the calls that made it. */
  async function until<T>(look: () => Promise<T | undefined | false>, ms = WAIT_MS): Promise<T> {
    const end = Date.now() + ms;
    for (;;) {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      if (Date.now() > end) throw new Error(`nothing came: ${look.toString()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Every version of the objects of a kind in the namespace, from now on, projected and without repeats. */
  function record<T extends KubeObject>(
    type: ResourceType,
    project: (object: T) => string,
  ): { steps: string[]; stop(): void } {
    const steps: string[] = [];
    const stopping = new AbortController();
    const run = async (): Promise<void> => {
      const { resourceVersion } = await client.list(type, { namespace });
      for await (const event of client.watch(type, { namespace, resourceVersion }, stopping.signal)) {
        if (event.type === 'BOOKMARK' || event.type === 'ERROR') continue;
        const step = event.type === 'DELETED' ? 'gone' : project(event.object as T);
        if (step !== steps.at(-1)) steps.push(step);
      }
    };
    run().catch(() => {});
    return { steps, stop: () => stopping.abort() };
  }

  const getPod = (name: string): Promise<Pod> => client.get<Pod>(PODS, { namespace, name });
  const getVmi = (name: string): Promise<Vmi> => client.get<Vmi>(VMIS, { namespace, name });
  const launcherOf = async (vmi: Vmi): Promise<Pod | undefined> => {
    const labelSelector = `kubevirt.io/created-by=${vmi.metadata.uid ?? ''}`;
    return (await client.list<Pod>(PODS, { namespace, labelSelector })).items[0];
  };
  const podPhase = (name: string, phase: string): Promise<Pod> =>
    until(async () => {
      const pod = await getPod(name);
      return pod.status?.phase === phase && pod;
    });
  const vmiPhase = (name: string, phase: string): Promise<Vmi> =>
    until(async () => {
      const vmi = await getVmi(name);
      return vmi.status?.phase === phase && vmi;
    });
  const nothingOf = (type: ResourceType): Promise<true> =>
    until(async () => (await client.list(type, { namespace })).items.length === 0 && true);
  const startedIn = (uid: string | undefined): Promise<Started> =>
    until(async () => started.find((each) => each.id === uid));
  const messages = async (reason: string): Promise<string[]> =>
    (await client.list(CORE_EVENTS, { namespace })).items
      .map((event) => event as unknown as { reason: string; message: string })
      .filter((event) => event.reason === reason)
      .map((event) => event.message);

  function pod(name: string, options: { networks?: object[]; vfs?: string; image?: string; node?: string } = {}): Pod {
    const { networks = [], vfs, image = 'vfbench.io/runner:1', node } = options;
    const resources = vfs === undefined ? {} : { 'sandbox.vfbench.io/vfnet': vfs };
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace,
        annotations: { 'k8s.v1.cni.cncf.io/networks': JSON.stringify(networks) },
      },
      spec: {
        ...(node === undefined ? {} : { nodeSelector: { 'kubernetes.io/hostname': node } }),
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 2,
        automountServiceAccountToken: false,
        containers: [
          {
            name: 'runner',
            image,
            env: [{ name: 'HELLO', value: 'world' }],
            resources: { requests: { cpu: '100m', ...resources }, limits: { cpu: '1', ...resources } },
            volumeMounts: [{ name: 'endpoint', mountPath: '/etc/vfbench', readOnly: true }],
          },
        ],
        volumes: [
          {
            name: 'endpoint',
            secret: { secretName: 'seed', items: [{ key: 'server-0.json', path: 'endpoint.json' }] },
          },
        ],
      },
    };
  }

  function vmi(name: string, kind: 'bridge' | 'sriov', node = 'node-a', vfs = '1'): Vmi {
    const device = kind === 'sriov' ? { 'sandbox.vfbench.io/vfvfio': vfs } : {};
    return {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachineInstance',
      metadata: { name, namespace, labels: { 'vfbench.io/trial': 't' } },
      spec: {
        evictionStrategy: 'None',
        terminationGracePeriodSeconds: 0,
        nodeSelector: { 'kubernetes.io/hostname': node },
        domain: {
          cpu: { cores: 2, sockets: 1, threads: 1 },
          memory: { guest: '256Mi' },
          resources: { requests: device, limits: device },
          devices: {
            autoattachGraphicsDevice: false,
            networkInterfaceMultiqueue: true,
            disks: [
              { name: 'root', disk: { bus: 'virtio' } },
              { name: 'cloudinit', disk: { bus: 'virtio' } },
            ],
            interfaces: [
              { name: 'mgmt', masquerade: {}, macAddress: '02:00:00:00:00:01' },
              { name: 'data', [kind]: {}, macAddress: '02:00:00:00:01:01' },
            ],
          },
        },
        networks: [
          { name: 'mgmt', pod: {} },
          { name: 'data', multus: { networkName: `${namespace}/${kind === 'sriov' ? 'vf-vfio' : 'br-data'}` } },
        ],
        volumes: [
          { name: 'root', containerDisk: { image: 'vfbench.io/guest:1' } },
          {
            name: 'cloudinit',
            cloudInitNoCloud: { secretRef: { name: 'seed' }, networkDataSecretRef: { name: 'seed' } },
          },
        ],
      },
    };
  }

  const podStep = ({ status, metadata, spec }: Pod): string =>
    [
      status?.phase,
      spec.nodeName === undefined ? 'unbound' : 'bound',
      metadata.annotations?.['k8s.v1.cni.cncf.io/network-status'] === undefined ? '' : 'networks',
      status?.podIP === undefined ? '' : 'ip',
      Object.keys(status?.containerStatuses?.[0]?.state ?? {})[0] ?? '',
      metadata.deletionTimestamp === undefined ? '' : 'deleted',
    ]
      .filter((part) => part !== '')
      .join(' ');

  describe('nodes', () => {
    test('are Ready, labelled as emulated, with VFs', async () => {
      const node = await client.get<Node>(NODES, { name: 'node-a' });
      expect(node.metadata.labels).toMatchObject({
        'kubernetes.io/hostname': 'node-a',
        'kubevirt.io/schedulable': 'true',
        'vfbench.io/environment': 'emulated',
      });
      expect(node.status?.allocatable).toMatchObject({
        'sandbox.vfbench.io/vfnet': '4',
        'sandbox.vfbench.io/vfvfio': '4',
      });
      expect(node.status?.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
      const { items } = await client.list(KUBEVIRTS);
      expect(items).toMatchObject([{ status: { observedKubeVirtVersion: 'v1.9.0' } }]);
    });
  });

  describe('pods', () => {
    test('go through the recorded steps, and end by themselves', async () => {
      const watch = record<Pod>(PODS, podStep);
      const network = { name: 'vf-net', namespace, interface: 'data0', ips: ['192.168.50.11/24'] };
      const { metadata } = await client.create(PODS, pod('server', { networks: [network], vfs: '1', node: 'node-a' }));
      const runner = await startedIn(metadata.uid);
      const running = await podPhase('server', 'Running');
      const status = JSON.parse(
        running.metadata.annotations?.['k8s.v1.cni.cncf.io/network-status'] ?? '[]',
      ) as object[];
      expect(status[1]).toMatchObject({
        name: `${namespace}/vf-net`,
        interface: 'data0',
        ips: ['192.168.50.11'],
        mtu: 1500,
        'device-info': { type: 'pci', pci: { 'pci-address': '0000:01:10.0' } },
      });
      if (runner.kind !== 'Runner') throw new Error('a VM was started');
      expect(runner.options.files).toEqual({ '/etc/vfbench/endpoint.json': '{"endpoint":"server-0"}' });
      expect(runner.options.env).toMatchObject({ HELLO: 'world', PCIDEVICE_SANDBOX_VFBENCH_IO_VFNET: '0000:01:10.0' });

      runner.child.exit(0);
      const done = await podPhase('server', 'Succeeded');
      expect(done.status?.containerStatuses?.[0]?.state.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' });
      expect(await substrate.listLeftovers()).toEqual([]);
      watch.stop();
      expect(watch.steps).toEqual([
        'Pending unbound',
        'Pending bound',
        'Pending bound waiting',
        'Pending bound networks waiting',
        'Running bound networks ip running',
        'Running bound networks ip terminated',
        'Succeeded bound networks ip terminated',
      ]);
    });

    test('are removed when they are deleted, after their process', async () => {
      const { metadata } = await client.create(PODS, pod('gone'));
      await podPhase('gone', 'Running');
      const { child } = await startedIn(metadata.uid);
      await client.remove(PODS, { namespace, name: 'gone' });
      expect(await child.exited).toEqual({ code: 0, signal: null });
      await nothingOf(PODS);
      expect(await substrate.listLeftovers()).toEqual([]);
    });

    test('fail with the exit code of their process', async () => {
      const { metadata } = await client.create(PODS, pod('bad'));
      (await startedIn(metadata.uid)).child.exit(3);
      const failed = await podPhase('bad', 'Failed');
      expect(failed.status?.containerStatuses?.[0]?.state.terminated).toMatchObject({ exitCode: 3, reason: 'Error' });
    });

    test('never share a VF, and free it when they end', async () => {
      const network = { name: 'vf-net', namespace, ips: ['192.168.50.1/24'] };
      const names = ['a', 'b', 'c', 'd', 'e'];
      for (const name of names) {
        await client.create(PODS, pod(name, { networks: [network], vfs: '1', node: 'node-b' }));
      }
      const addresses = async (): Promise<string[]> => {
        const { items } = await client.list<Pod>(PODS, { namespace });
        return items
          .filter((each) => each.status?.phase === 'Running')
          .map(
            (each) =>
              /"pci-address": "(.*?)"/.exec(
                each.metadata.annotations?.['k8s.v1.cni.cncf.io/network-status'] ?? '',
              )?.[1] ?? '',
          );
      };
      const held = await until(async () => {
        const found = await addresses();
        return found.length === 4 && found;
      });
      expect(new Set(held).size).toBe(4);
      const waiting = await until(async () => {
        const { items } = await client.list<Pod>(PODS, { namespace });
        const pending = items.filter((each) => each.status?.phase === 'Pending');
        return pending.length === 1 && pending[0];
      });
      expect(waiting.status?.conditions?.[0]?.message).toContain('Insufficient sandbox.vfbench.io/vfnet');

      started[0]?.child.exit(0);
      await podPhase(waiting.metadata.name, 'Running');
      expect(new Set(await addresses()).size).toBe(4);
    });

    test('that are forced upon a node without free VFs are refused', async () => {
      const first = pod('holder', { vfs: '4', networks: [], node: 'node-a' });
      await client.create(PODS, first);
      await podPhase('holder', 'Running');
      const forced = pod('forced', { vfs: '1' });
      forced.spec.nodeName = 'node-a';
      await client.create(PODS, forced);
      const failed = await podPhase('forced', 'Failed');
      expect(failed.status).toMatchObject({
        reason: 'UnexpectedAdmissionError',
        message:
          'Pod was rejected: Allocate failed due to requested number of devices unavailable for sandbox.vfbench.io/vfnet. Requested: 1, Available: 0, which is unexpected',
      });
    });

    test.each([
      ['missing', [{ name: 'nosuch' }], 'cannot find a network-attachment-definition (nosuch) in namespace'],
      ['no-request', [{ name: 'vf-net', ips: ['192.168.50.9/24'] }], 'LoadConf(): VF pci addr is required'],
      ['no-ips', [{ name: 'br-static' }], 'IPAM plugin returned missing IP config'],
      ['no-plugin', [{ name: 'ovs' }], 'failed to find plugin "ovs" in path'],
      ['bad-json', [{ name: 'badjson' }], 'failed to unmarshal Spec.Config: unexpected end of JSON input'],
    ])('whose network is %s stay pending, with an event', async (name, networks, words) => {
      await client.create(PODS, pod(name, { networks }));
      const text = await until(async () => (await messages('FailedCreatePodSandBox'))[0]);
      expect(text).toContain(words);
      const waiting = await getPod(name);
      expect(waiting.status?.phase).toBe('Pending');
      expect(waiting.status?.containerStatuses?.[0]?.state).toEqual({ waiting: { reason: 'ContainerCreating' } });
      await client.remove(PODS, { namespace, name });
      await nothingOf(PODS);
    });

    test('whose image is unknown wait for it', async () => {
      await client.create(PODS, pod('pull', { image: 'registry.example/other:1' }));
      await until(
        async () => (await getPod('pull')).status?.containerStatuses?.[0]?.state.waiting?.reason === 'ImagePullBackOff',
      );
      expect(await messages('Failed')).toContain('Error: ErrImagePull');
    });

    test('wait for a Secret that is not there yet', async () => {
      const early = pod('early');
      early.spec.volumes = [{ name: 'endpoint', secret: { secretName: 'later' } }];
      await client.create(PODS, early);
      const text = await until(async () => (await messages('FailedMount'))[0]);
      expect(text).toBe('MountVolume.SetUp failed for volume "endpoint" : secret "later" not found');
      const secret = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'later', namespace },
        stringData: { key: 'x' },
      };
      await client.create(SECRETS, secret as KubeObject);
      await podPhase('early', 'Running');
    });

    test('fall to faults that are set before they exist', async () => {
      const off = [
        agents.faults.set('crash', ({ name }) => name === 'crashing'),
        agents.faults.set('evict', ({ name }) => name === 'evicted'),
      ];
      await client.create(PODS, pod('crashing'));
      await client.create(PODS, pod('evicted'));
      const crashed = await podPhase('crashing', 'Failed');
      expect(crashed.status?.containerStatuses?.[0]?.state.terminated?.exitCode).toBe(137);
      expect((await podPhase('evicted', 'Failed')).status?.reason).toBe('Evicted');
      for (const each of off) each();
    });
  });

  describe('VMIs', () => {
    const vmiStep = ({ status, metadata }: Vmi): string => {
      const ready = status?.conditions?.find((each) => each.type === 'Ready');
      return [
        status?.phase,
        ready === undefined ? '' : `${ready.status}${ready.reason === undefined ? '' : `/${ready.reason}`}`,
        status?.nodeName === undefined ? '' : 'node',
        metadata.deletionTimestamp === undefined ? '' : 'deleted',
      ]
        .filter((part) => part !== '')
        .join(' ');
    };

    test.each(['bridge', 'sriov'] as const)('with a %s NIC run, power off, and are removed', async (kind) => {
      const watch = record<Vmi>(VMIS, vmiStep);
      await client.create(VMIS, vmi('guest', kind));
      const running = await until(async () => {
        const each = await getVmi('guest');
        return (
          each.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true && each
        );
      });
      const launcher = (await launcherOf(running)) as Pod;
      const guest = await startedIn(launcher.metadata.uid);
      if (guest.kind !== 'Vm') throw new Error('a runner was started');
      expect(guest.options).toMatchObject({
        cores: 2,
        memoryMiB: 256,
        managementMac: '02:00:00:00:00:01',
        userData: '#cloud-config\n',
        networkData: 'version: 2\n',
        data:
          kind === 'sriov'
            ? { kind: 'Vf', mac: '02:00:00:00:01:01' }
            : { kind: 'Virtio', mac: '02:00:00:00:01:01', multiqueue: true },
      });
      expect(running.status?.interfaces?.[1]).toMatchObject({
        name: 'data',
        infoSource: 'domain, multus-status',
        podInterfaceName: 'pod3a6eb0790f3',
      });
      expect(launcher.metadata.labels?.['vfbench.io/trial']).toBe('t');

      guest.child.exit(0);
      await vmiPhase('guest', 'Succeeded');
      await podPhase(launcher.metadata.name, 'Succeeded');
      await until(async () => (await getVmi('guest')).status?.conditions?.[0]?.reason === 'PodTerminating');
      await client.remove(VMIS, { namespace, name: 'guest' });
      await nothingOf(VMIS);
      await nothingOf(PODS);
      watch.stop();
      expect(watch.steps).toEqual([
        'Pending',
        'Scheduling False/GuestNotRunning',
        'Scheduled False/GuestNotRunning node',
        'Running False/GuestNotRunning node',
        'Running True node',
        'Succeeded True node',
        'Succeeded False/GuestNotRunning node',
        'Succeeded False/PodTerminating node',
        'Succeeded False/PodTerminating node deleted',
        'gone',
      ]);
      expect(await substrate.listLeftovers()).toEqual([]);
    });

    test("without a free VF wait with the scheduler's words, and go on when there is one", async () => {
      await agents.setVfs('node-b', { vfvfio: 0 });
      await client.create(VMIS, vmi('short', 'sriov', 'node-b'));
      const waiting = await until(async () => {
        const each = await getVmi('short');
        return each.status?.conditions?.some(({ type }) => type === 'PodScheduled') === true && each;
      });
      expect(waiting.status?.phase).toBe('Scheduling');
      const condition = waiting.status?.conditions?.find(({ type }) => type === 'PodScheduled');
      expect(condition).toMatchObject({ status: 'False', reason: 'Unschedulable' });
      expect(condition?.message).toContain('1 Insufficient sandbox.vfbench.io/vfvfio');
      await agents.setVfs('node-b', { vfvfio: 4 });
      await vmiPhase('short', 'Running');
    });

    test('that are deleted while they run pass through Failed and leave nothing', async () => {
      const watch = record<Vmi>(VMIS, ({ status }) => status?.phase ?? '');
      await client.create(VMIS, vmi('cut', 'sriov'));
      await vmiPhase('cut', 'Running');
      await client.remove(VMIS, { namespace, name: 'cut' });
      await nothingOf(VMIS);
      await nothingOf(PODS);
      watch.stop();
      expect(watch.steps).toEqual(['Pending', 'Scheduling', 'Scheduled', 'Running', 'Failed', 'gone']);
      expect(await substrate.listLeftovers()).toEqual([]);
    });

    test('crash as KubeVirt says it', async () => {
      await client.create(VMIS, vmi('boom', 'bridge'));
      const running = await vmiPhase('boom', 'Running');
      const launcher = (await launcherOf(running)) as Pod;
      (await startedIn(launcher.metadata.uid)).child.kill();
      await vmiPhase('boom', 'Failed');
      await until(async () => (await messages('Stopped')).includes('The VirtualMachineInstance crashed.'));
      await podPhase(launcher.metadata.name, 'Failed');
    });

    test('fail when their launcher pod is removed under them', async () => {
      await client.create(VMIS, vmi('orphan', 'bridge'));
      const launcher = (await launcherOf(await vmiPhase('orphan', 'Running'))) as Pod;
      await client.remove(PODS, { namespace, name: launcher.metadata.name }, { gracePeriodSeconds: 0 });
      await vmiPhase('orphan', 'Failed');
      await until(async () => (await substrate.listLeftovers()).length === 0);
    });

    test('that never boot are Running, and can be deleted', async () => {
      const silent = vmi('silent', 'bridge');
      silent.metadata.annotations = { 'sandbox.vfbench.io/fault': 'never-boots' };
      await client.create(VMIS, silent);
      await vmiPhase('silent', 'Running');
      expect(started).toEqual([]);
      await client.remove(VMIS, { namespace, name: 'silent' });
      await nothingOf(VMIS);
    });

    test('whose launcher dies early fail', async () => {
      const off = agents.faults.set('launcher-crash', ({ name }) => name === 'early');
      await client.create(VMIS, vmi('early', 'sriov'));
      await vmiPhase('early', 'Failed');
      off();
    });

    test('ask for twice the VFs by fault only', async () => {
      const off = agents.faults.set('double-vf', ({ name }) => name === 'doubled');
      await client.create(VMIS, vmi('doubled', 'sriov'));
      const pods = await until(async () => {
        const found = await launcherOf(await getVmi('doubled'));
        return found;
      });
      expect(pods.spec.containers[0]?.resources?.requests?.['sandbox.vfbench.io/vfvfio']).toBe('2');
      off();
    });

    test("are refused in KubeVirt's words", async () => {
      const wrong = vmi('wrong', 'sriov');
      (wrong.spec.domain.devices.interfaces ?? [])[1] = { name: 'data', sriov: {}, bridge: {} };
      await expect(client.create(VMIS, wrong)).rejects.toMatchObject({
        status: 422,
        reason: 'Invalid',
        serverMessage:
          'admission webhook "virtualmachineinstances-create-validator.kubevirt.io" denied the request: ' +
          'logical data interface must have exactly one binding method or binding plugin',
        causes: [{ field: 'spec.domain.devices.interfaces[1]', reason: 'FieldValueInvalid' }],
      });
    });

    test('keep their spec and their status from others', async () => {
      await client.create(VMIS, vmi('firm', 'bridge'));
      await vmiPhase('firm', 'Running');
      const ref = { namespace, name: 'firm' };
      await expect(client.patch(VMIS, ref, { spec: { nodeSelector: { a: 'b' } } })).rejects.toMatchObject({
        serverMessage: expect.stringContaining('update of VMI object is restricted'),
      });
      const after = await client.patch<Vmi>(VMIS, ref, { status: { phase: 'Succeeded' } });
      expect(after.status?.phase).toBe('Running');
    });

    test('whose pod is refused stay Pending, and say why', async () => {
      const odd = vmi('odd', 'sriov');
      odd.spec.domain.resources = { requests: { 'sandbox.vfbench.io/vfvfio': '1' } };
      await client.create(VMIS, odd);
      const refused = await until(async () => {
        const each = await getVmi('odd');
        return each.status?.conditions?.some(({ type }) => type === 'Synchronized') === true && each;
      });
      expect(refused.status?.phase).toBe('Pending');
      expect(refused.status?.conditions?.find(({ type }) => type === 'Synchronized')).toMatchObject({
        reason: 'FailedCreate',
        message: expect.stringContaining('Limit must be set for non overcommitable resources'),
      });
      await client.remove(VMIS, { namespace, name: 'odd' });
      await nothingOf(VMIS);
    });
  });

  test('a lost node is not heard of, and comes back', async () => {
    const off = agents.faults.set('lose-node', ({ name }) => name === 'node-b');
    const readyIs = (status: string): Promise<true> =>
      until(async () => {
        const node = await client.get<Node>(NODES, { name: 'node-b' });
        return (
          node.status?.conditions?.some((each) => each.type === 'Ready' && each.status === status) === true && true
        );
      });
    await readyIs('Unknown');
    off();
    await readyIs('True');
  });
}

function attachments(namespace: string): KubeObject[] {
  const vf = { capabilities: { ips: true }, ipam: { type: 'static' } };
  const configs: [string, unknown, string?][] = [
    ['vf-net', { type: 'sriov', vlan: 0, ...vf }, 'sandbox.vfbench.io/vfnet'],
    ['vf-vfio', { type: 'sriov', vlan: 0 }, 'sandbox.vfbench.io/vfvfio'],
    ['br-data', { type: 'bridge', bridge: 'br-data' }],
    ['br-static', { type: 'bridge', bridge: 'br-data', ...vf }],
    ['ovs', { type: 'ovs' }],
    ['badjson', '{"cniVersion":"1.0.0","name":"badjson"'],
  ];
  return configs.map(([name, config, resource]) => ({
    apiVersion: 'k8s.cni.cncf.io/v1',
    kind: 'NetworkAttachmentDefinition',
    metadata: {
      name,
      namespace,
      ...(resource === undefined ? {} : { annotations: { 'k8s.v1.cni.cncf.io/resourceName': resource } }),
    },
    spec: {
      config:
        typeof config === 'string' ? config : JSON.stringify({ cniVersion: '1.0.0', name, ...(config as object) }),
    },
  })) as KubeObject[];
}
