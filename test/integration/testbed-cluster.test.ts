/** What a Testbed says of the operator itself: rights that only the whole cluster can give, and where the collector is. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import { EXPERIMENTS, TRIALS } from '../../src/api/kinds.ts';
import { findCondition } from '../../src/api/conditions.ts';
import type { Experiment, Trial } from '../../src/api/v1alpha1.ts';
import type { KubeObject } from '../../src/kube/index.ts';
import type { OperatorProcess } from '../../src/sandbox/operator.ts';
import { describeWithCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import {
  experimentManifest,
  type Fleet,
  FLEET_CLUSTER,
  labManifests,
  OPERATOR_NAMESPACE,
  startFleet,
} from '../support/fleet.ts';
import type { RbacObject } from '../support/rights.ts';
import { type StoredTestbed, testbedSays } from '../support/testbed-says.ts';

const RBAC = new URL('../../deploy/base/rbac.yaml', import.meta.url);
const CLUSTER_ROLE = 'vfbench-cluster';
const SERVED = 'served';

/** As deploy/overlays/one-namespace binds them. */
async function oneNamespace(): Promise<RbacObject[]> {
  const all = parseAllDocuments(await readFile(RBAC, 'utf8')).map((document) => document.toJS() as RbacObject);
  return all.map((object) => {
    if (object.kind !== 'ClusterRoleBinding' || object.metadata.name !== 'vfbench') return object;
    return { ...object, kind: 'RoleBinding', metadata: { name: 'vfbench-work', namespace: SERVED } };
  });
}

/** Without the rules of the role for the cluster that are for one of these. */
const withholding = (objects: readonly RbacObject[], ...resources: string[]): RbacObject[] =>
  objects.map((object) => {
    if (object.kind !== 'ClusterRole' || object.metadata.name !== CLUSTER_ROLE) return object;
    const rules = (object.rules ?? []).filter((rule) => !rule.resources.some((one) => resources.includes(one)));
    return { ...object, rules };
  });

describeWithCluster('an operator for one namespace', FLEET_CLUSTER, (cluster) => {
  let fleet: Fleet;
  let operator: OperatorProcess;
  let rbac: RbacObject[];
  const settings = { VFBENCH_WATCH_NAMESPACE: SERVED };
  const says = (wanted: Record<string, string>, finding?: RegExp): Promise<StoredTestbed> =>
    testbedSays({ client: fleet.client, namespace: SERVED }, wanted, finding);
  const experiment = (name: string): Promise<Experiment & KubeObject> =>
    fleet.client.get<Experiment & KubeObject>(EXPERIMENTS, { namespace: SERVED, name });
  const grants = async (): Promise<number> => {
    const { items } = await fleet.client.list<Trial & KubeObject>(TRIALS, { namespace: SERVED });
    return items.filter(({ status }) => status?.grant !== undefined).length;
  };
  const withoutPods = (): RbacObject[] => withholding(rbac, 'pods', 'kubevirts');

  beforeAll(async () => {
    rbac = await oneNamespace();
    await cluster().apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: SERVED } });
    fleet = await startFleet(cluster(), { rights: withoutPods() });
    operator = await fleet.operator('narrow', { settings });
    await cluster().apply(...labManifests(SERVED));
  }, 60_000);
  afterAll(async () => fleet?.stop());

  test('that may not list pods everywhere says so in the Testbed, with the rule that gives it, and grants nothing', async () => {
    await says(
      {
        Ready: 'False/PermissionsMissing',
        NativeReady: 'False/PermissionsMissing',
        PassthroughReady: 'False/PermissionsMissing',
      },
      /^Error PermissionsMissing: the operator may not list, watch pods in all namespaces \(pods is forbidden: .* at the cluster scope\), .* "resources: \[pods\], verbs: \[list, watch\]" of ClusterRole vfbench-cluster in deploy\/base\/rbac\.yaml/,
    );
    await says(
      {},
      /^Warning PermissionsMissing \[Virtio\+Passthrough\]: the operator may not list, watch kubevirts\.kubevirt\.io/,
    );
    await cluster().apply(
      experimentManifest(SERVED, 'held', { modes: [{ name: 'native', type: 'Native' }], blocks: { min: 1, max: 1 } }),
    );
    const admitted = await eventually(20, async () => {
      const found = findCondition((await experiment('held')).status?.conditions, 'Admitted');
      return found?.reason === 'TestbedNotReady' ? found : null;
    });
    expect(admitted.message).toContain('the operator may not list, watch pods in all namespaces');
    expect(await grants()).toBe(0);
  }, 60_000);

  test('goes on by itself when the right is given', async () => {
    await cluster().apply(...rbac);
    await cluster().kubectl(['wait', 'experiment', 'held', '-n', SERVED, '--for=condition=Succeeded', '--timeout=60s']);
    await says({ NativeReady: 'True/Fit', PassthroughReady: 'True/Fit' });
  }, 90_000);

  test('that loses it between two lives trusts nothing that it knew', async () => {
    await operator.stop();
    await cluster().apply(...withoutPods());
    const before = await grants();
    await cluster().apply(
      experimentManifest(SERVED, 'later', { modes: [{ name: 'native', type: 'Native' }], blocks: { min: 1, max: 1 } }),
    );
    operator = await fleet.operator('second-life', { settings });
    await says({ Ready: 'False/PermissionsMissing' });
    expect(await grants()).toBe(before);
    await cluster().apply(...rbac);
    await cluster().kubectl([
      'wait',
      'experiment',
      'later',
      '-n',
      SERVED,
      '--for=condition=Succeeded',
      '--timeout=60s',
    ]);
  }, 120_000);

  test('whose collector has an IPv6 address holds VMs, and no pods', async () => {
    await operator.stop();
    await fleet.operator('six', {
      settings: {
        ...settings,
        VFBENCH_COLLECTOR_SERVICE: 'vfbench-collector',
        VFBENCH_POD_IP: 'fd00::7',
        VFBENCH_COLLECTOR_URL: `https://vfbench-collector.${OPERATOR_NAMESPACE}.svc:7443`,
      },
    });
    await says(
      {
        NativeReady: 'True/Fit',
        VirtioReady: 'False/NoManagementAddress',
        PassthroughReady: 'False/NoManagementAddress',
      },
      /the collector has the IPv6 address fd00::7/,
    );
  }, 60_000);
});
