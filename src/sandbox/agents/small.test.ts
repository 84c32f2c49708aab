/** The small pure parts: images, faults, quantities, nodes, admission reviews. */
import { describe, expect, test } from '@jest/globals';
import { DevicePool } from './devices.ts';
import { Faults } from './faults.ts';
import { IMAGES, missingImage, pullBackOff, pullError } from './images.ts';
import { CAPACITY, nodeStatus, renderLease, renderNode } from './node.ts';
import type { Node, Pod } from './objects.ts';
import { formatBytes, parseQuantity, podRequest } from './quantity.ts';
import { mutate, validate } from './review.ts';
import { testdata } from './testdata.testing.ts';
import type { Vmi } from './vmi.ts';

const NOW = new Date('2026-01-01T00:00:00Z');

function podOf(image: string, labels: Record<string, string> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', labels },
    spec: { containers: [{ name: 'c', image }] },
  };
}

describe('images', () => {
  test.each([
    ['vfbench.io/runner:1', undefined],
    ['vfbench.io/runner@sha256:00', undefined],
    ['evil.example/vfbench.io/runner:1', 'c'],
    ['vfbench.io/guest:1', 'c'],
  ])('a pod of %s misses %s', (image, container) => {
    expect(missingImage(podOf(image), IMAGES)?.container).toBe(container);
  });

  test('a launcher boots guests only', () => {
    const { pod } = testdata<{ pod: Pod }>('variant-vf-limits-only.json');
    expect(missingImage(pod, IMAGES)?.container).toBe('volumeroot');
    expect(missingImage(pod, { runner: [], guest: ['registry.example/guest*'] })).toBeUndefined();
  });

  test('are refused by policy', () => {
    const missing = { container: 'c', image: 'localhost/lab/nosuch:1', policy: 'Never' };
    expect(pullError(missing)).toEqual({
      container: 'c',
      reason: 'ErrImageNeverPull',
      message: 'Container image "localhost/lab/nosuch:1" is not present with pull policy of Never',
    });
    expect(pullBackOff({ ...missing, policy: 'Always' })).toMatchObject({ reason: 'ImagePullBackOff' });
  });
});

describe('faults', () => {
  test('come from annotations and from rules, and go with their rule', () => {
    const faults = new Faults();
    const annotations = { 'sandbox.vfbench.io/fault': 'crash, slow' };
    expect(faults.has({ name: 'p', annotations }, 'slow')).toBe(true);
    expect(faults.has({ name: 'p', annotations }, 'evict')).toBe(false);
    let told = 0;
    const end = faults.subscribe(() => told++);
    const off = faults.set('evict', ({ name }) => name === 'p');
    expect([faults.has({ name: 'p' }, 'evict'), faults.has({ name: 'q' }, 'evict')]).toEqual([true, false]);
    off();
    end();
    expect([faults.has({ name: 'p' }, 'evict'), told]).toEqual([false, 2]);
  });
});

describe('quantities', () => {
  test.each([
    ['500m', 0.5],
    ['1k', 1000],
    ['2Gi', 2 ** 31],
    [3, 3],
    ['50M', 5e7],
  ])('%s is %d', (text, number) => expect(parseQuantity(text)).toBe(number));

  test('are NaN where they are none', () => expect(parseQuantity('two')).toBeNaN());
  test.each([
    [2 ** 30, '1Gi'],
    [1268 * 2 ** 20, '1268Mi'],
    [1025, '1025'],
    [0, '0'],
  ])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  test('of a pod are those of its containers and sidecars, or of a greedier init container', () => {
    const asking = (name: string, count: string, more = {}): Pod['spec']['containers'][number] => ({
      name,
      image: 'i',
      resources: { limits: { vf: count } },
      ...more,
    });
    const containers = [asking('a', '1'), asking('b', '1')];
    expect(podRequest({ containers, initContainers: [asking('s', '1', { restartPolicy: 'Always' })] }, 'vf')).toBe(3);
    expect(podRequest({ containers, initContainers: [asking('i', '4')] }, 'vf')).toBe(4);
    const beside = [asking('s', '1', { restartPolicy: 'Always' }), asking('i', '4')];
    expect(podRequest({ containers, initContainers: beside }, 'vf')).toBe(5);
    expect(podRequest({ containers, initContainers: beside.toReversed() }, 'vf')).toBe(4);
    expect(podRequest({ containers }, 'other')).toBe(0);
  });
});

describe('nodes', () => {
  const pool = new DevicePool({ resource: 'r/vf', driver: 'vfio', count: 2, slot: '0000:01:10' });
  const facts = { name: 'n', ip: '10.0.0.1', pools: [pool], capacity: CAPACITY, kernel: '6.12', machineId: 'm' };

  test('tell their VFs, used or not', () => {
    pool.take('p', 1);
    expect(nodeStatus(facts, undefined, NOW).allocatable).toMatchObject({
      'r/vf': '2',
      'devices.kubevirt.io/kvm': '1k',
    });
  });

  test('keep the time of a condition that stays, and change it when they are lost', () => {
    const node: Node = { ...renderNode(facts, NOW), status: nodeStatus(facts, undefined, NOW) };
    const later = new Date('2026-01-01T01:00:00Z');
    const ready = (lost: boolean): unknown => nodeStatus(facts, node, later, lost).conditions?.at(-1);
    expect(ready(false)).toMatchObject({ status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' });
    expect(ready(true)).toMatchObject({
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      lastTransitionTime: '2026-01-01T01:00:00Z',
      lastHeartbeatTime: '2026-01-01T00:00:00Z',
    });
  });

  test('renew their Lease to the microsecond', () => {
    expect(renderLease('n', 'u', NOW).spec.renewTime).toBe('2026-01-01T00:00:00.000000Z');
  });
});

describe('reviews', () => {
  const { input, vmi } = testdata<{ input: Vmi; vmi: Vmi }>('variant-vf-limits-only.json');
  const context = { now: NOW, uuid: 'f', own: false };
  const patchOf = (patch: string | undefined): unknown => JSON.parse(Buffer.from(patch ?? '', 'base64').toString());

  test('complete a new VMI', () => {
    const { patch } = mutate({ uid: '1', operation: 'CREATE', object: input }, context);
    expect(patchOf(patch)).toContainEqual(
      expect.objectContaining({ path: '/status', value: expect.objectContaining({ phase: 'Pending' }) }),
    );
  });

  test("drop others' statuses, and take KubeVirt's own", () => {
    const object = { ...vmi, status: { ...vmi.status, phase: 'Succeeded' as const } };
    const request = { uid: '1', operation: 'UPDATE' as const, object, oldObject: vmi };
    expect(patchOf(mutate(request, context).patch)).toEqual([{ op: 'add', path: '/status', value: vmi.status }]);
    expect(mutate(request, { ...context, own: true })).toEqual({ uid: '1', allowed: true });
  });

  test('allow changes of metadata, not of the spec', () => {
    const labelled = { ...vmi, metadata: { ...vmi.metadata, labels: {} } };
    expect(validate({ uid: '1', operation: 'UPDATE', object: labelled, oldObject: vmi }).allowed).toBe(true);
    const changed = { ...vmi, spec: { ...vmi.spec, evictionStrategy: 'LiveMigrate' } };
    expect(validate({ uid: '1', operation: 'UPDATE', object: changed, oldObject: vmi })).toMatchObject({
      allowed: false,
      status: { code: 422, reason: 'Invalid', message: 'update of VMI object is restricted' },
    });
  });
});
