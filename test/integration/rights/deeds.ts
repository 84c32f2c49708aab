/** All that may ever make the operator use a right: told one after the other, in one namespace. */
import { expect } from '@jest/globals';
import { findCondition } from '../../../src/api/conditions.ts';
import { EXPERIMENTS, TRIALS, VMIS } from '../../../src/api/kinds.ts';
import { CONFIGMAPS, isNotFound, type KubeObject, PODS, SECRETS } from '../../../src/kube/index.ts';
import { endpointObjectName, trialName } from '../../../src/plan/names.ts';
import { operatorRequests } from '../../support/audit.ts';
import { eventually } from '../../support/eventually.ts';
import { meddle } from '../../support/faults/meddling.ts';
import { blocks, expectSuccess, NATIVE, type Stage } from '../../support/faults/stage.ts';
import { liveWell } from '../../support/good-life.ts';

const PASSTHROUGH = { name: 'passthrough', type: 'Passthrough' };
const ALL = { modes: [NATIVE, { name: 'virtio', type: 'Virtio' }, PASSTHROUGH], baseline: 'native' };

export interface Deed {
  what: string;
  do: (stage: Stage, namespace: string) => Promise<void>;
}

const resume = (stage: Stage, namespace: string, name: string): Promise<string> =>
  stage.patch(namespace, 'experiment', name, { spec: { suspend: false } });

/** Name of the first Trial of a suspended Experiment with one mode. */
async function firstTrial(stage: Stage, namespace: string, name: string, mode: string): Promise<string> {
  const { metadata } = await stage.scene.until({ namespace, name }, { type: 'Admitted', reason: 'Suspended' });
  const cell = { mode, placement: 'CrossNode', pairs: 1, block: 0, attempt: 0 };
  return trialName({ experimentUid: metadata.uid ?? '', experiment: name, ...cell });
}

async function isGone(stage: Stage, namespace: string, name: string): Promise<void> {
  const { client } = stage.scene.fleet;
  await eventually(60, async () => {
    const found = await client.get(EXPERIMENTS, { namespace, name }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
      return null;
    });
    const trials = await stage.scene.trials(namespace, name);
    const children = await stage.scene.children(namespace, `vfbench.io/experiment=${name}`);
    const { items } = await client.list<KubeObject>(CONFIGMAPS, { namespace });
    const reports = items.filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.name === name));
    return found === null && [...trials, ...children, ...reports].length === 0 ? true : null;
  });
}

/** Refuses to have the end of the Experiment `report` written down, for as long as it is there. */
const REFUSAL = [
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'no-end' },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ['vfbench.io'],
            apiVersions: ['v1alpha1'],
            resources: ['experiments/status'],
            operations: ['UPDATE'],
          },
        ],
      },
      validations: [
        { expression: "object.metadata.name != 'report' || !has(object.status.report)", message: 'not yet' },
      ],
    },
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'no-end' },
    spec: { policyName: 'no-end', validationActions: ['Deny'] },
  },
];

