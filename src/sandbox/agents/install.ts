/** Puts the kinds of Multus and KubeVirt into a cluster, and the object by which KubeVirt shows its version. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { KubeClient } from '../../kube/client.ts';
import { isAlreadyExists } from '../../kube/errors.ts';
import type { KubeObject, ResourceType } from '../../kube/object.ts';
import { CRDS, NAMESPACES } from '../../kube/resources.ts';
import { pause } from './context.ts';
import { KUBEVIRTS } from '../../api/kinds.ts';

/** Folder of the CustomResourceDefinitions that the agents need. */
export const AGENT_CRDS = join(import.meta.dirname, 'crds');
export const KUBEVIRT_VERSION = 'v1.9.0';

const POLL_MS = 100;

interface Crd extends KubeObject {
  status?: { conditions?: { type: string; status: string }[] };
}

/** Creates the CustomResourceDefinitions that are missing; resolves when all are served. */
export async function installCrds(client: KubeClient, signal: AbortSignal): Promise<void> {
  const files = (await readdir(AGENT_CRDS)).filter((file) => file.endsWith('.yaml'));
  const crds = await Promise.all(
    files.map(async (file) => parse(await readFile(join(AGENT_CRDS, file), 'utf8')) as Crd),
  );
  for (const crd of crds) await createIfMissing(client, CRDS, crd, signal);
  for (const { metadata } of crds) await established(client, metadata.name, signal);
}

async function established(client: KubeClient, name: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const crd = await client.get<Crd>(CRDS, { name }, { signal });
    if (crd.status?.conditions?.some((each) => each.type === 'Established' && each.status === 'True') === true) return;
    await pause(POLL_MS, signal);
  }
}

/** The `KubeVirt` object that tells its version, in a namespace of its own. */
export async function installKubeVirt(client: KubeClient, signal: AbortSignal): Promise<void> {
  const [namespace, name] = ['kubevirt', 'kubevirt'];
  await createIfMissing(
    client,
    NAMESPACES,
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    signal,
  );
  const object = { apiVersion: 'kubevirt.io/v1', kind: 'KubeVirt', metadata: { name, namespace }, spec: {} };
  await createIfMissing(client, KUBEVIRTS, object, signal);
  const status = {
    phase: 'Deployed',
    observedKubeVirtVersion: KUBEVIRT_VERSION,
    targetKubeVirtVersion: KUBEVIRT_VERSION,
    operatorVersion: KUBEVIRT_VERSION,
  };
  await client.patchStatus(KUBEVIRTS, { namespace, name }, status, { signal });
}

async function createIfMissing(
  client: KubeClient,
  type: ResourceType,
  object: KubeObject,
  signal: AbortSignal,
): Promise<void> {
  try {
    await client.create(type, object, { signal });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}
