/** The operator with the chart's roles and no other: what a run with all that can happen used is what they give. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { OPERATOR_SECRET } from '../../src/control/operatorSecret.ts';
import { SECRETS } from '../../src/kube/index.ts';
import type { OperatorOptions, OperatorProcess } from '../../src/sandbox/operator.ts';
import { operatorRequests } from '../support/audit.ts';
import { describeWithCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { Stage } from '../support/faults/stage.ts';
import { FLEET_CLUSTER, OPERATOR_NAMESPACE } from '../support/fleet.ts';
import { noHelm } from '../support/helm.ts';
import { ask } from '../support/reader.ts';
import { covers, implied, type RbacObject, type Right, rightsGiven, words } from '../support/rights.ts';
import { describeUnless } from '../support/skip.ts';
import { manifests } from './chart/objects.ts';
import { DEEDS } from './rights/deeds.ts';

const path = (relative: string): string => new URL(relative, import.meta.url).pathname;
const KINDS = [path('../../src/sandbox/agents/crds'), path('../support/manifests/sriovnetworknodestates.yaml')];
const CLUSTER = {
  ...FLEET_CLUSTER,
  audit: true,
  // What others install comes later, and is waited for.
  crds: [path('../../crds')],
  extraArgs: {
    ...FLEET_CLUSTER.extraArgs,
    'kube-apiserver': ['--enable-admission-plugins=OwnerReferencesPermissionEnforcement'],
  },
};
const AS = ['--dry-run=server', `--as=system:serviceaccount:${OPERATOR_NAMESPACE}:vfbench`];
const OWNER = {
  apiVersion: 'vfbench.io/v1alpha1',
  kind: 'Experiment',
  name: 'report',
  uid: 'x',
  controller: true,
  blockOwnerDeletion: true,
};
const OWNED = JSON.stringify({ metadata: { ownerReferences: [OWNER] } });
/** The first namespace that the stage makes. */
const NAMESPACE = 'rights-1';
const RBAC = ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'];

const namespaceObject = (name: string): object => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

describeUnless(noHelm, 'rights', () => {
  describeRights(
    'of an operator for all namespaces, with the live page',
    { page: { enabled: true } },
    { page: 'Token' },
  );
  describeRights(
    'of an operator for one namespace',
    { watchNamespace: NAMESPACE },
    { settings: { VFBENCH_WATCH_NAMESPACE: NAMESPACE } },
  );
});

