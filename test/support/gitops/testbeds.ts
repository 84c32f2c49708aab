/** Testbeds as their controller leaves them, for what reads their health. */
import type { Testbed } from '../../../src/api/v1alpha1.ts';
import type { TestbedObserved } from '../../../src/plan/preflight/observed.ts';
import { newTestbed } from '../builders.ts';
import { fitNode, kubevirt, nad, nads, nodeMap, rights, statusOf, VFVFIO } from '../preflight.ts';

const seen = (fields: Partial<TestbedObserved> = {}): Testbed => ({ ...newTestbed(), status: statusOf(fields) });

/** By the name of the fixture. */
export const TESTBED_FIXTURES: Record<string, () => Testbed> = {
  unseen: () => newTestbed(),
  ready: () => seen(),
  'without-kubevirt': () => seen({ kubevirt: null }),
  'kubevirt-deploying': () => seen({ kubevirt: [kubevirt({ phase: 'Deploying' })] }),
  'without-multus': () => seen({ attachments: null }),
  'node-missing': () => seen({ nodes: nodeMap(fitNode('node-a')) }),
  'node-not-ready': () =>
    seen({ nodes: nodeMap(fitNode('node-a'), fitNode('node-b', { ready: { status: 'False' } })) }),
  'no-devices': () =>
    seen({ nodes: nodeMap(fitNode('node-a', { allocatable: { [VFVFIO]: '0' } }), fitNode('node-b')) }),
  'attachment-broken': () => seen({ attachments: nads(nad('vf-net', '{not json')) }),
  'permissions-missing': () =>
    seen({ rights: rights((verb, resource) => !(verb === 'create' && resource === 'pods')) }),
  'new-generation': () => {
    const ready = seen();
    return { ...ready, metadata: { ...ready.metadata, generation: 2 } };
  },
  deleting: () => {
    const ready = seen();
    return { ...ready, metadata: { ...ready.metadata, deletionTimestamp: '2026-01-01T02:00:00Z' } };
  },
};