export const DEEDS: readonly Deed[] = [
  {
    what: 'all modes to their end, a failure on the way, gone by its TTL',
    do: async (stage, namespace) => {
      let failures = 1;
      stage.script(`${namespace}/all`, async (endpoint) => {
        if (endpoint.isClient && failures-- > 0) return endpoint.status({ phase: 'Failed' });
        return liveWell(endpoint);
      });
      await stage.start(namespace, { ...ALL, ...blocks(1, 1) }, 'all');
      const done = await stage.scene.finished(namespace, 'all');
      expectSuccess(done, { trials: 4, failed: 1 });
      expect(done.status?.report).toMatchObject({ trials: 4 });
      await stage.patch(namespace, 'experiment', 'all', { spec: { ttlSecondsAfterFinished: 1 } });
      await isGone(stage, namespace, 'all');
    },
  },
  ...[
    { mode: NATIVE, kind: 'Pod', apiVersion: 'v1', spec: { containers: [{ name: 'theirs', image: 'theirs' }] } },
    { mode: PASSTHROUGH, kind: 'VirtualMachineInstance', apiVersion: 'kubevirt.io/v1', spec: { domain: {} } },
  ].map(({ mode, kind, apiVersion, spec }): Deed => ({
    what: `somebody's ${kind} under an endpoint's name`,
    do: async (stage, namespace) => {
      const name = `taken-${mode.name}`;
      await stage.start(namespace, { modes: [mode], baseline: mode.name, suspend: true, ...blocks(1, 1) }, name);
      const trial = await firstTrial(stage, namespace, name, mode.name);
      const metadata = { name: endpointObjectName(trial, 'server-0'), namespace };
      await stage.cluster.apply({ apiVersion, kind, metadata, spec });
      await resume(stage, namespace, name);
      expectSuccess(await stage.scene.finished(namespace, name), { trials: 2, failed: 1 });
      expect(
        findCondition((await stage.scene.trials(namespace, name))[0]?.status?.conditions, 'Finished'),
      ).toBeDefined();
      await stage.cluster.kubectl(['delete', kind, metadata.name, '-n', namespace, '--wait=false']);
    },
  })),
  {
    what: "somebody's Trial under a Trial's name",
    do: async (stage, namespace) => {
      await stage.start(namespace, { suspend: true, ...blocks(1) }, 'taken');
      const name = await firstTrial(stage, namespace, 'taken', 'native');
      const cell = { mode: 'native', placement: 'CrossNode', pairs: 1, block: 0, attempt: 0 };
      const spec = { experiment: 'none', testbed: 'lab', ...cell };
      await stage.cluster.apply({
        apiVersion: 'vfbench.io/v1alpha1',
        kind: 'Trial',
        metadata: { name, namespace },
        spec,
      });
      await resume(stage, namespace, 'taken');
      await stage.scene.until({ namespace, name: 'taken' }, { type: 'Stalled', status: 'True', reason: 'NameTaken' });
      await stage.scene.fleet.client.remove(TRIALS, { namespace, name });
      expectSuccess(await stage.scene.finished(namespace, 'taken'), { trials: 1, failed: 0 });
    },
  },
  {
    what: 'labels taken off pods',
    do: async (stage, namespace) => {
      const gate = stage.shutGate(namespace, 'nolabels');
      await stage.start(namespace, blocks(1), 'nolabels');
      await gate.measuring;
      await meddle(stage, PODS, namespace, { labels: null });
      gate.open();
      expectSuccess(await stage.scene.finished(namespace, 'nolabels'), { trials: 1, failed: 0 });
    },
  },
  {
    what: 'labels taken off VMs',
    do: async (stage, namespace) => {
      const gate = stage.shutGate(namespace, 'nolabels-vm');
      await stage.start(namespace, { modes: [PASSTHROUGH], baseline: 'passthrough', ...blocks(1, 1) }, 'nolabels-vm');
      await gate.measuring;
      await meddle(stage, VMIS, namespace, { labels: null });
      await eventually(30, async () => ((await stage.scene.trials(namespace, 'nolabels-vm')).length > 1 ? true : null));
      gate.open();
      expectSuccess(await stage.scene.finished(namespace, 'nolabels-vm'), { trials: 2, failed: 1 });
    },
  },
  ...[
    { mode: NATIVE, type: PODS },
    { mode: PASSTHROUGH, type: VMIS },
  ].map(({ mode, type }): Deed => ({
    what: `owner references taken off each ${type.kind}, then the Experiment deleted`,
    do: async (stage, namespace) => {
      const name = `unowned-${mode.name}`;
      const gate = stage.shutGate(namespace, name);
      await stage.start(namespace, { modes: [mode], baseline: mode.name, ...blocks(1) }, name);
      await gate.measuring;
      for (const each of [SECRETS, type]) await meddle(stage, each, namespace, { ownerReferences: null });
      await stage.scene.fleet.client.remove(EXPERIMENTS, { namespace, name });
      await isGone(stage, namespace, name);
      gate.open();
    },
  })),
  {
    what: 'an owner reference taken off a Trial',
    do: async (stage, namespace) => {
      const gate = stage.shutGate(namespace, 'stray');
      await stage.start(namespace, blocks(1), 'stray');
      await gate.measuring;
      const [trial] = await stage.scene.trials(namespace, 'stray');
      const at = { namespace, name: trial?.metadata.name ?? '' };
      await stage.scene.fleet.client.patch(TRIALS, at, { metadata: { ownerReferences: null } });
      gate.open();
      expectSuccess(await stage.scene.finished(namespace, 'stray'), { trials: 1, failed: 0 });
    },
  },
  {
    what: 'a report that is stored already',
    do: async (stage, namespace) => {
      await stage.cluster.apply(...REFUSAL);
      await stage.start(namespace, { suspend: true, ...blocks(1) }, 'report');
      const refused = ['patch', 'experiment', 'report', '-n', namespace, '--subresource=status', '--type=merge'];
      const report = { configMap: 'x', digest: `sha256:${'0'.repeat(64)}`, trials: 1 };
      // Policies take effect a moment after they are made.
      await eventually(30, async () => {
        const patch = ['--dry-run=server', '-p', JSON.stringify({ status: { report } })];
        return stage.cluster.kubectl([...refused, ...patch]).then(
          () => null,
          (error: Error) => (error.message.includes('not yet') ? true : null),
        );
      });
      await resume(stage, namespace, 'report');
      await eventually(30, async () => {
        const made = await operatorRequests(stage.cluster.controlPlane);
        return made.some(({ verb, resource }) => verb === 'get' && resource === 'configmaps') ? true : null;
      });
      await stage.cluster.kubectl(['delete', 'validatingadmissionpolicybinding', 'no-end']);
      const done = await stage.scene.finished(namespace, 'report');
      expectSuccess(done, { trials: 1, failed: 0 });
      expect(done.status?.report).toMatchObject({ trials: 1 });
    },
  },
];