function describeRights(name: string, values: object, started: Pick<OperatorOptions, 'page' | 'settings'>): void {
  describeWithCluster(name, CLUSTER, (cluster) => {
    let stage: Stage;
    let first: OperatorProcess;
    let rbac: RbacObject[];
    let given: Right[];
    const settings = {
      VFBENCH_COLLECTOR_SERVICE: 'vfbench-collector',
      VFBENCH_POD_IP: '192.0.2.7',
      ...started.settings,
    };
    const requests = () => operatorRequests(cluster().controlPlane);

    beforeAll(async () => {
      rbac = [...(await manifests(values)).values()].filter(({ kind }) => RBAC.includes(kind));
      given = rightsGiven(rbac, 'vfbench');
      await cluster().apply(namespaceObject(OPERATOR_NAMESPACE));
      stage = await Stage.open(cluster(), { rights: rbac.filter(({ metadata }) => metadata.namespace !== NAMESPACE) });
    }, 60_000);
    afterAll(async () => stage?.scene.close());

    test('it waits for kinds that are not there', async () => {
      await cluster().namespace('rights');
      await cluster().apply(...rbac);
      first = await stage.scene.fleet.operator('first', { ...started, settings });
      const awaited = given.filter(({ resource }) => resource === 'customresourcedefinitions');
      expect(awaited.length).toBeGreaterThan(3);
      await eventually(30, async () => {
        const made = await requests();
        return awaited.every((right) => made.some((entry) => covers(right, entry))) ? true : null;
      });
      await cluster().kubectl(['create', ...KINDS.flatMap((file) => ['-f', file])]);
      await cluster().kubectl(['wait', '--for=condition=Established', '--timeout=30s', 'crd', '--all']);
      await stage.lab(NAMESPACE);
    }, 90_000);

    test.each(DEEDS)('$what', async (deed) => deed.do(stage, NAMESPACE), 120_000);

    if (started.page !== undefined)
      test('somebody reads the live page', async () => {
        const token = (await cluster().kubectl(['create', 'token', 'default', '-n', NAMESPACE])).trim();
        const { status } = await ask(`${first.pageUrl}/api/v1/experiments/${NAMESPACE}/report`, { token });
        expect([403, 404]).toContain(status);
      });

    test('its certificate is renewed', async () => {
      await first.stop();
      const at = { namespace: OPERATOR_NAMESPACE, name: OPERATOR_SECRET };
      const data = { 'tls.crt': Buffer.from('one that is due').toString('base64') };
      await stage.scene.fleet.client.patch(SECRETS, at, { data });
      const operator = await stage.scene.fleet.operator('second', { settings });
      await eventually(60, async () => {
        const renewed = (await requests()).some(({ verb, resource }) => verb === 'update' && resource === 'secrets');
        return renewed ? true : null;
      });
      await operator.stop();
    }, 90_000);

    test('nothing was refused, each right was used, and nothing else but what everybody may', async () => {
      const made = await requests();
      const used = [...made, ...made.flatMap(implied)];
      expect(made.filter(({ code }) => code === 401 || code === 403)).toEqual([]);
      expect(given.filter((right) => !used.some((entry) => covers(right, entry))).map(words)).toEqual([]);
      const others = made.filter((entry) => !given.some((right) => covers(right, entry)));
      expect([...new Set(others.map(({ verb, resource }) => `${verb} ${resource}`))]).toEqual([
        'create selfsubjectrulesreviews',
      ]);
    });

    test('what the audit log does not show is needed all the same', async () => {
      const child = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: 'child',
          namespace: NAMESPACE,
          ownerReferences: [OWNER],
        },
      };
      const slice = {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name: 'vfbench-collector', namespace: OPERATOR_NAMESPACE },
        addressType: 'IPv4',
        endpoints: [],
      };
      const cell = { mode: 'native', placement: 'CrossNode', pairs: 1, block: 0, attempt: 0 };
      const orphan = {
        apiVersion: 'vfbench.io/v1alpha1',
        kind: 'Trial',
        metadata: { name: 'orphan', namespace: NAMESPACE },
        spec: { experiment: 'none', testbed: 'lab', ...cell },
      };
      const make = (object: object, ...how: string[]): Promise<string> =>
        cluster().kubectl([...how, ...AS, '-f', '-'], {
          input: JSON.stringify(object),
        });
      const disown = (): Promise<string> =>
        cluster().kubectl(['patch', 'trial', 'orphan', '-n', NAMESPACE, '--type=merge', ...AS, '-p', OWNED]);
      await cluster().kubectl(['delete', 'endpointslice', 'vfbench-collector', '-n', OPERATOR_NAMESPACE]);
      await cluster().apply(orphan);
      await expect(make(child, 'create')).resolves.toContain('created');
      await expect(make(slice, 'apply', '--server-side')).resolves.toContain('serverside-applied');
      await expect(disown()).resolves.toContain('patched');
      await cluster().apply(...rbac.map(withoutImplied));
      // Rights go a moment after they are taken.
      for (const attempt of [() => make(child, 'create'), () => make(slice, 'apply', '--server-side'), disown])
        await eventually(30, () =>
          attempt().then(
            () => null,
            () => true,
          ),
        );
      await expect(make(child, 'create')).rejects.toThrow(/cannot set blockOwnerDeletion/);
      await expect(make(slice, 'apply', '--server-side')).rejects.toThrow(/cannot create resource "endpointslices"/);
      await expect(disown()).rejects.toThrow(/cannot set an ownerRef on a resource you can't delete/);
    }, 60_000);
  });
}

/** Without the rules on finalizers, creation of EndpointSlices, and deletion of Trials. */
function withoutImplied(object: RbacObject): object {
  if (object.rules === undefined) return object;
  const rules = object.rules
    .filter(({ resources }) => !resources.some((resource) => resource.endsWith('/finalizers')))
    .map((rule) => (rule.resources.includes('endpointslices') ? { ...rule, verbs: ['patch'] } : rule))
    .map((rule) => (rule.resources.includes('trials') ? { ...rule, verbs: ['get', 'patch'] } : rule));
  return { ...object, rules };
}
