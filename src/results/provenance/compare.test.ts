import { describe, expect, test } from '@jest/globals';
import type { ExperimentSpec, Fingerprint } from '../../api/v1alpha1.ts';
import { type ComparedTrial, compareTrials, isPodIn } from './compare.ts';

const modes: ExperimentSpec['modes'] = [
  { name: 'native', type: 'Native' },
  { name: 'native-pf', type: 'Native' },
  { name: 'virtio', type: 'Virtio' },
  { name: 'one-sided', type: 'Virtio', peer: 'Native' },
];
const BASE = { 'kernel.release': '6.12', 'nic.mtu': '1500', 'tool.iperf3': '3.18', 'nic.driver': 'x' };

function print(node: string, endpoint: string, changes: Record<string, string>): Fingerprint {
  const fields = Object.entries({ ...BASE, ...changes }).map(([name, value]) => ({ name, value }));
  return { digest: 'sha256:0', node, endpoints: [endpoint], fields };
}

const trial = (mode: string, block: number, server = {}, client = {}): ComparedTrial => ({
  name: `${mode}-${block}`,
  mode,
  block,
  fingerprints: [print('node-a', 'server-0', server), print('node-b', 'client-0', client)],
});
const compare = (...trials: ComparedTrial[]) => compareTrials(trials, isPodIn({ modes }));

describe('comparing trials', () => {
  test('equal ones, and none at all, differ in nothing', () => {
    expect(compare()).toEqual({ differences: [], left: new Set() });
    expect(compare(trial('native', 0), trial('virtio', 0), trial('native', 1))).toEqual({
      differences: [],
      left: new Set(),
    });
  });

  test('within a mode every field counts, and the odd trial is left out', () => {
    const found = compare(trial('virtio', 0), trial('virtio', 1, {}, { 'nic.driver': 'y' }), trial('virtio', 2));
    expect(found.differences).toEqual([
      { scope: 'virtio, client on node node-b', field: 'nic.driver', values: ['x', 'y'] },
    ]);
    expect(found.left).toEqual(new Set(['virtio-1']));
  });

  test('of two fingerprints as frequent the first stays', () => {
    const other = { 'cpu.governor': 'powersave' };
    const trials = [3, 2, 1, 0].map((block) =>
      trial('virtio', block, { 'cpu.governor': 'performance', ...(block > 1 ? other : {}) }),
    );
    expect(compare(...trials).left).toEqual(new Set(['virtio-3', 'virtio-2']));
  });

  test.each([
    ['a guest may have another kernel than a pod', 'virtio', { 'kernel.release': '6.1' }, []],
    ['pods of one node must have one kernel', 'native-pf', { 'kernel.release': '6.1' }, ['kernel.release']],
    ['modes may have other drivers', 'native-pf', { 'nic.driver': 'igb' }, []],
    ['tools must be of one version everywhere', 'virtio', { 'tool.iperf3': '3.19' }, ['tool.iperf3']],
    ['so must the MTU', 'virtio', { 'nic.mtu': '9000' }, ['nic.mtu']],
  ])('over modes: %s', (_, mode, changes, fields) => {
    const found = compare(trial('native', 0), trial(mode, 0, changes, changes));
    expect([...new Set(found.differences.map(({ field }) => field))]).toEqual(fields);
    expect(found.left.size).toBe(0);
  });

  test('the client of a mode with a native peer is a pod', () => {
    const found = compare(
      trial('native', 0),
      trial('one-sided', 0, { 'cpu.model': 'QEMU' }, { 'kernel.release': '6.1' }),
    );
    expect(found.differences.map(({ scope }) => scope)).toEqual(['pods on node node-b']);
  });

  test('a clock source that the kernel changed after boot is told, not compared', () => {
    const trials = ['hpet', 'tsc', 'tsc'].map((source, block) => trial('virtio', block, { 'clock.source': source }));
    expect(compare(...trials)).toEqual({ differences: [], left: new Set() });
  });

  test('what one side does not tell is not compared', () => {
    const silent: ComparedTrial = { name: 'virtio-9', mode: 'virtio', block: 9 };
    expect(compare(trial('virtio', 0), silent, trial('virtio', 1, { 'cpu.smt': '1' }))).toEqual({
      differences: [],
      left: new Set(),
    });
  });
});
