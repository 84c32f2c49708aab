import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Mode } from '../api/v1alpha1.ts';
import { node } from '../../test/support/builders.ts';
import { TrialWorld } from '../../test/support/trial-world.ts';
import { isEmpty } from './types.ts';

const MODES: Mode[] = [
  { name: 'native', type: 'Native' },
  { name: 'virtio', type: 'Virtio' },
  { name: 'passthrough', type: 'Passthrough' },
  { name: 'one-sided', type: 'Virtio', peer: 'Native' },
];
const POD_PHASES = ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown', ''];
const VMI_PHASES = ['', 'Pending', 'Scheduling', 'Scheduled', 'Running', 'Succeeded', 'Failed', 'Unknown'];
const CONDITIONS = [
  [],
  [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'no room' }],
  [{ type: 'Synchronized', status: 'False', reason: 'ErrImagePull' }],
  [{ type: 'Ready', status: 'False', reason: 'PodTerminating' }],
];

interface Event {
  what:
    | 'pod'
    | 'vmi'
    | 'launch'
    | 'delete'
    | 'vanish'
    | 'register'
    | 'deliver'
    | 'problem'
    | 'wrong'
    | 'fault'
    | 'run'
    | 'registerAll'
    | 'deliverAll'
    | 'end'
    | 'cni'
    | 'nodeDown'
    | 'nodeUp'
    | 'restart'
    | 'pass'
    | 'refused'
    | 'experimentGone'
    | 'testbedGone'
    | 'modeGone'
    | 'templateGone'
    | 'stranger';
  /** Which endpoint, phase or number of seconds. */
  n: number;
  /** How much of the next plan is carried out. */
  carry: 'nothing' | 'status' | 'firstCreate' | 'end' | 'settle';
}

const HAPPY: Event['what'][] = [
  'run',
  'registerAll',
  'deliverAll',
  'end',
  'vanish',
  'register',
  'deliver',
  'pod',
  'vmi',
  'launch',
];
const ANY: Event['what'][] = [
  ...HAPPY,
  'delete',
  'problem',
  'wrong',
  'fault',
  'cni',
  'nodeDown',
  'nodeUp',
  'restart',
  'pass',
  'refused',
  'experimentGone',
  'testbedGone',
  'modeGone',
  'templateGone',
  'stranger',
];

const event = (what: readonly Event['what'][]): fc.Arbitrary<Event> =>
  fc.record({
    what: fc.constantFrom(...what),
    n: fc.nat({ max: 400 }),
    carry: fc.constantFrom(
      'nothing' as const,
      'status' as const,
      'firstCreate' as const,
      'end' as const,
      'settle' as const,
    ),
  });

/** Runs that get far, and runs in which anything happens. */
const histories = fc.array(fc.oneof({ weight: 4, arbitrary: event(HAPPY) }, { weight: 3, arbitrary: event(ANY) }), {
  minLength: 1,
  maxLength: 25,
});

