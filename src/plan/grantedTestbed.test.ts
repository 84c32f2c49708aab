/** A Testbed that is edited under a Trial: the Trial is what it was granted as, from first to last. */
import { describe, expect, test } from '@jest/globals';
import type { Mode, TestbedSpec } from '../api/v1alpha1.ts';
import { pointResult } from '../../test/support/documents.ts';
import { TrialWorld } from '../../test/support/trial-world.ts';
import type { PlannedObject } from './types.ts';

const MODES: Mode[] = [
  { name: 'native', type: 'Native' },
  { name: 'virtio', type: 'Virtio' },
  { name: 'one-sided', type: 'Passthrough', peer: 'Native' },
];
const VM = { image: 'guest:2', cores: 8, memory: '8Gi', dedicatedCPU: true, multiqueue: true, runnerDisk: 'disk:2' };

const EDITS: [string, Partial<TestbedSpec>][] = [
  ['MTU of the link', { link: { bitsPerSecond: '10G', mtu: 9000 } }],
  ['rate of the link', { link: { bitsPerSecond: '1M', mtu: 1500 } }],
  ['subnet', { subnet: 'fd00:50::/64' }],
  ['pods', { pod: { image: 'runner:2', resources: { limits: { cpu: '4' } } } }],
  ['VMs', { vm: VM }],
  ['networks', { networks: [{ name: 'native', attachment: 'other', resource: 'x/other' }] }],
];

function edit(world: TrialWorld, changes: Partial<TestbedSpec>): void {
  const { testbed } = world;
  if (testbed === null) throw new Error('There is no Testbed to edit');
  const metadata = { ...testbed.metadata, generation: 2 };
  world.testbed = { ...testbed, metadata, spec: { ...testbed.spec, ...changes } };
}

/** As a Trial that an operator granted which kept nothing of the Testbed. */
function forget({ trial }: TrialWorld): void {
  delete trial.status?.grant?.testbed;
}

const STAGES = ['granted', 'Secret made', 'created', 'measuring', 'delivered'] as const;

/** The whole life, with something done at one stage of it. @returns all that was created. */
function live(world: TrialWorld, at?: (typeof STAGES)[number], act: (world: TrialWorld) => void = () => {}) {
  const created = new Map<string, PlannedObject>();
  const reach = (stage: (typeof STAGES)[number]): void => (stage === at ? act(world) : undefined);
  reach('granted');
  for (const until of ['firstCreate', 'end'] as const) {
    for (const object of world.reconcile(until).create) {
      const key = `${object.kind} ${object.metadata.name}`;
      if (until === 'end' || object.kind === 'Secret') created.set(key, created.get(key) ?? object);
    }
    reach(until === 'firstCreate' ? 'Secret made' : 'created');
  }
  world.run().registerAll().settle();
  reach('measuring');
  world.deliverAll();
  reach('delivered');
  world.settle();
  world.end().settle();
  world.vanish().settle();
  return [...created.values()];
}

describe.each(MODES)('a Testbed edited under a trial of mode $name', (mode) => {
  const plain = new TrialWorld({ mode });
  const objects = live(plain);

  test('the model lives without an edit', () => {
    expect(plain.conditions()).toContain('Succeeded=True/Completed');
    expect(objects.map(({ kind }) => kind)).toHaveLength(3);
  });

  describe.each(STAGES)('when it is %s', (stage) => {
    test.each(EDITS)('%s: made, judged and told as if nothing had been edited', (_, changes) => {
      const world = new TrialWorld({ mode });
      expect(live(world, stage, (w) => edit(w, changes))).toEqual(objects);
      expect(world.trial.status).toEqual(plain.trial.status);
    });
  });
});

test('no spec.vm any more: VMs that run go on', () => {
  const world = new TrialWorld({ mode: { name: 'virtio', type: 'Virtio' } });
  live(world, 'measuring', (w) => delete w.testbed?.spec.vm);
  expect(world.conditions()).toContain('Succeeded=True/Completed');
});

test('a subnet of IPv6 after one of IPv4: the bound stays that of the packets that were sent', () => {
  const world = new TrialWorld();
  // Of 10 Gb/s at MTU 1500, TCP over IPv4 can have 9.415, over IPv6 9.285.
  const fast = (w: TrialWorld): void => {
    edit(w, { subnet: 'fd00:50::/64' });
    const points = w.points.map((point) => {
      const result = pointResult(point, 'client');
      const measurements = result.measurements.map((m) => (m.metric === 'throughput' ? { ...m, value: 9.4e9 } : m));
      return { ...result, measurements };
    });
    w.deliver('client-0', { points });
  };
  live(world, 'delivered', fast);
  expect(world.conditions()).toContain('Succeeded=True/Completed');
});

describe('the grant', () => {
  test.each<[Mode, object]>([
    [{ name: 'native', type: 'Native' }, { pod: { image: 'runner:1' } }],
    [{ name: 'virtio', type: 'Virtio' }, { vm: new TrialWorld().testbed?.spec.vm }],
    [
      { name: 'one-sided', type: 'Virtio', peer: 'Native' },
      { pod: { image: 'runner:1' }, vm: new TrialWorld().testbed?.spec.vm },
    ],
  ])('keeps of the Testbed what %s is made from', (mode, kept) => {
    const common = { generation: 1, link: { bitsPerSecond: '10G', mtu: 1500 }, concurrency: 1 };
    expect(new TrialWorld({ mode }).trial.status?.grant?.testbed).toEqual({ ...common, ...kept });
  });

  test('of an operator that kept nothing: the Testbed as it is now counts', () => {
    const world = new TrialWorld();
    forget(world);
    live(world);
    expect(world.conditions()).toContain('Succeeded=True/Completed');
    const edited = new TrialWorld();
    forget(edited);
    live(edited, 'created', (w) => edit(w, { link: { bitsPerSecond: '10G', mtu: 9000 } }));
    expect(edited.message('Succeeded')).toMatch(/has an MTU of 1500 bytes; expected 9000$/);
  });
});
