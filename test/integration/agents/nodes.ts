/** Nodes of the sandbox, and what happens to agents and API server. */
import { describe, expect, test } from '@jest/globals';
import { NODES, PODS } from '../../../src/kube/resources.ts';
import { KUBEVIRTS, VMIS } from '../../../src/api/kinds.ts';
import { MUTATING_WEBHOOKS } from '../../../src/sandbox/agents/kinds.ts';
import type { Node } from '../../../src/sandbox/agents/objects.ts';
import type { AgentsLab } from '../../support/agents-lab.ts';

export function nodeTests(lab: AgentsLab): void {
  describe('nodes', () => {
    test('are Ready, labelled as emulated, with VFs', async () => {
      const node = await lab.client.get<Node>(NODES, { name: 'node-a' });
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
      const { items } = await lab.client.list(KUBEVIRTS);
      expect(items).toMatchObject([{ status: { observedKubeVirtVersion: 'v1.9.0' } }]);
    });
  });

  const readyIs = (status: string): Promise<true> =>
    lab.until(async () => {
      const node = await lab.client.get<Node>(NODES, { name: 'node-b' });
      return node.status?.conditions?.some((each) => each.type === 'Ready' && each.status === status) === true && true;
    });

  test('a lost node is not heard of, and comes back', async () => {
    const off = lab.agents.faults.set('lose-node', ({ name }) => name === 'node-b');
    await readyIs('Unknown');
    off();
    await readyIs('True');
  });

  test('a node that was given up during an outage says again that it is Ready', async () => {
    const node = await lab.client.get<Node>(NODES, { name: 'node-b' });
    const conditions = node.status?.conditions?.map((condition) =>
      condition.type === 'Ready' ? { ...condition, status: 'Unknown', reason: 'NodeStatusUnknown' } : condition,
    );
    await lab.client.patchStatus(NODES, { name: 'node-b' }, { conditions });
    await readyIs('True');
  });

  test('at rest nothing is written but Leases', async () => {
    await lab.client.create(PODS, lab.pod('resting'));
    await lab.client.create(VMIS, lab.vmi('resting', 'bridge'));
    await lab.podPhase('resting', 'Running');
    await lab.vmiPhase('resting', 'Running');
    // What follows the start takes its time on a busy machine.
    await lab.until(async () => {
      const before = await revision();
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      // Two nodes, each of which may have renewed its Lease.
      return (await revision()) - before <= 2;
    }, 30_000);
  });

  /** Of everything in the cluster. */
  const revision = async (): Promise<number> => Number((await lab.client.list(PODS)).resourceVersion);

  test('an end that comes while the API server is away is reported when it is back', async () => {
    const { metadata } = await lab.client.create(PODS, lab.pod('patient'));
    await lab.client.create(VMIS, lab.vmi('patient', 'sriov'));
    await lab.podPhase('patient', 'Running');
    const launcher = await lab.launcherOf(await lab.vmiPhase('patient', 'Running'));
    const children = [await lab.startedIn(metadata.uid), await lab.startedIn(launcher?.metadata.uid)];
    const { controlPlane } = lab.cluster();
    await controlPlane.kill('kube-apiserver');
    for (const { child } of children) child.exit(0);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await controlPlane.start('kube-apiserver');
    await lab.podPhase('patient', 'Succeeded');
    await lab.vmiPhase('patient', 'Succeeded');
    expect(await lab.substrate.listLeftovers()).toEqual([]);
  }, 60_000);

  test('agents that end take all they started with them, and what ran is lost to those that follow', async () => {
    await lab.client.create(PODS, lab.pod('lost'));
    await lab.client.create(VMIS, lab.vmi('lost', 'sriov'));
    await lab.podPhase('lost', 'Running');
    await lab.vmiPhase('lost', 'Running');
    await lab.agents.stop();
    expect(await lab.substrate.listLeftovers()).toEqual([]);
    expect((await lab.client.list(MUTATING_WEBHOOKS)).items).toEqual([]);

    await lab.startAgents();
    const failed = await lab.podPhase('lost', 'Failed');
    expect(failed.status?.containerStatuses?.[0]?.state.terminated?.reason).toBe('ContainerStatusUnknown');
    await lab.vmiPhase('lost', 'Failed');
    await lab.client.create(VMIS, lab.vmi('next', 'sriov'));
    await lab.vmiPhase('next', 'Running');
  }, 60_000);
}
