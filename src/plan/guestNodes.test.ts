import { expect, test } from '@jest/globals';
import type { Mode, VmTemplate } from '../api/v1alpha1.ts';
import { node, testbed } from '../../test/support/builders.ts';
import { guestNodeFinding } from './guestNodes.ts';
import type { Node } from './observed.ts';

const PINNED = { 'kubevirt.io/cpumanager': 'true' };
const VM: VmTemplate = { image: 'guest', cores: 4, memory: '1Gi', dedicatedCPU: false, multiqueue: false };

const machine = (name: string, labels: Record<string, string>, resources: Record<string, string>): Node => ({
  ...node(name, resources),
  metadata: { name, labels },
});
const good = (name: string): Node => machine(name, PINNED, { cpu: '8', 'hugepages-2Mi': '2Gi' });

function verdict(vm: Mode['vm'], nodes: Node[], fields: Partial<Mode> = {}): string {
  const mode: Mode = { name: 'fast', type: 'Virtio', ...(vm === undefined ? {} : { vm }), ...fields };
  const byName = new Map(nodes.map((each) => [each.metadata.name, each]));
  const found = guestNodeFinding(testbed({ vm: VM }), mode, { server: 'a', client: 'b' }, byName);
  return found === null ? 'fits' : `${found.reason}: ${found.message}`;
}

const BARE = machine('b', {}, { cpu: '8' });

test.each<[string, Mode['vm'], Node[], RegExp]>([
  ['all is there', { dedicatedCPU: true, hugepages: '2Mi' }, [good('a'), good('b')], /^fits$/],
  ['nothing is asked for', undefined, [BARE], /^fits$/],
  ['no label', { dedicatedCPU: true }, [good('a'), BARE], /^NodeCPUManager: Mode fast: .*and b is not: .*label node b/],
  [
    'label of another value',
    { dedicatedCPU: true },
    [machine('a', { 'kubevirt.io/cpumanager': 'false' }, {})],
    /^NodeCPU/,
  ],
  [
    'more cores than the node has',
    { dedicatedCPU: true, cores: 16 },
    [good('a'), good('b')],
    /^InsufficientCompute: Mode fast: 16 dedicated cores, and node a has 8/,
  ],
  [
    'huge pages of another size',
    { hugepages: '1Gi' },
    [good('a'), good('b')],
    /^InsufficientHugepages: Mode fast: a VM takes 1Gi of hugepages-1Gi, and node a has 0: reserve/,
  ],
  [
    'too few of them',
    { hugepages: '2Mi', memory: '4Gi' },
    [good('a')],
    /takes 4Gi of hugepages-2Mi, and node a has 2Gi/,
  ],
  ['a node that is gone', { dedicatedCPU: true }, [good('a')], /^fits$/],
])('%s', (_, vm, nodes, expected) => {
  expect(verdict(vm, nodes)).toMatch(expected);
});

test('a pod at the client end asks for nothing there', () => {
  expect(verdict({ dedicatedCPU: true }, [good('a'), BARE], { peer: 'Native' })).toBe('fits');
});
