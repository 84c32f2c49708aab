/** A Trial that was granted what its mode needs, as the allocator does it. */
import { setCondition } from '../../src/api/conditions.ts';
import type { Mode, Testbed, Trial } from '../../src/api/v1alpha1.ts';
import { allocate } from '../../src/plan/allocate.ts';
import { endpointNeeds } from '../../src/plan/endpoints.ts';
import type { Node } from '../../src/plan/observed.ts';
import { attachments } from './builders.ts';

interface Place {
  mode: Mode;
  testbed: Testbed;
  nodes: ReadonlyMap<string, Node>;
  now: number;
}

export function granted(trial: Trial, { mode, testbed, nodes, now }: Place): Trial {
  const { metadata, spec } = trial;
  const places = { server: 'node-a', client: 'node-b' };
  const request = {
    trial: `bench/${metadata.name}`,
    uid: metadata.uid ?? '',
    namespace: 'bench',
    name: metadata.name,
    testbed: 'bench/lab',
    createdAt: 0,
    needs: endpointNeeds(testbed, mode, spec, { nodes: places, attachments: attachments() }),
    nodes: places,
  };
  const testbeds = new Map([['bench/lab', testbed]]);
  const input = { requests: [request], live: [], testbeds, nodes, pods: [], lingering: new Map() };
  const grant = allocate(input).granted[0]?.grant;
  if (grant === undefined) throw new Error('The model has no room for its trial');
  const update = { type: 'Granted', status: 'True', reason: 'Granted', message: '' } as const;
  return { ...trial, status: { grant, conditions: setCondition([], update, { now, generation: 1 }) } };
}
