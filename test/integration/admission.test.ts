/** deploy/base/admission.yaml on a real API server: vfbench gives nobody a pod or a VM that they may not create themselves. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, expect, test } from '@jest/globals';
import { describeWithCluster } from '../support/cluster.ts';
import { changed } from './crds/change.ts';
import { EXPERIMENT } from './crds/experiments.ts';
import { TESTBED } from './crds/testbeds.ts';
import { TRIAL } from './crds/trials.ts';

const POLICY = join(import.meta.dirname, '../../deploy/base/admission.yaml');
const NAMESPACE = 'bench';
const NATIVE = changed(
  changed(EXPERIMENT, 'spec.modes', [{ name: 'native', type: 'Native' }]),
  'spec.expectations',
  [],
);
const NO_PODS = /you may not create pods in namespace bench, so no \w+ either: ask for the right/;
const NO_VMS = /you may not create virtualmachineinstances .* in namespace bench, so no \w+ that starts VMs either/;

const RIGHTS: Record<string, [string, string[]][]> = {
  reader: [],
  pods: [['', ['pods']]],
  vms: [
    ['', ['pods']],
    ['kubevirt.io', ['virtualmachineinstances']],
  ],
};

function role(name: string): object[] {
  const rules = [['vfbench.io', ['testbeds', 'experiments', 'trials']] as [string, string[]], ...(RIGHTS[name] ?? [])];
  const metadata = { name, namespace: NAMESPACE };
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  return [
    {
      apiVersion,
      kind: 'Role',
      metadata,
      rules: rules.map(([group, resources]) => ({
        apiGroups: [group],
        resources,
        verbs: ['create', 'get', 'update', 'patch'],
      })),
    },
    {
      apiVersion,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }],
    },
  ];
}

describeWithCluster('admission', {}, (cluster) => {
  const users = new Map<string, string>();

  const apply = (user: string, object: object): Promise<string> => {
    const kubeconfig = users.get(user) ?? '';
    return cluster().kubectl(['create', '--dry-run=server', '-f', '-'], { kubeconfig, input: JSON.stringify(object) });
  };

  beforeAll(async () => {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
    await cluster().apply(namespace);
    await cluster().apply(...Object.keys(RIGHTS).flatMap(role));
    for (const user of Object.keys(RIGHTS)) users.set(user, await cluster().controlPlane.kubeconfigFor(user, []));
    await cluster().kubectl(['apply', '-f', POLICY]);
    // A policy takes effect a moment after it is stored.
    for (let tries = 0; tries < 60; tries++) {
      const refused = await apply('reader', NATIVE).then(
        () => false,
        (error: Error) => error.message.includes('ValidatingAdmissionPolicy'),
      );
      if (refused) return;
      await delay(250);
    }
    throw new Error('the policy took no effect within 15 s');
  }, 60_000);

  test.each<[string, string, object, RegExp]>([
    ['a Testbed', 'reader', TESTBED, NO_PODS],
    ['an Experiment', 'reader', NATIVE, NO_PODS],
    ['a Trial', 'reader', TRIAL, NO_PODS],
    ['an Experiment with VMs', 'pods', EXPERIMENT, NO_VMS],
    ['a Trial', 'pods', TRIAL, NO_VMS],
  ])('refuses %s of a user with the rights of %s', async (_, user, object, message) => {
    await expect(apply(user, object)).rejects.toThrow(message);
  });

  test.each<[string, string, object]>([
    ['a Testbed', 'pods', TESTBED],
    ['an Experiment without VMs', 'pods', NATIVE],
    ['an Experiment with VMs', 'vms', EXPERIMENT],
    ['a Trial', 'vms', TRIAL],
  ])('accepts %s of a user with the rights of %s', async (_, user, object) => {
    await expect(apply(user, object)).resolves.toContain('created');
  });

  test('checks a changed spec, and lets metadata be written by anybody who may', async () => {
    const kubeconfig = users.get('reader') ?? '';
    await cluster().apply(NATIVE);
    const patch = (body: object): Promise<string> =>
      cluster().kubectl(
        ['patch', 'experiment', NATIVE.metadata.name, '-n', NAMESPACE, '--type=merge', '-p', JSON.stringify(body)],
        { kubeconfig },
      );
    await expect(patch({ metadata: { labels: { a: 'b' } } })).resolves.toContain('patched');
    await expect(patch({ spec: { durationSeconds: 3 } })).rejects.toThrow(NO_PODS);
  });
});