const DO: Record<Event['what'], (w: TrialWorld, name: string, n: number) => unknown> = {
  pod: (w, name, n) => w.setPod(name, POD_PHASES[n % POD_PHASES.length] ?? '', { conditions: CONDITIONS[n % 4] ?? [] }),
  vmi: (w, name, n) =>
    w.setVmi(name, { phase: VMI_PHASES[n % VMI_PHASES.length] ?? '', conditions: CONDITIONS[n % 3] ?? [] }),
  launch: (w, name, n) => w.launch(w.endpoint(name), n % 10 === 0 ? 2 : 1),
  delete: (w, _, n) => {
    const all = [...w.pods, ...w.vmis];
    const object = all[n % Math.max(all.length, 1)];
    if (object !== undefined) object.metadata = { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' };
  },
  vanish: (w) => w.vanish(),
  register: (w, name) => w.register(name),
  deliver: (w, name) => w.deliver(name),
  problem: (w, name) => w.deliver(name, { error: { reason: 'ToolFailed', message: 'x' } }),
  wrong: (w, name, n) => (n % 2 === 0 ? w.register(name, { mtu: 1 }) : w.deliver(name, { points: [] })),
  fault: (w, name) => w.report(name, { fault: { reason: 'NoDataNic', message: 'x' } }),
  run: (w) => w.run(),
  registerAll: (w) => w.registerAll(),
  deliverAll: (w) => w.deliverAll(),
  end: (w) => w.end(),
  cni: (w, _, n) =>
    w.events.push({
      uid: w.pods[n % 3]?.metadata.uid ?? '',
      reason: 'FailedCreatePodSandBox',
      message: 'x',
      lastSeen: 0,
    }),
  nodeDown: (w, _, n) => w.nodes.delete(n % 2 === 0 ? 'node-a' : 'node-b'),
  nodeUp: (w) => ['node-a', 'node-b'].forEach((name) => w.nodes.set(name, node(name))),
  restart: (w) => w.restart(),
  pass: (w, _, n) => w.pass(n),
  refused: (w) => (w.refused = { reason: 'AdmissionRefused', message: 'x' }),
  experimentGone: (w) => (w.experiment = null),
  testbedGone: (w) => (w.testbed = null),
  modeGone: (w) => (w.mode = null),
  templateGone: (w) => delete (w.testbed?.spec as { vm?: unknown } | undefined)?.vm,
  stranger: (w, _, n) => {
    const labels = { 'vfbench.io/trial-uid': w.trial.metadata.uid ?? '' };
    w.pods.push({
      metadata: { name: `stranger-${n}`, namespace: 'bench', uid: `s${n}`, labels },
      spec: { containers: [] },
    });
  },
};

/** What must hold after any step, whatever happened. */
function check(world: TrialWorld, before: string): void {
  const { status } = world.trial;
  const conditions = world.conditions();
  if (before !== '') expect(JSON.stringify(world.trial)).toBe(before);
  const [finished, succeeded] = [world.isTrue('Finished'), world.isTrue('Succeeded')];
  if (finished) {
    expect([world.pods, world.vmis, world.secrets]).toEqual([[], [], []]);
    expect(conditions.filter((c) => /^(Finished|Succeeded|CleanedUp|Measured)=/.test(c))).toHaveLength(4);
    expect(status?.completionTime).toBeDefined();
  } else expect(succeeded).toBe(false);
  if (!succeeded) return;
  expect(world.isTrue('Measured')).toBe(true);
  const pairs = world.trial.spec.pairs;
  for (const point of world.points) {
    const stored = status?.measurements?.filter((m) => m.test === point.test && m.value !== undefined) ?? [];
    expect(new Set(stored.map((m) => m.pair)).size).toBe(pairs);
  }
}

/** The world goes on as it should, except that nobody helps the trial: it must end by itself. */
function runOut(world: TrialWorld): void {
  for (let round = 0; round < 20 && !world.isTrue('Finished'); round++) {
    const { requeueAfterMs } = world.settle();
    world.vanish();
    const { requeueAfterMs: again } = world.plan();
    const waits = world.isTrue('Finished') || world.conditions().includes('CleanedUp=False/EndpointsRemain');
    if (isEmpty(world.plan()) && !waits) expect(again).toBeGreaterThan(0);
    world.pass((requeueAfterMs ?? 1000) / 1000);
  }
  expect(world.isTrue('Finished')).toBe(true);
}

describe('whatever happens', () => {
  test('a trial never throws, comes to one end, stays there, and succeeds with its results only', () => {
    let succeeded = 0;
    const property = fc.property(
      fc.constantFrom(...MODES),
      fc.integer({ min: 1, max: 2 }),
      histories,
      (mode, pairs, events) => {
        const world = new TrialWorld({ mode, spec: { pairs } });
        for (const { what, n, carry } of events) {
          const finished = world.isTrue('Finished') ? JSON.stringify(world.trial) : '';
          const measured = world.conditions().find((c) => c.startsWith('Measured='));
          const { name } = world.endpoints[n % world.endpoints.length] ?? { name: 'server-0' };
          if (!finished) DO[what](world, name, n);
          if (carry === 'settle') world.settle();
          else if (carry !== 'nothing') world.reconcile(carry);
          check(world, finished);
          if (measured !== undefined) expect(world.conditions()).toContain(measured);
        }
        runOut(world);
        const end = JSON.stringify(world.trial);
        for (const { what, n } of events) DO[what](world, world.endpoints[0]?.name ?? '', n);
        world.reconcile();
        expect(JSON.stringify(world.trial)).toBe(end);
        if (world.isTrue('Succeeded')) succeeded++;
      },
    );
    fc.assert(property, { numRuns: 800 });
    // Neither is the property about failures only.
    expect(succeeded).toBeGreaterThan(20);
  });
});
