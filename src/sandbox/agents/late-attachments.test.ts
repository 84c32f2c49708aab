import { expect, test } from '@jest/globals';
import { ApiError, type KubeClient, Store } from '../../kube/index.ts';
import { readAttachments } from './late-attachments.ts';
import type { NetworkAttachment, Pod } from './objects.ts';

test('what the watch has not told of is read, once; what is not there stays unknown, and nonsense is not asked for', async () => {
  const attachments = new Store<NetworkAttachment>();
  const asked: string[] = [];
  const get = (_: unknown, { namespace, name }: { namespace: string; name: string }): Promise<object> => {
    asked.push(`${namespace}/${name}`);
    return name === 'vf-net'
      ? Promise.resolve({ metadata: { namespace, name, resourceVersion: '1' } })
      : Promise.reject(new ApiError('GET', 404, { reason: 'NotFound' }));
  };
  const context = { attachments, client: { get } as unknown as KubeClient, signal: new AbortController().signal };
  const annotations = { 'k8s.v1.cni.cncf.io/networks': 'vf-net, other/nosuch, , Bad_Name' };
  const pod = { metadata: { name: 'p', namespace: 'bench', annotations }, spec: { containers: [] } } as unknown as Pod;
  await readAttachments(context, pod);
  expect([asked, attachments.list().map(({ metadata }) => metadata.name)]).toEqual([
    ['bench/vf-net', 'other/nosuch'],
    ['vf-net'],
  ]);
  await readAttachments(context, pod);
  expect(asked.slice(2)).toEqual(['other/nosuch']);
});
