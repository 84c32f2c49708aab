/** How a Trial fails: arranged on the model of the cluster, and followed to its end. */
import { expect } from '@jest/globals';
import { failureOf } from '../../src/plan/trialFailure.ts';
import { isEmpty } from '../../src/plan/types.ts';
import { TrialWorld, type Setup } from './trial-world.ts';

export const VIRTIO: Setup = { mode: { name: 'virtio', type: 'Virtio' } };
export const PASSTHROUGH: Setup = { mode: { name: 'passthrough', type: 'Passthrough' } };

/** Created, running, registered, all persisted: measuring. */
export const measuring = (w: TrialWorld): TrialWorld => {
  w.run().registerAll().settle();
  expect(w.isTrue('EndpointsReady')).toBe(true);
  return w;
};

export interface Failure {
  title: string;
  setup?: Setup;
  /** Starts from created endpoints. */
  arrange: (world: TrialWorld) => unknown;
  /** Seconds for which the trial is given time: at `after - 1` it must still be going. */
  after?: number;
  reason: string;
  message: RegExp;
}

/** The trial goes on until `after`, then fails as told, cleans up and ends; each is written down before the next begins. */
export function expectFailure({ setup, arrange, after = 0, reason, message }: Failure): void {
  const world = new TrialWorld(setup);
  world.settle();
  arrange(world);
  // The watches tell of it at once.
  world.observed();
  if (after > 0) {
    world.pass(after - 1);
    expect(failureOf(world.observed(), world.now)).toBeNull();
    expect(isEmpty(world.plan())).toBe(true);
    const { requeueAfterMs = Infinity } = world.plan();
    expect(requeueAfterMs).toBeLessThanOrEqual(1050);
    world.pass(1);
  }

  const failed = world.reconcile();
  expect(failed).toMatchObject({ create: [], remove: [], events: [{ type: 'Warning', reason }] });
  expect(world.conditions()).toContain(`Measured=False/${reason}`);
  expect(world.message('Measured')).toMatch(message);

  world.settle();
  expect([...world.pods, ...world.vmis].length).toBeGreaterThan(0);
  expect(world.secrets).toEqual([]);
  world.vanish().settle();
  expect([world.pods, world.vmis]).toEqual([[], []]);
  expect(world.conditions().slice(-3)).toEqual([
    'CleanedUp=True/EndpointsGone',
    `Finished=True/${reason}`,
    `Succeeded=False/${reason}`,
  ]);
  expect(world.message('Succeeded')).toBe(world.message('Measured'));
  expect(world.trial.status?.measurements).toBeUndefined();
}
