/** Files and environment of a container, out of Secrets, ConfigMaps and the pod itself. */
import { describe, expect, test } from '@jest/globals';
import { environment, mountedFiles, MountError, type ReadData } from './mounts.ts';
import type { Container, Pod, Volume } from './objects.ts';

const DATA: Record<string, Record<string, string>> = {
  'secret/s': { 'server-0.json': '{}', 'client-0.json': '[]' },
  'configmap/c': { key: 'value' },
};
const read: ReadData = (kind, name) => Promise.resolve(DATA[`${kind}/${name}`] ?? null);

function podWith(volumes: Volume[], container: Partial<Container>): [Pod, Container] {
  const whole: Container = { name: 'c', image: 'i', ...container };
  const metadata = { name: 'p', namespace: 'n', uid: 'u', labels: { 'a/b': 'label' } };
  return [
    { apiVersion: 'v1', kind: 'Pod', metadata, spec: { nodeName: 'node-a', containers: [whole], volumes } },
    whole,
  ];
}

const mountAt = (mountPath: string, subPath?: string): Partial<Container> => ({
  volumeMounts: [{ name: 'v', mountPath, ...(subPath === undefined ? {} : { subPath }) }],
});

describe('mountedFiles', () => {
  test.each<[string, Volume, Partial<Container>, Record<string, string>]>([
    [
      'items of a Secret in a folder',
      { name: 'v', secret: { secretName: 's', items: [{ key: 'server-0.json', path: 'endpoint.json' }] } },
      mountAt('/etc/vfbench'),
      { '/etc/vfbench/endpoint.json': '{}' },
    ],
    [
      'one key by subPath',
      { name: 'v', secret: { secretName: 's' } },
      mountAt('/etc/vfbench/endpoint.json', 'client-0.json'),
      { '/etc/vfbench/endpoint.json': '[]' },
    ],
    ['all of a ConfigMap', { name: 'v', configMap: { name: 'c' } }, mountAt('/etc/c/'), { '/etc/c/key': 'value' }],
    ['nothing of an emptyDir', { name: 'v', emptyDir: {} }, mountAt('/tmp'), {}],
    ['nothing of an optional one', { name: 'v', secret: { secretName: 'x', optional: true } }, mountAt('/x'), {}],
  ])('finds %s', async (_, volume, container, files) => {
    const [pod, whole] = podWith([volume], container);
    expect(await mountedFiles(pod, whole, read)).toEqual(files);
  });

  test('waits for a Secret that is missing, and for a key', async () => {
    const missing = podWith([{ name: 'v', secret: { secretName: 'x' } }], mountAt('/x'));
    await expect(mountedFiles(...missing, read)).rejects.toThrow(
      new MountError('MountVolume.SetUp failed for volume "v" : secret "x" not found'),
    );
    const items = [{ key: 'nokey', path: 'p' }];
    const noKey = podWith([{ name: 'v', secret: { secretName: 's', items } }], mountAt('/x'));
    await expect(mountedFiles(...noKey, read)).rejects.toThrow('references non-existent secret key: nokey');
  });
});

describe('environment', () => {
  test('takes values, fields and keys', async () => {
    const fieldRef = (fieldPath: string): object => ({ valueFrom: { fieldRef: { fieldPath } } });
    const [pod, container] = podWith([], {
      env: [
        { name: 'PLAIN', value: 'x' },
        { name: 'NAME', ...fieldRef('metadata.name') },
        { name: 'NODE', ...fieldRef('spec.nodeName') },
        { name: 'IP', ...fieldRef('status.podIP') },
        { name: 'LABEL', ...fieldRef("metadata.labels['a/b']") },
        { name: 'SECRET', valueFrom: { secretKeyRef: { name: 's', key: 'server-0.json' } } },
        { name: 'NONE', valueFrom: { secretKeyRef: { name: 's', key: 'none', optional: true } } },
      ],
    });
    expect(await environment(pod, container, '10.0.0.9', read)).toEqual({
      PLAIN: 'x',
      NAME: 'p',
      NODE: 'node-a',
      IP: '10.0.0.9',
      LABEL: 'label',
      SECRET: '{}',
    });
  });

  test('waits for a key that is missing', async () => {
    const env = [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'none' } } }];
    const [pod, container] = podWith([], { env });
    await expect(environment(pod, container, '', read)).rejects.toThrow("couldn't find key none in secret s");
  });
});
