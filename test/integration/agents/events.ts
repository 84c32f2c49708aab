/** Events of pods, good and bad, against those that a real kubelet and Multus wrote: same words, same order. */
import { describe, expect, test } from '@jest/globals';
import type { KubeObject } from '../../../src/kube/object.ts';
import { PODS } from '../../../src/kube/resources.ts';
import { CORE_EVENTS } from '../../../src/api/kinds.ts';
import { testdata } from '../../../src/sandbox/agents/testdata.testing.ts';
import type { AgentsLab } from '../../support/agents-lab.ts';
import type { PodOptions } from '../../support/agents-objects.ts';

interface Told {
  type: string;
  reason: string;
  component: string;
  host: string | null;
  count: number;
  message: string;
}

type CoreEvent = KubeObject &
  Omit<Told, 'component' | 'host'> & {
    involvedObject: { name: string };
    source: { component?: string; host?: string };
  };

/** By name of the recording. Events repeat for as long as the pod fails. */
const PODS_OF: Record<string, PodOptions & { forced?: true }> = {
  'e-wrongnad': { networks: [{ name: 'nosuch-net' }] },
  'e-norequest': { networks: [{ name: 'vf-net' }] },
  'e-nobin': { networks: [{ name: 'ovs' }] },
  'e-badjson': { networks: [{ name: 'badjson' }] },
  'e-pull': { image: 'registry.example/other:1' },
  done1: { networks: [{ name: 'vf-net', ips: ['192.168.100.11/24'] }], vfs: '1', node: 'node-a' },
  forced: { vfs: '1', forced: true },
};

/** What differs between clusters by nature: identities, addresses, and the names of the lab's images and networks. */
const SAME: [RegExp, string][] = [
  [/[0-9a-f]{64}/g, 'SANDBOX'],
  [/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'UID'],
  [/\b10(\.\d+){3}/g, 'ADDRESS'],
  [/sriov-net\b|vf-net\b/g, 'NETWORK'],
  [/:nobin\b|:ovs\b/g, ':NETWORK'],
  [/network "(nobin|ovs)"/g, 'network "NETWORK"'],
  [/localhost\/lab\/[a-z]+:\d|registry\.example\/other:1|vfbench\.io\/runner:1/g, 'IMAGE'],
  [/(failed to resolve image: ).*/g, '$1WHY'],
  [/openshift\.io\/|sandbox\.vfbench\.io\//g, ''],
];

const comparable = (told: Told, namespace: string): string => {
  const message = SAME.reduce(
    (text, [what, by]) => text.replaceAll(what, by),
    told.message.replaceAll(namespace, 'bench'),
  );
  const host = told.host === null ? '' : ' on a node';
  return `${told.type} ${told.reason} ${told.component}${host} x${told.count}: ${message}`;
};

const distinct = (all: readonly string[]): string[] => [...new Set(all)];

export function eventTests(lab: AgentsLab): void {
  describe('events', () => {
    const seen = async (name: string): Promise<string[]> => {
      const { items } = await lab.client.list<CoreEvent>(CORE_EVENTS, { namespace: lab.namespace });
      return items
        .filter(({ involvedObject, source }) => involvedObject.name === name && source.component !== undefined)
        .toSorted((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
        .map(({ source, ...event }) =>
          comparable({ ...event, component: source.component ?? '', host: source.host ?? null }, lab.namespace),
        );
    };

    const recordings = testdata<Record<string, Told[]>>('events.json');

    test.each(Object.keys(recordings))('of %s are those recorded', async (name) => {
      const { forced, ...options } = PODS_OF[name] ?? {};
      if (forced) await lab.client.create(PODS, lab.pod('holder', { vfs: '4', node: 'node-a' }));
      if (forced) await lab.podPhase('holder', 'Running');
      const pod = lab.pod(name, options);
      if (forced) pod.spec.nodeName = 'node-a';
      await lab.client.create(PODS, pod);
      const wanted = distinct((recordings[name] ?? []).map((told) => comparable(told, 'bench')));
      const found = await lab
        .until(async () => {
          const all = distinct(await seen(name));
          return all.length >= wanted.length && all;
        })
        .catch(() => seen(name));
      expect(found).toEqual(wanted);
    });
  });
}
