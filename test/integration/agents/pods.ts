/** Pods under the sandbox's kubelet. */
import { describe, expect, test } from '@jest/globals';
import type { KubeObject } from '../../../src/kube/object.ts';
import { PODS, SECRETS } from '../../../src/kube/resources.ts';
import type { Pod } from '../../../src/sandbox/agents/objects.ts';
import type { AgentsLab } from '../../support/agents-lab.ts';

export function podTests(lab: AgentsLab): void {
  describe('pods', () => {
    test('go through the recorded steps, and end by themselves', async () => {
      const watch = await lab.record<Pod>(PODS, podStep);
      const network = { name: 'vf-net', namespace: lab.namespace, interface: 'data0', ips: ['192.168.50.11/24'] };
      const { metadata } = await lab.client.create(
        PODS,
        lab.pod('server', { networks: [network], vfs: '1', node: 'node-a' }),
      );
      const runner = await lab.startedIn(metadata.uid);
      const running = await lab.podPhase('server', 'Running');
      const status = JSON.parse(
        running.metadata.annotations?.['k8s.v1.cni.cncf.io/network-status'] ?? '[]',
      ) as object[];
      expect(status[1]).toMatchObject({
        name: `${lab.namespace}/vf-net`,
        interface: 'data0',
        ips: ['192.168.50.11'],
        mtu: 1500,
        'device-info': { type: 'pci', pci: { 'pci-address': '0000:01:10.0' } },
      });
      if (runner.kind !== 'Runner') throw new Error('a VM was started');
      expect(runner.options.files).toEqual({ '/etc/vfbench/endpoint.json': '{"endpoint":"server-0"}' });
      expect(runner.options.env).toMatchObject({ HELLO: 'world', PCIDEVICE_SANDBOX_VFBENCH_IO_VFNET: '0000:01:10.0' });

      runner.child.exit(0);
      const done = await lab.podPhase('server', 'Succeeded');
      expect(done.status?.containerStatuses?.[0]?.state.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' });
      expect(await lab.substrate.listLeftovers()).toEqual([]);
      // What was read, a watch may not have told yet.
      await lab.until(() => Promise.resolve(watch.steps.some((step) => step.startsWith('Succeeded'))));
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
      const { metadata } = await lab.client.create(PODS, lab.pod('gone'));
      await lab.podPhase('gone', 'Running');
      const { child } = await lab.startedIn(metadata.uid);
      await lab.client.remove(PODS, { namespace: lab.namespace, name: 'gone' });
      expect(await child.exited).toEqual({ code: 0, signal: null });
      await lab.nothingOf(PODS);
      expect(await lab.substrate.listLeftovers()).toEqual([]);
    });

    test('fail with the exit code of their process', async () => {
      const { metadata } = await lab.client.create(PODS, lab.pod('bad'));
      (await lab.startedIn(metadata.uid)).child.exit(3);
      const failed = await lab.podPhase('bad', 'Failed');
      expect(failed.status?.containerStatuses?.[0]?.state.terminated).toMatchObject({ exitCode: 3, reason: 'Error' });
    });

    test('never share a VF, and free it when they end', async () => {
      const network = { name: 'vf-net', namespace: lab.namespace, ips: ['192.168.50.1/24'] };
      const names = ['a', 'b', 'c', 'd', 'e'];
      for (const name of names) {
        await lab.client.create(PODS, lab.pod(name, { networks: [network], vfs: '1', node: 'node-b' }));
      }
      const addresses = async (): Promise<string[]> => {
        const { items } = await lab.client.list<Pod>(PODS, { namespace: lab.namespace });
        return items
          .filter((each) => each.status?.phase === 'Running')
          .map(
            (each) =>
              /"pci-address": "(.*?)"/.exec(
                each.metadata.annotations?.['k8s.v1.cni.cncf.io/network-status'] ?? '',
              )?.[1] ?? '',
          );
      };
      const held = await lab.until(async () => {
        const found = await addresses();
        return found.length === 4 && found;
      });
      expect(new Set(held).size).toBe(4);
      const waiting = await lab.until(async () => {
        const { items } = await lab.client.list<Pod>(PODS, { namespace: lab.namespace });
        const pending = items.filter((each) => each.status?.phase === 'Pending');
        return pending.length === 1 && pending[0];
      });
      expect(waiting.status?.conditions?.[0]?.message).toContain('Insufficient sandbox.vfbench.io/vfnet');

      lab.started[0]?.child.exit(0);
      await lab.podPhase(waiting.metadata.name, 'Running');
      expect(new Set(await addresses()).size).toBe(4);
    });

    test('that are forced upon a node without free VFs are refused', async () => {
      const first = lab.pod('holder', { vfs: '4', networks: [], node: 'node-a' });
      await lab.client.create(PODS, first);
      await lab.podPhase('holder', 'Running');
      const forced = lab.pod('forced', { vfs: '1' });
      forced.spec.nodeName = 'node-a';
      await lab.client.create(PODS, forced);
      const failed = await lab.podPhase('forced', 'Failed');
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
      await lab.client.create(PODS, lab.pod(name, { networks }));
      const text = await lab.until(async () => (await lab.messages('FailedCreatePodSandBox'))[0]);
      expect(text).toContain(words);
      const waiting = await lab.getPod(name);
      expect(waiting.status?.phase).toBe('Pending');
      expect(waiting.status?.containerStatuses?.[0]?.state).toEqual({ waiting: { reason: 'ContainerCreating' } });
      await lab.client.remove(PODS, { namespace: lab.namespace, name });
      await lab.nothingOf(PODS);
    });

    test('whose image is unknown wait for it', async () => {
      await lab.client.create(PODS, lab.pod('pull', { image: 'registry.example/other:1' }));
      await lab.until(
        async () =>
          (await lab.getPod('pull')).status?.containerStatuses?.[0]?.state.waiting?.reason === 'ImagePullBackOff',
      );
      expect(await lab.messages('Failed')).toContain('Error: ErrImagePull');
    });

    test('wait for a Secret that is not there yet', async () => {
      const early = lab.pod('early');
      early.spec.volumes = [{ name: 'endpoint', secret: { secretName: 'later' } }];
      await lab.client.create(PODS, early);
      const text = await lab.until(async () => (await lab.messages('FailedMount'))[0]);
      expect(text).toBe('MountVolume.SetUp failed for volume "endpoint" : secret "later" not found');
      const sandbox = (await lab.getPod('early')).status?.conditions?.find(
        (c) => c.type === 'PodReadyToStartContainers',
      );
      expect(sandbox?.status).toBe('False');
      const secret = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'later', namespace: lab.namespace },
        stringData: { key: 'x' },
      };
      await lab.client.create(SECRETS, secret as KubeObject);
      await lab.podPhase('early', 'Running');
    });

    test('wait for a key of their environment that is not there', async () => {
      const bare = lab.pod('bare');
      const valueFrom = { secretKeyRef: { name: 'nosuch', key: 'token' } };
      bare.spec.containers[0]!.env = [{ name: 'TOKEN', valueFrom }];
      await lab.client.create(PODS, bare);
      const waiting = await lab.until(
        async () => (await lab.getPod('bare')).status?.containerStatuses?.[0]?.state.waiting?.message,
      );
      expect(waiting).toBe('secret "nosuch" not found');
    });

    test('fall to faults that are set before they exist', async () => {
      const off = [
        lab.agents.faults.set('crash', ({ name }) => name === 'crashing'),
        lab.agents.faults.set('evict', ({ name }) => name === 'evicted'),
      ];
      await lab.client.create(PODS, lab.pod('crashing'));
      await lab.client.create(PODS, lab.pod('evicted'));
      const crashed = await lab.podPhase('crashing', 'Failed');
      expect(crashed.status?.containerStatuses?.[0]?.state.terminated?.exitCode).toBe(137);
      expect((await lab.podPhase('evicted', 'Failed')).status?.reason).toBe('Evicted');
      for (const each of off) each();
    });
  });
}

/** What a watcher sees of a pod, in a line. */
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
