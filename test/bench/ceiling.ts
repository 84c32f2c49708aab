/**
 * What the API server itself can do: the writes that a trial costs, by a bare client, with nobody watching and nothing
 * planned. No operator that needs these writes can be faster here; small bodies make it an upper bound.
 */
import { EXPERIMENTS, TRIALS } from '../../src/api/kinds.ts';
import { type KubeObject, type OwnerReference, PODS, SECRETS } from '../../src/kube/index.ts';
import { experimentManifest } from '../support/fleet.ts';
import type { Lab } from './lab.ts';

const AT_ONCE = 32;
const CONDITIONS = ['Granted', 'EndpointsReady', 'Measured', 'Finished'];

const condition = (type: string): object => ({
  type,
  status: 'True',
  reason: 'Bench',
  message: 'A condition of a trial that nobody runs',
  lastTransitionTime: '2026-01-01T00:00:00Z',
});

/** One trial's writes, the endpoints' and the kubelet's among them. */
async function writes(lab: Lab, owner: OwnerReference, namespace: string, name: string): Promise<void> {
  const { client } = lab.fleet;
  const at = { namespace, name };
  const metadata = { ...at, labels: { 'bench.example/trial': name }, ownerReferences: [owner] };
  const spec = { experiment: 'none', testbed: 'lab', mode: 'native', placement: 'CrossNode', pairs: 1, block: 0 };
  const trial = { apiVersion: 'vfbench.io/v1alpha1', kind: 'Trial', metadata, spec: { ...spec, attempt: 0 } };
  await client.create(TRIALS, trial as KubeObject);
  const status = (count: number): Promise<unknown> =>
    client.patchStatus(TRIALS, at, { conditions: CONDITIONS.slice(0, count).map(condition) });
  await status(1);
  await client.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { config: '{}' } });
  const pods = ['server-0', 'client-0'].map((endpoint) => ({ ...at, name: `${name}-${endpoint}` }));
  const containers = [{ name: 'runner', image: 'runner' }];
  await Promise.all(
    pods.map(async (pod) => {
      const object = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, ...pod }, spec: { containers } };
      await client.create(PODS, object as KubeObject);
      await client.get(SECRETS, at);
    }),
  );
  await status(2);
  await status(3);
  await Promise.all(pods.map((pod) => client.patchStatus(PODS, pod, { phase: 'Succeeded' })));
  await client.removeCollection(PODS, { namespace, labelSelector: `bench.example/trial=${name}` });
  await client.remove(SECRETS, at);
  await status(4);
}

/** @returns trials' worth of writes per second. */
export async function ceiling(lab: Lab, count: number): Promise<number> {
  const namespace = await lab.cluster.namespace('ceiling');
  // An owner that exists, and makes no Trials: the garbage collector removes what has none.
  const suspended = experimentManifest(namespace, 'none', { suspend: true }) as KubeObject;
  const { metadata } = await lab.fleet.client.create<KubeObject>(EXPERIMENTS, suspended);
  const { apiVersion, kind } = suspended;
  const owner = { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true };
  const queue = Array.from({ length: count }, (_, i) => `trial-${i}`);
  const from = Date.now();
  const work = async (): Promise<void> => {
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) await writes(lab, owner, namespace, name);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return count / ((Date.now() - from) / 1000);
}
