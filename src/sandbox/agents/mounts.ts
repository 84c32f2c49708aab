/** What a container sees of its pod's Secrets and ConfigMaps: files and environment. */
import type { KubeClient } from '../../kube/client.ts';
import { isNotFound } from '../../kube/errors.ts';
import type { ResourceType } from '../../kube/object.ts';
import { CONFIGMAPS, SECRETS } from '../../kube/resources.ts';
import { persist } from './context.ts';
import type { Container, EnvVar, KeyToPath, Pod, Volume } from './objects.ts';

/** A volume of a pod cannot be mounted yet; the message is the kubelet's. */
export class MountError extends Error {
  override readonly name = 'MountError';
}

/** Content by key of a Secret or ConfigMap; null where there is none. */
export type ReadData = (kind: 'secret' | 'configmap', name: string) => Promise<Record<string, string> | null>;

/** Reads data of one namespace from the API server. */
export function dataReader(client: KubeClient, namespace: string, signal: AbortSignal): ReadData {
  return async (kind, name) => {
    const type: ResourceType = kind === 'secret' ? SECRETS : CONFIGMAPS;
    try {
      const object = (await persist(signal, () => client.get(type, { namespace, name }, { signal }))) as {
        data?: Record<string, string>;
      };
      return kind === 'secret' ? decoded(object.data ?? {}) : (object.data ?? {});
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  };
}

function decoded(data: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
  );
}

/**
 * Files that a container finds in its volumes, by absolute path.
 * @throws MountError where a Secret or ConfigMap, or a key asked for, is not there.
 */
export async function mountedFiles(pod: Pod, container: Container, read: ReadData): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const mount of container.volumeMounts ?? []) {
    const volume = pod.spec.volumes?.find((each) => each.name === mount.name);
    if (volume?.secret === undefined && volume?.configMap === undefined) continue;
    const content = await volumeFiles(volume, read);
    if (mount.subPath === undefined) {
      for (const [path, text] of Object.entries(content)) files[`${mount.mountPath.replace(/\/$/, '')}/${path}`] = text;
    } else if (content[mount.subPath] !== undefined) {
      files[mount.mountPath] = content[mount.subPath] as string;
    }
  }
  return files;
}

async function volumeFiles(volume: Volume, read: ReadData): Promise<Record<string, string>> {
  const kind = volume.secret === undefined ? 'configmap' : 'secret';
  const name = volume.secret?.secretName ?? volume.configMap?.name ?? '';
  const { items, optional = false } = volume.secret ?? volume.configMap ?? {};
  const data = await read(kind, name);
  const refuse = (detail: string): MountError =>
    new MountError(`MountVolume.SetUp failed for volume "${volume.name}" : ${detail}`);
  if (data === null) {
    if (optional) return {};
    throw refuse(`${kind} "${name}" not found`);
  }
  if (items === undefined) return data;
  return Object.fromEntries(items.flatMap((item) => select(item, data, optional, refuse)));
}

function select(
  { key, path }: KeyToPath,
  data: Record<string, string>,
  optional: boolean,
  refuse: (detail: string) => MountError,
): [string, string][] {
  const text = data[key];
  if (text !== undefined) return [[path, text]];
  if (optional) return [];
  throw refuse('references non-existent secret key: ' + key);
}

/**
 * A container's environment: values as given, and those taken from the pod or from Secrets.
 * @throws MountError where a key asked for is not there.
 */
export async function environment(
  pod: Pod,
  container: Container,
  podIP: string,
  read: ReadData,
): Promise<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const variable of container.env ?? []) {
    const value = variable.value ?? fieldOf(pod, podIP, variable) ?? (await keyOf(variable, read));
    if (value !== undefined) env[variable.name] = value;
  }
  return env;
}

function fieldOf(pod: Pod, podIP: string, { valueFrom }: EnvVar): string | undefined {
  const { metadata, spec, status } = pod;
  const fields: Record<string, string | undefined> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'spec.nodeName': spec.nodeName,
    'status.hostIP': status?.hostIP,
    'status.podIP': podIP,
  };
  const path = valueFrom?.fieldRef?.fieldPath ?? '';
  const key = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (key !== null) return metadata[key[1] as 'labels' | 'annotations']?.[key[2] ?? ''] ?? '';
  return fields[path];
}

async function keyOf({ valueFrom }: EnvVar, read: ReadData): Promise<string | undefined> {
  const source = valueFrom?.secretKeyRef ?? valueFrom?.configMapKeyRef;
  if (source === undefined) return undefined;
  const kind = valueFrom?.secretKeyRef === undefined ? 'configmap' : 'secret';
  const data = await read(kind, source.name);
  const value = data?.[source.key];
  if (value !== undefined || source.optional === true) return value;
  throw new MountError(
    data === null ? `${kind} "${source.name}" not found` : `couldn't find key ${source.key} in ${kind} ${source.name}`,
  );
}
