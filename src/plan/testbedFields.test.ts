/** A Testbed that is edited between the trials of an Experiment: what differs is named, and nothing is averaged over it. */
import { describe, expect, test } from '@jest/globals';
import type { Condition, ExperimentSpec, Mode, TestbedSpec, Trial } from '../api/v1alpha1.ts';
import { experiment, NOW, testbed } from '../../test/support/builders.ts';
import { TrialWorld } from '../../test/support/trial-world.ts';
import { observationsOf, withComparable } from './comparable.ts';

const NATIVE: Mode = { name: 'native', type: 'Native' };
const VIRTIO: Mode = { name: 'virtio', type: 'Virtio' };
const LARGE: Mode = { ...VIRTIO, vm: { memory: '4Gi', cores: 8, hugepages: 'None' } };
const ONE_SIDED: Mode = { name: 'one-sided', type: 'Virtio', peer: 'Native' };

const BED = testbed().spec;
const vm = (changes: Partial<NonNullable<TestbedSpec['vm']>>): Partial<TestbedSpec> => ({
  vm: { image: 'guest:1', cores: 2, memory: '1Gi', dedicatedCPU: false, multiqueue: false, ...changes },
});
const pod = (changes: Partial<TestbedSpec['pod']>): Partial<TestbedSpec> => ({
  pod: { image: 'runner:1', ...changes },
});

/** A trial of that block from grant to end, on a Testbed with these changes. */
function ended(mode: Mode, block: number, changes: Partial<TestbedSpec> = {}, keeps = true): Trial {
  const world = new TrialWorld({ mode, spec: { block }, testbed: changes });
  if (!keeps) delete world.trial.status?.grant?.testbed;
  world.settle();
  world.run().registerAll().settle();
  world.deliverAll().settle();
  world.end().settle();
  world.vanish().settle();
  expect(world.conditions()).toContain('Succeeded=True/Completed');
  return world.trial;
}

const specOf = (...modes: Mode[]): ExperimentSpec => experiment({ modes }).spec;

function comparable(spec: ExperimentSpec, trials: Trial[]): Condition | undefined {
  return withComparable({}, { spec, trials }, { now: NOW, generation: 1 }).conditions?.[0];
}

describe('an edit between blocks', () => {
  test.each<[string, Mode, Partial<TestbedSpec>, string]>([
    ['memory', VIRTIO, vm({ memory: '4Gi' }), 'testbed.vm.memory of virtio, server on node node-a: 1Gi, 4Gi'],
    [
      'huge pages',
      VIRTIO,
      vm({ hugepages: '2Mi' }),
      'testbed.vm.hugepages of virtio, server on node node-a: 2Mi, none',
    ],
    [
      'pinning',
      VIRTIO,
      vm({ dedicatedCPU: true }),
      'testbed.vm.dedicatedCPU of virtio, client on node node-b: false, true',
    ],
    ['cores', VIRTIO, vm({ cores: 4 }), 'testbed.vm.cores of virtio, server on node node-a: 2, 4'],
    ['queues', VIRTIO, vm({ multiqueue: true }), 'testbed.vm.multiqueue of virtio, server on node node-a: false, true'],
    ['guest', VIRTIO, vm({ image: 'guest:2' }), 'testbed.vm.image of virtio, server on node node-a: guest:1, guest:2'],
    ['disk', VIRTIO, vm({ runnerDisk: 'd:1' }), 'testbed.vm.runnerDisk of virtio, server on node node-a: d:1, none'],
    [
      'NUMA',
      VIRTIO,
      vm({ dedicatedCPU: true, hugepages: '2Mi', numaPassthrough: true }),
      'testbed.vm.numaPassthrough of virtio, server on node node-a: false, true',
    ],
    [
      'pod',
      NATIVE,
      pod({ image: 'runner:2' }),
      'testbed.pod.image of native, server on node node-a: runner:1, runner:2',
    ],
    [
      'limits',
      NATIVE,
      pod({ resources: { limits: { memory: '1Gi', cpu: 2 } } }),
      'testbed.pod.limits of native, client on node node-b: cpu=2 memory=1Gi, none',
    ],
    [
      'requests',
      NATIVE,
      pod({ resources: { requests: { cpu: '500m' } } }),
      'testbed.pod.requests of native, server on node node-a: cpu=0.5, none',
    ],
    [
      'the pod of a mode with one VM',
      ONE_SIDED,
      pod({ image: 'runner:2' }),
      'testbed.pod.image of one-sided, client on node node-b: runner:1, runner:2',
    ],
    [
      'link rate',
      NATIVE,
      { link: { bitsPerSecond: '25G', mtu: 1500 } },
      'testbed.link.bitsPerSecond of native, server on node node-a: 10G, 25G',
    ],
    ['concurrency', NATIVE, { concurrency: 4 }, 'testbed.concurrency of native, server on node node-a: 1, 4'],
    ['family', NATIVE, { subnet: 'fd00::/64' }, 'testbed.network.family of native, server on node node-a: IPv4, IPv6'],
    [
      'network',
      NATIVE,
      { networks: [{ name: 'native', attachment: 'br-data' }] },
      'testbed.network.attachment of native, server on node node-a: br-data, vf-net; testbed.network.resource of native',
    ],
    [
      'resource',
      NATIVE,
      { networks: [{ name: 'native', attachment: 'vf-net', resource: 'x/vfvfio' }] },
      'testbed.network.resource of native, server on node node-a: x/vfnet, x/vfvfio',
    ],
  ])('%s: named, and the odd trial is left out', (_, mode, changes, text) => {
    const spec = specOf(mode);
    const trials = [ended(mode, 0), ended(mode, 1), ended(mode, 2, changes)];
    expect(comparable(spec, trials)).toMatchObject({ status: 'False', reason: 'FingerprintsDiffer' });
    expect(comparable(spec, trials)?.message).toContain(text);
    expect(comparable(spec, trials)?.message).toContain('; 1 trials are left out of the results');
    expect(observationsOf(spec, trials).map(({ succeeded }) => succeeded)).toEqual([true, true, false]);
  });

  test.each<[string, Mode, Partial<TestbedSpec>]>([
    ['limits of time', NATIVE, { timeouts: { ...BED.timeouts, startSeconds: 600 } }],
    ['another subnet of the same family', NATIVE, { subnet: '10.9.0.0/24' }],
    ['when images are pulled', NATIVE, pod({ imagePullPolicy: 'Always' })],
    ['another spelling of the rate', NATIVE, { link: { bitsPerSecond: '10000M', mtu: 1500 } }],
    ['another spelling of the memory', VIRTIO, vm({ memory: 2 ** 30 })],
    ['VMs, of which the mode has none', NATIVE, vm({ memory: '4Gi' })],
    ['pods, of which the mode has none', VIRTIO, pod({ image: 'runner:2' })],
    [
      'networks of other modes',
      NATIVE,
      { networks: [...BED.networks.slice(0, 1), { name: 'x', attachment: 'vf-vfio' }] },
    ],
    ['what the mode has its own of', LARGE, vm({ memory: '2Gi', cores: 4, hugepages: '2Mi' })],
  ])('%s: nothing differs', (_, mode, changes) => {
    const trials = [ended(mode, 0), ended(mode, 1, changes)];
    expect(comparable(specOf(mode), trials)).toMatchObject({ status: 'True', reason: 'SameFingerprint' });
  });
});

