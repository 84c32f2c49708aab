import { describe, expect, test } from '@jest/globals';
import { LABEL_ENDPOINT, LABEL_TRIAL_UID } from '../api/labels.ts';
import type { Mode } from '../api/v1alpha1.ts';
import { TrialWorld, type Setup } from '../../test/support/trial-world.ts';
import { isEmpty } from './types.ts';

const NATIVE: Mode = { name: 'native', type: 'Native' };
const VIRTIO: Mode = { name: 'virtio', type: 'Virtio' };
const PASSTHROUGH: Mode = { name: 'passthrough', type: 'Passthrough' };
const ONE_SIDED: Mode = { name: 'one-sided', type: 'Passthrough', peer: 'Native' };

const SHAPES: { title: string; setup: Setup; kinds: string[] }[] = [
  { title: 'Native', setup: { mode: NATIVE }, kinds: ['Pod', 'Pod'] },
  { title: 'Virtio', setup: { mode: VIRTIO }, kinds: ['VirtualMachineInstance', 'VirtualMachineInstance'] },
  { title: 'Passthrough', setup: { mode: PASSTHROUGH }, kinds: ['VirtualMachineInstance', 'VirtualMachineInstance'] },
  { title: 'peer Native', setup: { mode: ONE_SIDED }, kinds: ['VirtualMachineInstance', 'Pod'] },
  { title: 'two pairs', setup: { mode: NATIVE, spec: { pairs: 2 } }, kinds: ['Pod', 'Pod', 'Pod', 'Pod'] },
  {
    title: 'two pairs of VMs on one node',
    setup: { mode: PASSTHROUGH, spec: { pairs: 2, placement: 'SameNode' } },
    kinds: Array<string>(4).fill('VirtualMachineInstance'),
  },
];

const atRest = (world: TrialWorld): void => {
  expect(isEmpty(world.plan())).toBe(true);
};

describe.each(SHAPES)('the life of a trial: $title', ({ setup, kinds }) => {
  test('step by step, each a fixed point', () => {
    const world = new TrialWorld(setup);
    const begun = world.reconcile();
    expect(begun.create.map(({ kind }) => kind)).toEqual(['Secret', ...kinds]);
    expect(begun.status).toBeUndefined();
    atRest(world);
    expect(world.plan().requeueAfterMs).toBe(120_050);

    world.run();
    atRest(world);

    const names = world.endpoints.map(({ name }) => name);
    for (const name of names.slice(1)) {
      world.register(name);
      atRest(world);
    }
    world.register(names[0] ?? '');
    const ready = world.reconcile();
    expect(ready).toMatchObject({ create: [], remove: [], events: [] });
    expect(world.conditions()).toEqual(['Granted=True/Granted', 'EndpointsReady=True/AllReported']);
    expect(world.trial.status?.startTime).toBe('2026-01-01T00:10:00Z');
    expect(world.trial.status?.endpoints?.map(({ name }) => name)).toEqual(names);
    atRest(world);

    for (const name of names.slice(1)) {
      world.pass(1).deliver(name);
      atRest(world);
    }
    world.deliver(names[0] ?? '').reconcile();
    expect(world.conditions()).toContain('Measured=True/ResultsStored');
    const pairs = kinds.length / 2;
    expect(world.trial.status?.measurements).toHaveLength(measurementsOf(pairs));
    expect(world.trial.status?.measurements?.every(({ value }) => value !== undefined)).toBe(true);
    expect(world.trial.status?.raw?.map(({ endpoint }) => endpoint)).toEqual(names);
    expect(world.trial.status?.measuredSeconds).toBeGreaterThan(0);
    atRest(world);
    expect(world.plan().requeueAfterMs).toBe(20_000);

    world.end();
    const removal = world.reconcile();
    expect(removal.status).toBeUndefined();
    expect(new Set(removal.remove.map(({ kind }) => kind))).toEqual(new Set([...kinds, 'Secret']));
    atRest(world);

    world.vanish().pass(2).reconcile();
    expect(world.conditions()).toEqual([
      'Granted=True/Granted',
      'EndpointsReady=True/AllReported',
      'Measured=True/ResultsStored',
      'CleanedUp=True/EndpointsGone',
      'Finished=True/Completed',
      'Succeeded=True/Completed',
    ]);
    expect(world.trial.status?.completionTime).toBe('2026-01-01T00:10:0' + `${kinds.length - 1 + 2}Z`);
    expect([world.pods, world.vmis, world.secrets]).toEqual([[], [], []]);
    atRest(world.pass(1_000_000));
  });

  test('the Secret is named alike in all that refers to it, and each child carries the trial', () => {
    const world = new TrialWorld(setup);
    const { create } = world.reconcile();
    const [secret, ...endpoints] = create;
    for (const object of create) {
      expect(object.metadata.labels?.[LABEL_TRIAL_UID]).toBe(world.trial.metadata.uid);
      expect(object.metadata.ownerReferences).toMatchObject([{ kind: 'Trial', uid: world.trial.metadata.uid }]);
    }
    for (const [i, object] of endpoints.entries()) {
      expect(JSON.stringify(object['spec'])).toContain(`"${secret?.metadata.name}"`);
      expect(object.metadata.labels?.[LABEL_ENDPOINT]).toBe(world.endpoints[i]?.name);
    }
  });

  test('an operator that restarts before, after or within any step comes to the same end', () => {
    const reference = live(new TrialWorld(setup), () => {});
    expect(reference.isTrue('Succeeded')).toBe(true);
    for (let at = 0; at < 8; at++) {
      for (const crash of ['before', 'status', 'firstCreate', 'after'] as const) {
        const world = live(new TrialWorld(setup), (step, w) => {
          if (step !== at) return;
          if (crash === 'status' || crash === 'firstCreate') w.reconcile(crash);
          if (crash === 'after') w.reconcile();
          w.restart();
        });
        expect(world.conditions()).toEqual(reference.conditions());
        expect(world.trial.status?.measurements).toEqual(reference.trial.status?.measurements);
        expect([world.pods, world.vmis, world.secrets]).toEqual([[], [], []]);
      }
    }
  });
});

