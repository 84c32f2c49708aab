/** VMIs under the sandbox's KubeVirt. */
import { describe, expect, test } from '@jest/globals';
import { PODS } from '../../../src/kube/resources.ts';
import { VMIS } from '../../../src/api/kinds.ts';
import type { Pod } from '../../../src/sandbox/agents/objects.ts';
import type { Vmi } from '../../../src/sandbox/agents/vmi.ts';
import type { AgentsLab } from '../../support/agents-lab.ts';

export function vmiTests(lab: AgentsLab): void {
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
      const watch = await lab.record<Vmi>(VMIS, vmiStep);
      await lab.client.create(VMIS, lab.vmi('guest', kind));
      const running = await lab.until(async () => {
        const each = await lab.getVmi('guest');
        return (
          each.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true && each
        );
      });
      const launcher = (await lab.launcherOf(running)) as Pod;
      const guest = await lab.startedIn(launcher.metadata.uid);
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
      await lab.vmiPhase('guest', 'Succeeded');
      await lab.podPhase(launcher.metadata.name, 'Succeeded');
      await lab.until(async () => (await lab.getVmi('guest')).status?.conditions?.[0]?.reason === 'PodTerminating');
      await lab.client.remove(VMIS, { namespace: lab.namespace, name: 'guest' });
      await lab.nothingOf(VMIS);
      await lab.nothingOf(PODS);
      // What a list does not show any more, a watch may not have told yet.
      await lab.until(() => Promise.resolve(watch.steps.includes('gone')));
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
      expect(await lab.substrate.listLeftovers()).toEqual([]);
    });

    test("without a free VF wait with the scheduler's words, and go on when there is one", async () => {
      await lab.agents.setVfs('node-b', { vfvfio: 0 });
      await lab.client.create(VMIS, lab.vmi('short', 'sriov', 'node-b'));
      const waiting = await lab.until(async () => {
        const each = await lab.getVmi('short');
        return each.status?.conditions?.some(({ type }) => type === 'PodScheduled') === true && each;
      });
      expect(waiting.status?.phase).toBe('Scheduling');
      const condition = waiting.status?.conditions?.find(({ type }) => type === 'PodScheduled');
      expect(condition).toMatchObject({ status: 'False', reason: 'Unschedulable' });
      expect(condition?.message).toContain('1 Insufficient sandbox.vfbench.io/vfvfio');
      await lab.agents.setVfs('node-b', { vfvfio: 4 });
      await lab.vmiPhase('short', 'Running');
    });

    test('that are deleted while they run pass through Failed and leave nothing', async () => {
      const watch = await lab.record<Vmi>(VMIS, ({ status }) => status?.phase ?? '');
      await lab.client.create(VMIS, lab.vmi('cut', 'sriov'));
      await lab.vmiPhase('cut', 'Running');
      await lab.client.remove(VMIS, { namespace: lab.namespace, name: 'cut' });
      await lab.nothingOf(VMIS);
      await lab.nothingOf(PODS);
      // What a list does not show any more, a watch may not have told yet.
      await lab.until(() => Promise.resolve(watch.steps.includes('gone')));
      watch.stop();
      expect(watch.steps).toEqual(['Pending', 'Scheduling', 'Scheduled', 'Running', 'Failed', 'gone']);
      expect(await lab.substrate.listLeftovers()).toEqual([]);
    });

    test('crash as KubeVirt says it', async () => {
      await lab.client.create(VMIS, lab.vmi('boom', 'bridge'));
      const running = await lab.vmiPhase('boom', 'Running');
      const launcher = (await lab.launcherOf(running)) as Pod;
      (await lab.startedIn(launcher.metadata.uid)).child.kill();
      await lab.vmiPhase('boom', 'Failed');
      await lab.until(async () => (await lab.messages('Stopped')).includes('The VirtualMachineInstance crashed.'));
      await lab.podPhase(launcher.metadata.name, 'Failed');
    });

    test('fail when their launcher pod is removed under them', async () => {
      await lab.client.create(VMIS, lab.vmi('orphan', 'bridge'));
      const launcher = (await lab.launcherOf(await lab.vmiPhase('orphan', 'Running'))) as Pod;
      await lab.client.remove(
        PODS,
        { namespace: lab.namespace, name: launcher.metadata.name },
        { gracePeriodSeconds: 0 },
      );
      await lab.vmiPhase('orphan', 'Failed');
      await lab.until(async () => (await lab.substrate.listLeftovers()).length === 0);
    });

    test('that never boot are Running, and can be deleted', async () => {
      const silent = lab.vmi('silent', 'bridge');
      silent.metadata.annotations = { 'sandbox.vfbench.io/fault': 'never-boots' };
      await lab.client.create(VMIS, silent);
      await lab.vmiPhase('silent', 'Running');
      expect(lab.started).toEqual([]);
      await lab.client.remove(VMIS, { namespace: lab.namespace, name: 'silent' });
      await lab.nothingOf(VMIS);
    });

    test('whose launcher dies early fail', async () => {
      const off = lab.agents.faults.set('launcher-crash', ({ name }) => name === 'early');
      await lab.client.create(VMIS, lab.vmi('early', 'sriov'));
      await lab.vmiPhase('early', 'Failed');
      off();
    });

    test('ask for twice the VFs by fault only', async () => {
      const off = lab.agents.faults.set('double-vf', ({ name }) => name === 'doubled');
      await lab.client.create(VMIS, lab.vmi('doubled', 'sriov'));
      const pods = await lab.until(async () => {
        const found = await lab.launcherOf(await lab.getVmi('doubled'));
        return found;
      });
      expect(pods.spec.containers[0]?.resources?.requests?.['sandbox.vfbench.io/vfvfio']).toBe('2');
      off();
    });

    test("are refused in KubeVirt's words", async () => {
      const wrong = lab.vmi('wrong', 'sriov');
      (wrong.spec.domain.devices.interfaces ?? [])[1] = { name: 'data', sriov: {}, bridge: {} };
      await expect(lab.client.create(VMIS, wrong)).rejects.toMatchObject({
        status: 422,
        reason: 'Invalid',
        serverMessage:
          'admission webhook "virtualmachineinstances-create-validator.kubevirt.io" denied the request: ' +
          'logical data interface must have exactly one binding method or binding plugin',
        causes: [{ field: 'spec.domain.devices.interfaces[1]', reason: 'FieldValueInvalid' }],
      });
    });

    test('keep their spec and their status from others', async () => {
      await lab.client.create(VMIS, lab.vmi('firm', 'bridge'));
      await lab.vmiPhase('firm', 'Running');
      const ref = { namespace: lab.namespace, name: 'firm' };
      await expect(lab.client.patch(VMIS, ref, { spec: { nodeSelector: { a: 'b' } } })).rejects.toMatchObject({
        serverMessage: expect.stringContaining('update of VMI object is restricted'),
      });
      const after = await lab.client.patch<Vmi>(VMIS, ref, { status: { phase: 'Succeeded' } });
      expect(after.status?.phase).toBe('Running');
    });

    test('whose pod is refused stay Pending, and say why', async () => {
      const odd = lab.vmi('odd', 'sriov');
      odd.spec.domain.resources = { requests: { 'sandbox.vfbench.io/vfvfio': '1' } };
      await lab.client.create(VMIS, odd);
      const refused = await lab.until(async () => {
        const each = await lab.getVmi('odd');
        return each.status?.conditions?.some(({ type }) => type === 'Synchronized') === true && each;
      });
      expect(refused.status?.phase).toBe('Pending');
      expect(refused.status?.conditions?.find(({ type }) => type === 'Synchronized')).toMatchObject({
        reason: 'FailedCreate',
        message: expect.stringContaining('Limit must be set for non overcommitable resources'),
      });
      await lab.client.remove(VMIS, { namespace: lab.namespace, name: 'odd' });
      await lab.nothingOf(VMIS);
    });
  });
}
