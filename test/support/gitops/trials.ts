/** Trials as their controller leaves them, for what reads their health. */
import type { Trial } from '../../../src/api/v1alpha1.ts';
import { setCondition } from '../../../src/api/conditions.ts';
import { trial } from '../builders.ts';
import { TrialWorld } from '../trial-world.ts';

const VIRTIO = { name: 'virtio', type: 'Virtio' } as const;

function begun(): TrialWorld {
  const world = new TrialWorld();
  world.settle();
  world.run();
  return world;
}

function ready(): TrialWorld {
  const world = begun().registerAll();
  world.settle();
  return world;
}

function delivered(): TrialWorld {
  const world = ready().deliverAll();
  world.reconcile();
  return world;
}

function cleaned(world: TrialWorld): Trial {
  world.end();
  world.pass(30);
  for (let step = 0; step < 4; step++) {
    world.reconcile();
    world.vanish();
  }
  return world.trial;
}

function late(): TrialWorld {
  const world = new TrialWorld({ mode: VIRTIO });
  world.settle();
  world.run().pass(3600);
  world.reconcile();
  return world;
}

function waiting(): Trial {
  const fresh = trial();
  const update = {
    type: 'Granted',
    status: 'False',
    reason: 'InsufficientVFs',
    message: 'node-a: needs 1 of x/vfnet, 0 of 4 free: held by pods team-a/vm-1 (4)',
  } as const;
  return { ...fresh, status: { conditions: setCondition([], update, { now: 1_767_226_200_000, generation: 1 }) } };
}

/** By the name of the fixture. */
export const TRIAL_FIXTURES: Record<string, () => Trial> = {
  unseen: () => trial(),
  'waiting-for-vfs': waiting,
  granted: () => begun().trial,
  measuring: () => ready().trial,
  measured: () => delivered().trial,
  completed: () => cleaned(delivered()),
  'failed-cleaning-up': () => late().trial,
  'boot-timeout': () => cleaned(late()),
  'endpoints-remain': () => {
    const world = delivered();
    world.end().pass(30);
    world.reconcile();
    world.pass(600);
    world.reconcile();
    return world.trial;
  },
  deleting: () => {
    const { trial: running } = ready();
    return { ...running, metadata: { ...running.metadata, deletionTimestamp: '2026-01-01T02:00:00Z' } };
  },
};
