/** Inputs of the allocator. */
import type { Grant, Placement, Testbed, TestbedSpec } from '../../src/api/v1alpha1.ts';
import { LABEL_ENDPOINT, LABEL_TRIAL, LABEL_TRIAL_UID } from '../../src/api/labels.ts';
import { allocate, type AllocationInput, type Request } from '../../src/plan/allocate.ts';
import { endpointNeeds } from '../../src/plan/endpoints.ts';
import { onNode } from '../../src/plan/render/placement.ts';
import type { LiveGrant } from '../../src/plan/held.ts';
import type { Pod, Vmi } from '../../src/plan/observed.ts';
import { attachments, nodes, testbed } from './builders.ts';

export const VF = 'x/vfvfio';

export function bed(name: string, spec: Partial<TestbedSpec> = {}): [string, Testbed] {
  const base = testbed(spec);
  return [`bench/${name}`, { ...base, metadata: { ...base.metadata, name } }];
}

export interface Wish {
  bed?: [string, Testbed];
  nodes?: Grant['nodes'];
  mode?: 'Native' | 'Virtio' | 'Passthrough';
  placement?: Placement;
  pairs?: number;
  namespace?: string;
  createdAt?: number;
}

/** Server on node-a, client on node-b, one pair of VMs with a VF each, unless told otherwise. */
export function request(name: string, wish: Wish = {}): Request {
  const { mode = 'Passthrough', placement = 'CrossNode', pairs = 1, namespace = 'bench', createdAt = 0 } = wish;
  const [key, owner] = wish.bed ?? bed('lab');
  const places = wish.nodes ?? { server: 'node-a', client: 'node-b' };
  return {
    trial: `${namespace}/${name}`,
    uid: `uid-${name}`,
    namespace,
    name,
    testbed: key,
    createdAt,
    needs: endpointNeeds(
      owner,
      { name: mode.toLowerCase(), type: mode },
      { mode: '', placement, pairs },
      { nodes: places, attachments: attachments() },
    ),
    nodes: places,
  };
}

export const live = ({ trial, uid, testbed: owner }: Request, grant: Grant): LiveGrant => ({
  trial,
  uid,
  testbed: owner,
  grant,
});

export function input(fields: Partial<AllocationInput> = {}): AllocationInput {
  return {
    requests: [],
    live: [],
    testbeds: new Map([bed('lab')]),
    nodes: nodes('node-a', 'node-b'),
    pods: [],
    lingering: new Map(),
    ...fields,
  };
}

export interface Owner {
  uid: string;
  endpoint: string;
  /** `namespace/name`. */
  trial?: string;
}

function metadataOf(name: string, owner: Owner | undefined): Pod['metadata'] {
  if (owner === undefined) return { name, namespace: 'other', uid: `uid-${name}` };
  const [namespace = '', trial = ''] = (owner.trial ?? 'bench/trial').split('/');
  return {
    name,
    namespace,
    uid: `uid-${name}`,
    labels: { [LABEL_TRIAL]: trial, [LABEL_TRIAL_UID]: owner.uid, [LABEL_ENDPOINT]: owner.endpoint },
    ownerReferences: [{ apiVersion: 'vfbench.io/v1alpha1', kind: 'Trial', name: trial, uid: owner.uid }],
  };
}

const counts = (resources: Record<string, number>): Record<string, string> =>
  Object.fromEntries(Object.entries(resources).map(([key, count]) => [key, String(count)]));

/** A pod bound to a node that asks for devices; with an owner it is that trial's endpoint. */
export function holder(name: string, node: string, resources: Record<string, number>, owner?: Owner): Pod {
  return {
    metadata: metadataOf(name, owner),
    spec: { nodeName: node, containers: [{ name: 'main', resources: { requests: counts(resources) } }] },
    status: { phase: 'Running' },
  };
}

/** A trial's endpoint that is a VM without its launcher pod yet. */
export function vm(name: string, node: string, resources: Record<string, number>, owner: Owner): Vmi {
  return {
    metadata: metadataOf(name, owner),
    spec: {
      affinity: onNode(node),
      domain: { resources: { requests: counts(resources) } },
    },
    status: { phase: 'Pending' },
  };
}

/** The grant of a request that nothing stands in the way of. */
export function grantOf(wanted: Request, fields: Partial<AllocationInput> = {}): Grant {
  const grant = allocate(input({ requests: [wanted], ...fields })).granted[0]?.grant;
  if (grant === undefined) throw new Error('The fixture has no room');
  return grant;
}

/** A live grant of a trial by that name. */
export function held(name: string, wish: Wish = {}, fields: Partial<AllocationInput> = {}): LiveGrant {
  const wanted = request(name, wish);
  return live(wanted, grantOf(wanted, { testbeds: new Map([wish.bed ?? bed('lab')]), ...fields }));
}
