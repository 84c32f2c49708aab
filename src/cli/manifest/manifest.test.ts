import { describe, expect, test } from '@jest/globals';
import { SCHEMAS } from '../../api/schemas.ts';
import { planOf } from '../plan.ts';
import { planLines } from '../planText.ts';
import { skewOf, skewText } from '../skew.ts';
import { checked, type Manifest, parseText } from './read.ts';
import type { Experiment, Testbed } from '../../api/v1alpha1.ts';

const SPEC = {
  testbed: 'lab',
  modes: [
    { name: 'native', type: 'Native' },
    { name: 'virtio', type: 'Virtio' },
    { name: 'passthrough', type: 'Passthrough' },
  ],
  baseline: 'native',
  placements: ['CrossNode', 'SameNode'],
  pairs: [1, 2],
  tests: [{ name: 'latency', type: 'RequestResponse', protocol: 'UDP', messageBytes: [64, 1024] }],
};
type Found = Experiment & Manifest;
const experiment = (change: object = {}): Found =>
  ({
    apiVersion: 'vfbench.io/v1alpha1',
    kind: 'Experiment',
    metadata: { name: 'exp' },
    spec: { ...SPEC, ...change },
  }) as unknown as Found;
const testbed = {
  apiVersion: 'vfbench.io/v1alpha1',
  kind: 'Testbed',
  metadata: { name: 'lab', namespace: 'bench' },
  spec: {
    networks: [
      { name: 'native', attachment: 'vf-net', resource: 'x/net' },
      { name: 'virtio', attachment: 'br' },
      { name: 'passthrough', attachment: 'vf-vfio' },
    ],
  },
} as unknown as Testbed;
const ATTACHMENTS = [
  { metadata: { name: 'vf-vfio', annotations: { 'k8s.v1.cni.cncf.io/resourceName': 'x/vfio' } } },
  { metadata: { name: 'br' } },
];

describe('a file is checked by the schema of the CRD', () => {
  test('defaults are filled in', () => {
    expect(checked(experiment()).spec).toMatchObject({
      blocks: { min: 6, max: 30, retries: 2 },
      durationSeconds: 10,
      suspend: false,
    });
  });

  test.each([
    [{ durationSeconds: 0 }, /spec\.durationSeconds: 0 must be 1 to 3600/],
    [{ durationSeconds: '10' }, /must be a whole number/],
    [{ duration: 5 }, /spec\.duration: there is no such field; spec has testbed, /],
    [
      { modes: [{ name: 'n', type: 'Nativ' }] },
      /spec\.modes\[0\]\.type: "Nativ" is none of Native, Virtio, Passthrough/,
    ],
    [{ modes: [] }, /spec\.modes: must have 1 to 16 items/],
    [{ testbed: undefined }, /spec\.testbed: is missing/],
    [{ tests: 'x' }, /spec\.tests: must be a list/],
    [{ blocks: 3 }, /spec\.blocks: must be an object/],
  ])('%p', (change, message) => {
    expect(() => checked(experiment(change))).toThrow(message);
  });

  test.each([
    ['a: [', /file is not YAML: .*line 1/],
    ['- 1', /document 1 is no manifest/],
    ['kind: X', /needs apiVersion, kind and metadata\.name/],
  ])('%p', (text, message) => {
    expect(() => parseText(text, 'file')).toThrow(message);
  });

  test('several documents, and a List', () => {
    const item = '{apiVersion: v1, kind: A, metadata: {name: a}}';
    expect(parseText(`${item}\n---\n---\n{apiVersion: v1, kind: List, items: [${item}, ${item}]}`, 'f')).toHaveLength(
      3,
    );
    expect(parseText('', 'f')).toEqual([]);
  });
});

describe('plan', () => {
  const plan = planOf(checked(experiment()), testbed, ATTACHMENTS);

  test('cells, trials and devices of a Testbed in the file', () => {
    expect(plan.cells).toHaveLength(12);
    expect(plan.trials).toEqual({ least: 72, most: 360 });
    expect(plan.needed).toEqual({ server: { 'x/net': 4, 'x/vfio': 4 }, client: { 'x/net': 2, 'x/vfio': 2 } });
    expect(plan.cells.find((cell) => cell.mode === 'virtio' && cell.pairs === 2)).toMatchObject({
      pods: 0,
      vms: 4,
      devices: { server: {}, client: {} },
    });
    expect(plan.seconds.most).toBeCloseTo(plan.seconds.trial * 360);
    expect(plan.seconds.trial).toBeGreaterThan(20);
    expect(plan.notes).toEqual([]);
  });

  test('what cannot be known is said', () => {
    expect(planOf(checked(experiment()), undefined, []).notes).toEqual([
      expect.stringContaining('Testbed lab is not in the file'),
    ]);
    expect(planOf(checked(experiment()), testbed, []).notes.join()).toContain(
      'NetworkAttachmentDefinition vf-vfio, which is not in the file',
    );
    expect(planOf(checked(experiment({ baseline: 'nativ', deadlineSeconds: 60 })), testbed, ATTACHMENTS).notes).toEqual(
      [expect.stringContaining('baseline nativ is no mode'), expect.stringContaining('deadlineSeconds is 60')],
    );
  });

  test('as text', () => {
    const lines = planLines(plan);
    expect(lines[0]).toBe(
      'Experiment exp: 12 cells, 6 to 30 blocks, 72 to 360 trials; a failed one is repeated up to 2 times',
    );
    expect(lines.join('\n')).toMatch(/virtio +SameNode +2 +0 +4 +none +-/);
  });
});

describe('plugin and CRDs of different age', () => {
  const own = SCHEMAS as Parameters<typeof skewOf>[0];
  const changed = (change: (spec: { properties: Record<string, object> }) => void): typeof own => {
    const copy = structuredClone(own) as Record<
      string,
      { properties: { spec: { properties: Record<string, object> } } }
    >;
    if (copy['Experiment'] !== undefined) change(copy['Experiment'].properties.spec);
    return copy;
  };

  test('equal ones: nothing to say', () => {
    expect(skewText(skewOf(own, own))).toBeNull();
  });

  test('a field that only the cluster knows: the plugin is older', () => {
    const server = changed((spec) => (spec.properties['repeat'] = { type: 'integer' }));
    expect(skewText(skewOf(server, own))).toMatch(
      /plugin \(.*\) is older than the CRDs .*Experiment\.spec\.repeat: update the plugin/,
    );
  });

  test('a field that only the plugin knows: the CRDs are older', () => {
    const server = changed((spec) => delete spec.properties['seed']);
    expect(skewText(skewOf(server, own))).toMatch(/CRDs of the cluster are older .*Experiment\.spec\.seed/);
  });
});
