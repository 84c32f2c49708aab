import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { PodTemplate, VmTemplate } from '../api/v1alpha1.ts';
import { node } from '../../test/support/builders.ts';
import { amountText, isEnough, offered, podAsks, vmAsks } from './asks.ts';
import type { Pod } from './observed.ts';
import { parseQuantity } from './quantity.ts';

const GI = 2 ** 30;
const VM: VmTemplate = { image: 'guest', cores: 4, memory: '1Gi', dedicatedCPU: false, multiqueue: false };

describe('a VM asks for', () => {
  test.each<[string, Partial<Parameters<typeof vmAsks>[0]>, Record<string, number>]>([
    ['memory', {}, { memory: GI }],
    ['huge pages instead', { hugepages: '2Mi' }, { 'hugepages-2Mi': GI }],
    ['CPUs of its own', { dedicatedCPU: true }, { memory: GI, cpu: 4 }],
    ['one more for the emulator', { dedicatedCPU: true, isolateEmulatorThread: true }, { memory: GI, cpu: 5 }],
  ])('%s', (_, fields, expected) => {
    expect(Object.fromEntries(vmAsks({ ...VM, ...fields }))).toEqual(expected);
  });
});

describe("where KubeVirt's memoryOvercommit is not 100", () => {
  test.each<[string, Partial<VmTemplate>, number, Record<string, number>]>([
    ['memory of the pod is less', {}, 200, { memory: GI / 2 }],
    ['or more', {}, 50, { memory: 2 * GI }],
    ['in whole bytes', {}, 150, { memory: 715827882 }],
    ['but not huge pages', { hugepages: '1Gi' }, 200, { 'hugepages-1Gi': GI }],
    ['nor CPUs', { dedicatedCPU: true }, 200, { memory: GI / 2, cpu: 4 }],
  ])('%s', (_, fields, overcommit, expected) => {
    expect(Object.fromEntries(vmAsks({ ...VM, ...fields }, overcommit))).toEqual(expected);
  });
});

describe('recorded launchers, KubeVirt v1.9.0', () => {
  const recorded = JSON.parse(readFileSync(new URL('testdata/ladder.json', import.meta.url), 'utf8')) as {
    step: string;
    pod?: Pod;
  }[];
  const MI = 2 ** 20;
  test.each(recorded.flatMap(({ step, pod }) => (pod === undefined ? [] : [{ step, pod }])))(
    '$step: ask for no less, and for a GiB more with a VF',
    ({ step, pod }) => {
      const compute = pod.spec.containers.find(({ name }) => name === 'compute');
      const asked = parseQuantity(compute?.resources?.requests?.['memory']) ?? NaN;
      const [least = NaN] = vmAsks({ ...VM, cores: 2 }).values();
      expect(asked - least).toBe(step.startsWith('guest-bridge') ? 244 * MI : 244 * MI + GI);
    },
  );
});

describe('a pod asks for', () => {
  test.each<[string, PodTemplate['resources'], Record<string, number>]>([
    ['nothing', undefined, {}],
    ['its requests', { requests: { cpu: '500m', memory: '1Gi' } }, { cpu: 0.5, memory: GI }],
    ['what is limited only', { requests: { cpu: 1 }, limits: { cpu: 2, memory: '2Gi' } }, { cpu: 1, memory: 2 * GI }],
  ])('%s', (_, resources, expected) => {
    const pod = { image: 'x', ...(resources === undefined ? {} : { resources }) };
    expect(Object.fromEntries(podAsks(pod))).toEqual(expected);
  });
});

test.each<[string, Record<string, string>, number | null]>([
  ['cpu', { cpu: '7500m' }, 7.5],
  ['cpu', {}, null],
  ['memory', { memory: 'rubbish' }, null],
  ['hugepages-1Gi', {}, 0],
])('of %s a node with %j has %p', (resource, has, expected) => {
  expect(offered(node('a', has), resource)).toBe(expected);
});

test('as many parts as a whole has fit into it, and not one more', () => {
  const property = fc.property(
    fc.integer({ min: 1, max: 64_000 }),
    fc.integer({ min: 1, max: 2048 }),
    (milli, count) => {
      const part = parseQuantity(`${milli}m`) ?? NaN;
      const whole = parseQuantity(`${milli * count}m`) ?? NaN;
      // As sums come about: by adding or by multiplying.
      const sum = Array.from({ length: count }, () => part).reduce((all, one) => all + one, 0);
      for (const amount of [sum, part * count]) {
        expect(isEnough(whole, amount)).toBe(true);
        expect(isEnough(whole, amount + 0.001)).toBe(false);
      }
    },
  );
  fc.assert(property, { numRuns: 500 });
});

test.each<[string, number, string]>([
  ['hugepages-1Gi', 4 * GI, '4Gi'],
  ['memory', 1536 * 2 ** 20, '1536Mi'],
  ['memory', 65_778_316 * 1024, '65778316Ki'],
  ['memory', 1.5e9, '1500M'],
  ['memory', 0, '0'],
  ['cpu', 64, '64'],
  ['cpu', 3 * 0.1, '0.3'],
  ['x/vf', 4096, '4096'],
])('%s: %d is written %s', (resource, amount, expected) => {
  expect(amountText(resource, amount)).toBe(expected);
});