describe('an edit within the only block', () => {
  test.each<[string, Mode, Partial<TestbedSpec>, string]>([
    ['link rate', VIRTIO, { link: { bitsPerSecond: '25G', mtu: 1500 } }, 'testbed.link.bitsPerSecond of all endpoints'],
    ['concurrency', VIRTIO, { concurrency: 4 }, 'testbed.concurrency of all endpoints'],
    ['pods', ONE_SIDED, pod({ image: 'runner:2' }), 'testbed.pod.image of all endpoints: runner:1, runner:2'],
  ])('%s: named, and nothing is left out', (_, mode, changes, text) => {
    const spec = specOf(NATIVE, mode);
    const trials = [ended(NATIVE, 0), ended(mode, 0, changes)];
    expect(comparable(spec, trials)?.message).toContain(text);
    expect(observationsOf(spec, trials).map(({ succeeded }) => succeeded)).toEqual([true, true]);
  });

  test('modes that ask for VMs of their own differ by design', () => {
    const other: Mode = { ...LARGE, name: 'large' };
    const trials = [ended(VIRTIO, 0), ended(other, 0)];
    expect(comparable(specOf(VIRTIO, other), trials)).toMatchObject({ status: 'True' });
  });
});

test('a trial whose grant kept nothing is neither compared in this nor blamed', () => {
  const trials = [ended(VIRTIO, 0, {}, false), ended(VIRTIO, 1)];
  expect(comparable(specOf(VIRTIO), trials)).toMatchObject({ status: 'True' });
  const fields = trials[0]?.status?.fingerprints?.flatMap((one) => one.fields.map(({ name }) => name));
  expect(fields).toContain('kernel.release');
  expect(fields?.filter((name) => name.startsWith('testbed.'))).toEqual([]);
});

test('digests are of the fields: equal where these are', () => {
  const digests = (trial: Trial): (string | undefined)[] =>
    trial.status?.fingerprints?.map(({ digest }) => digest) ?? [];
  const [one, same, other] = [ended(NATIVE, 0), ended(NATIVE, 1), ended(NATIVE, 2, pod({ image: 'runner:2' }))];
  expect(digests(one)).toHaveLength(2);
  expect(digests(one)[0]).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(digests(same)).toEqual(digests(one));
  expect(digests(other)).not.toEqual(digests(one));
});