/** A whole life; endpoints tell again, as real ones do, whatever has not been answered. */
function live(world: TrialWorld, disturb: (step: number, world: TrialWorld) => void): TrialWorld {
  const tell = (w: TrialWorld, measured: boolean): void => {
    if (w.isTrue('Measured')) return;
    if (measured) w.deliverAll();
    else if (!w.isTrue('EndpointsReady')) w.registerAll();
  };
  const steps: ((w: TrialWorld) => void)[] = [
    () => {},
    (w) => w.run(),
    (w) => tell(w, false),
    () => {},
    (w) => tell(w, true),
    (w) => w.end(),
    () => {},
    (w) => w.vanish(),
  ];
  let measured = false;
  for (const [i, step] of steps.entries()) {
    step(world);
    measured ||= i === 4;
    disturb(i, world);
    if (i >= 2) tell(world, measured);
    world.settle();
  }
  return world;
}

/** Throughput and retransmits of two Stream points, seven metrics of the UDP latency point, start skews of several pairs. */
const measurementsOf = (pairs: number): number => pairs * (2 * 2 + 7 + (pairs > 1 ? 3 : 0));

test('two pairs on one node share no wire: together they may move more than the link carries', () => {
  const measured = (placement: 'SameNode' | 'CrossNode'): string[] => {
    const link = { bitsPerSecond: '1500M', mtu: 1500 };
    const world = new TrialWorld({ mode: NATIVE, spec: { pairs: 2, placement }, testbed: { link } });
    world.settle();
    world.run().registerAll().settle();
    world.deliverAll().reconcile();
    return world.conditions().filter((text) => text.startsWith('Measured'));
  };
  expect(measured('SameNode')).toEqual(['Measured=True/ResultsStored']);
  expect(measured('CrossNode')).toEqual(['Measured=False/ExceedsLinkRate']);
});

describe('the end', () => {
  const measured = (setup?: Setup): TrialWorld => {
    const world = new TrialWorld(setup);
    world.settle();
    world.run().registerAll().settle();
    world.deliverAll().reconcile();
    expect(world.isTrue('Measured')).toBe(true);
    return world;
  };

  test('endpoints that do not end by themselves are removed after 20 s', () => {
    const world = measured();
    atRest(world.pass(19));
    world.pass(1).reconcile();
    expect(world.pods.every(({ metadata }) => metadata.deletionTimestamp !== undefined)).toBe(true);
  });

  test('what stays is named, its grant is held, and the trial ends when it goes', () => {
    const world = measured({ mode: PASSTHROUGH });
    world.end().reconcile();
    world.vmis = [];
    const [pod] = world.pods;
    world.pods = pod === undefined ? [] : [pod];
    expect(world.plan().requeueAfterMs).toBe(180_050);
    atRest(world.pass(179));
    world.pass(1).reconcile();
    expect(world.conditions().at(-1)).toBe('CleanedUp=False/EndpointsRemain');
    expect(world.message('CleanedUp')).toContain(`Pod ${pod?.metadata.name}`);
    expect(world.isTrue('Finished')).toBe(false);
    expect(world.trial.status?.grant).toBeDefined();
    atRest(world.pass(100_000));
    world.nodes.clear();
    world.reconcile();
    expect(world.message('CleanedUp')).toContain('which is gone or not Ready');
    atRest(world.pass(1));
    world.pods = [];
    world.settle();
    expect(world.conditions()).toEqual(
      expect.arrayContaining(['CleanedUp=True/EndpointsGone', 'Succeeded=True/Completed']),
    );
  });

  test('a pod whose creation was answered by nobody is removed as well', () => {
    const world = new TrialWorld();
    const { create } = world.plan();
    expect(create).toHaveLength(3);
    world.experiment = null;
    world.reconcile();
    expect(world.reconcile().remove).toContainEqual({
      kind: 'Pod',
      namespace: 'bench',
      labelSelector: `vfbench.io/trial-uid=${world.trial.metadata.uid},!kubevirt.io/created-by`,
    });
  });

  test('a launcher pod is never removed by us, its VM is', () => {
    const world = measured({ mode: VIRTIO });
    world.pass(20).reconcile();
    const launchers = world.pods.filter(({ metadata }) => metadata.name.startsWith('virt-launcher'));
    expect(launchers).toHaveLength(2);
    expect(launchers.every(({ metadata }) => metadata.deletionTimestamp === undefined)).toBe(true);
    expect(world.vmis.every(({ metadata }) => metadata.deletionTimestamp !== undefined)).toBe(true);
  });
});

describe('nothing to do', () => {
  test.each<[string, (world: TrialWorld) => void]>([
    ['not granted', (w) => (w.trial = { ...w.trial, status: {} })],
    ['no status at all', (w) => delete w.trial.status],
  ])('%s', (_, arrange) => {
    const world = new TrialWorld();
    arrange(world);
    expect(world.plan()).toEqual({ create: [], remove: [], events: [] });
  });
});
