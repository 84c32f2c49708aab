import { describe, expect, test } from '@jest/globals';
import { holder, type Owner, VF, vm } from '../../test/support/allocation.ts';
import { launcherPod } from '../../test/support/builders.ts';
import { footprints, lingeringNodes } from './footprint.ts';
import { ledger } from './inventory.ts';
import type { Pod, Vmi } from './observed.ts';
import { onNode } from './render/placement.ts';

const OWNER: Owner = { uid: 'uid-t', endpoint: 'server-0', trial: 'bench/t' };
const ONE = { [VF]: 1 };
const POD = holder('t-server-0', 'node-a', ONE, OWNER);
const VM = vm('t-server-0', 'node-a', ONE, OWNER);
const LAUNCHER = launcherPod('virt-launcher-x', VM, 'node-a', { [VF]: '1' });

const ended = <T extends Pod | Vmi>(object: T): T => ({ ...object, status: { phase: 'Succeeded' } });
function unlabelled<T extends Pod | Vmi>(object: T): T {
  const { labels: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function unbound(pod: Pod): Pod {
  const { nodeName = '', ...spec } = pod.spec;
  return { ...pod, spec: { ...spec, affinity: onNode(nodeName) } };
}

interface Row {
  title: string;
  bound?: Pod[];
  own?: Pod[];
  vmis?: Vmi[];
  /** VFs in use on node-a. */
  count: number;
  lingers: boolean;
}

const ROWS: Row[] = [
  { title: 'a pod that is bound, seen by both watches', bound: [POD], own: [POD], count: 1, lingers: true },
  { title: 'a pod on its way', own: [unbound(POD)], count: 1, lingers: true },
  {
    title: 'a pod on its way that lost its label: of it nothing new is told',
    own: [unlabelled(unbound(POD))],
    count: 0,
    lingers: false,
  },
  { title: 'a bound pod that lost its label: its node tells of it', bound: [unlabelled(POD)], count: 1, lingers: true },
  { title: 'a pod that has ended', bound: [ended(POD)], own: [ended(POD)], count: 0, lingers: false },
  { title: 'a VM without a launcher pod yet', vmis: [VM], count: 1, lingers: true },
  { title: 'a VM with its launcher pod', bound: [LAUNCHER], own: [LAUNCHER], vmis: [VM], count: 1, lingers: true },
  {
    title: 'a VM whose launcher pod has ended, until it has ended itself',
    bound: [ended(LAUNCHER)],
    vmis: [VM],
    count: 1,
    lingers: true,
  },
  { title: 'a VM that has ended', vmis: [ended(VM)], count: 0, lingers: false },
  {
    title: 'a VM that has ended, with its launcher pod',
    bound: [ended(LAUNCHER)],
    vmis: [ended(VM)],
    count: 0,
    lingers: false,
  },
  { title: 'a VM that lost its label: of it nothing new is told', vmis: [unlabelled(VM)], count: 0, lingers: false },
];

describe('what stands on a node, or is on its way there', () => {
  test.each(ROWS)('$title: $count', ({ bound = [], own = [], vmis = [], count, lingers }) => {
    const pods = footprints(bound, own, vmis);
    expect(ledger(pods, []).use('node-a', VF).count).toBe(count);
    expect(ledger(pods, []).use('node-b', VF).count).toBe(0);
    expect(lingeringNodes(pods, new Set())).toEqual(lingers ? new Map([['node-a', new Set(['bench/t'])]]) : new Map());
    expect(lingeringNodes(pods, new Set(['uid-t']))).toEqual(new Map());
  });

  test('pods of others do not linger, whatever they hold', () => {
    expect(lingeringNodes([holder('a', 'node-a', ONE)], new Set())).toEqual(new Map());
  });
});
