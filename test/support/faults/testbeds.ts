/** Stories of Experiments that may not run as things are: said so, and gone on with when it is mended. */
import { expect } from '@jest/globals';
import { eventually } from '../eventually.ts';
import { experimentManifest, labManifests } from '../fleet.ts';
import { untilRefused } from '../in-force.ts';
import type { Story } from '../stories.ts';
import { blocks, expectSuccess, messageOf, NATIVE, type Stage } from './stage.ts';

export const testbedStories: readonly Story<Stage>[] = [
  {
    title: 'an unknown Testbed',
    tell: async (stage) => {
      // Never there: the deletion of one could be seen later than the Experiment.
      const namespace = await stage.cluster.namespace('nobed');
      const nodes = [`${namespace}-a`, `${namespace}-b`];
      await Promise.all(nodes.map((name) => stage.scene.fleet.node(name)));
      const where = { server: { names: nodes.slice(0, 1) }, client: { names: nodes.slice(1) } };
      await stage.cluster.apply(...labManifests(namespace).slice(0, 3));
      await stage.mended(namespace, {
        reason: 'TestbedNotFound',
        message: /^There is no Testbed lab in namespace \S+: create it/,
        mend: () => stage.cluster.apply(...labManifests(namespace, { nodes: where })),
      });
    },
  },
  {
    title: 'an unknown network',
    tell: async (stage) => {
      const namespace = await stage.place('nonet');
      const networks = ['native', 'virtio', 'passthrough', 'pf'].map((name) => ({ name, attachment: 'vf-net' }));
      await stage.mended(namespace, {
        spec: { modes: [{ name: 'native', type: 'Native', network: 'pf' }] },
        reason: 'NetworkNotFound',
        message: /^Mode native wants network pf: Testbed lab has native, virtio, passthrough; add it there/,
        mend: () => stage.patch(namespace, 'testbed', 'lab', { spec: { networks } }),
      });
    },
  },
  {
    title: 'an attachment that is not there',
    tell: async (stage) => {
      const namespace = await stage.place('nonad');
      await stage.cluster.kubectl(['delete', 'network-attachment-definition', 'vf-net', '-n', namespace]);
      await eventually(60, async () => {
        const text = await stage.cluster.kubectl([
          'get',
          'testbed',
          'lab',
          '-n',
          namespace,
          '-o',
          'jsonpath={.status.conditions[?(@.type=="Ready")].status}',
        ]);
        return text === 'False' ? true : null;
      });
      await stage.mended(namespace, {
        reason: 'TestbedNotReady',
        message: /network native: there is no NetworkAttachmentDefinition \S+\/vf-net: create it/,
        mend: () => stage.cluster.apply(...labManifests(namespace).slice(0, 3)),
      });
    },
  },
  {
    title: 'more pairs than VFs',
    tell: async (stage) => {
      const namespace = await stage.place('vfs', { devices: 2 });
      const nodes = [`${namespace}-a`, `${namespace}-b`];
      await stage.mended(namespace, {
        spec: { pairs: [3] },
        reason: 'InsufficientVFs',
        message: /needs 3 of example.com\/vfnet on node \S+, which has 2: make more VFs there, or use fewer pairs/,
        mend: () => Promise.all(nodes.map((node) => stage.scene.fleet.setNode(node, { devices: 3 }))),
      });
    },
  },
  {
    title: 'too small a subnet',
    tell: async (stage) => {
      const namespace = await stage.place('subnet', { subnet: '10.9.0.0/29' });
      await stage.mended(namespace, {
        spec: { pairs: [4] },
        reason: 'SubnetTooSmall',
        message: /10\.9\.0\.0\/29/,
        mend: () => stage.patch(namespace, 'testbed', 'lab', { spec: { subnet: '10.9.0.0/28' } }),
      });
    },
  },
  {
    title: 'a namespace that is made in one go with all that is in it',
    tell: async (stage) => {
      const nodes = await stage.place('onego');
      const namespace = 'in-one-go';
      const where = { server: { names: [`${nodes}-a`] }, client: { names: [`${nodes}-b`] } };
      const made = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
      const modes = { modes: [NATIVE], ...blocks(2) };
      await stage.cluster.apply(
        made,
        ...labManifests(namespace, { nodes: where }),
        experimentManifest(namespace, 'exp', modes),
      );
      expectSuccess(await stage.scene.finished(namespace, 'exp'), { trials: 2, failed: 0 });
    },
  },
  {
    title: 'trials that admission refuses: said so, and gone on with when it does no more',
    tell: async (stage) => {
      const namespace = await stage.place('notrial');
      await stage.cluster.apply(...refusal(namespace));
      await untilRefused(stage.dryRun, trial(namespace), /no trials here/);
      await stage.start(namespace);
      const waiting = await stage.held(namespace, 'AdmissionRefused');
      expect(messageOf(waiting)).toMatch(/denied request: no trials here$/);
      await stage.cluster.kubectl(['delete', 'validatingadmissionpolicybinding', namespace]);
      expectSuccess(await stage.scene.finished(namespace, 'exp'), { blocks: 2, trials: 2, failed: 0 });
    },
  },
];

const trial = (namespace: string): object => ({
  apiVersion: 'vfbench.io/v1alpha1',
  kind: 'Trial',
  metadata: { name: 'probe', namespace },
  spec: {
    experiment: 'none',
    testbed: 'lab',
    mode: 'native',
    placement: 'CrossNode',
    pairs: 1,
    block: 0,
    attempt: 0,
  },
});

/** No Trial may be created in the namespace. */
function refusal(namespace: string): object[] {
  const rules = [
    { apiGroups: ['vfbench.io'], apiVersions: ['v1alpha1'], resources: ['trials'], operations: ['CREATE'] },
  ];
  const [apiVersion, metadata] = ['admissionregistration.k8s.io/v1', { name: namespace }];
  const match = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } };
  return [
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicy',
      metadata,
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: { resourceRules: rules, ...match },
        validations: [{ expression: 'false', message: 'no trials here' }],
      },
    },
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: { policyName: namespace, validationActions: ['Deny'] },
    },
  ];
}
