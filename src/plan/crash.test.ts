import { describe, expect, test } from '@jest/globals';
import { play } from '../../test/support/replay.ts';
import { VIRTIO } from '../../test/support/trial-failures.ts';
import { TrialWorld } from '../../test/support/trial-world.ts';
import type { Pod } from './observed.ts';

/** Seconds after the VM's start, and what happens then. */
type Step = [second: number, change: (world: TrialWorld) => unknown];

const iso = (w: TrialWorld): string => new Date(w.now).toISOString();
const transition = (w: TrialWorld, phase: string): { phase: string; phaseTransitionTimestamp: string } => ({
  phase,
  phaseTransitionTimestamp: iso(w),
});
const launcherOf = (w: TrialWorld): Pod | undefined =>
  w.pods.find(({ metadata }) => metadata.name.includes(w.endpoint('client-0').object));

/** KubeVirt has seen that the launcher ends. */
const terminating = (w: TrialWorld): unknown =>
  w.setVmi('client-0', {
    phase: 'Scheduled',
    conditions: [{ type: 'Ready', status: 'False', reason: 'PodTerminating', lastTransitionTime: iso(w) }],
  });
const failed = (w: TrialWorld): unknown =>
  w.setVmi('client-0', { phase: 'Failed', phaseTransitionTimestamps: [transition(w, 'Failed')] });
const says = (message: string) => (w: TrialWorld) => {
  const vmi = w.vmis.find(({ metadata }) => metadata.name === w.endpoint('client-0').object);
  w.events.push({ uid: vmi?.metadata.uid ?? '', reason: 'Stopped', message, lastSeen: w.now });
};
const crashed = says('The VirtualMachineInstance crashed.');
const computeEnds =
  (exitCode: number, reason: string, status: Partial<NonNullable<Pod['status']>> = {}) =>
  (w: TrialWorld): void => {
    const launcher = launcherOf(w);
    const containerStatuses = [{ name: 'compute', state: { terminated: { exitCode, reason } } }];
    if (launcher !== undefined) launcher.status = { phase: 'Running', containerStatuses, ...status };
  };
const runs: Step = [0, (w) => w.run()];
const starts: Step = [0, (w) => w.run().setVmi('client-0', { phase: 'Scheduled' })];

interface Row {
  title: string;
  steps: Step[];
  told: [seconds: number, text: string];
}

const ROWS: Row[] = [
  {
    title: 'KubeVirt says that it ends, after 4.3 s that it failed, and then why',
    steps: [starts, [10, terminating], [14.3, failed], [15, crashed]],
    told: [15, 'EndpointFailed: client-0: VM OBJECT failed: The VirtualMachineInstance crashed.'],
  },
  {
    title: 'KubeVirt never comes to a verdict',
    steps: [starts, [10, terminating]],
    told: [20, 'EndpointFailed: client-0: The launcher pod of VM OBJECT ended'],
  },
  {
    title: 'KubeVirt never comes to a verdict, but says why',
    steps: [starts, [10, terminating], [12, crashed]],
    told: [20, 'EndpointFailed: client-0: The launcher pod of VM OBJECT ended: The VirtualMachineInstance crashed.'],
  },
  {
    title: 'KubeVirt had warned of something else before',
    steps: [starts, [10, says('not populated with network-info')], [60, failed], [62, crashed]],
    told: [62, 'EndpointFailed: client-0: VM OBJECT failed: The VirtualMachineInstance crashed.'],
  },
  {
    title: 'it ended well by its own account',
    steps: [starts, [9, computeEnds(0, 'Completed')], [10, terminating]],
    told: [20, 'EndpointFailed: client-0: The launcher pod of VM OBJECT ended'],
  },
  {
    title: 'out of memory while the guest runs, before the phase of the pod says so',
    steps: [runs, [10, computeEnds(137, 'OOMKilled')], [12.6, computeEnds(137, 'OOMKilled', { phase: 'Failed' })]],
    told: [10, 'EndpointFailed: client-0: Pod LAUNCHER failed: exit code 137 (OOMKilled)'],
  },
  {
    title: 'it ends before the guest starts',
    steps: [starts, [10, computeEnds(2, 'Error')], [11, terminating], [15, failed]],
    told: [10, 'EndpointFailed: client-0: Pod LAUNCHER failed: exit code 2 (Error)'],
  },
  {
    title: 'KubeVirt and the launcher say it at once',
    steps: [runs, [10, (w) => (computeEnds(137, 'Error')(w), crashed(w), failed(w))]],
    told: [
      10,
      'EndpointFailed: client-0: VM OBJECT failed: The VirtualMachineInstance crashed. Pod LAUNCHER failed: exit code 137 (Error)',
    ],
  },
  {
    title: 'the node ran out of memory: kubelet says so before the phase of the pod does',
    steps: [
      runs,
      [
        10,
        computeEnds(137, 'Error', {
          conditions: [
            {
              type: 'DisruptionTarget',
              status: 'True',
              reason: 'TerminationByKubelet',
              message: 'The node was low on resource: memory.',
            },
          ],
        }),
      ],
    ],
    told: [
      10,
      'EndpointFailed: client-0: Pod LAUNCHER failed: exit code 137 (Error) TerminationByKubelet: The node was low on resource: memory.',
    ],
  },
  {
    title: 'it is deleted, which ends it',
    steps: [
      runs,
      [
        10,
        (w) => {
          computeEnds(137, 'Error', { phase: 'Failed' })(w);
          const launcher = launcherOf(w);
          if (launcher !== undefined) launcher.metadata.deletionTimestamp = iso(w);
        },
      ],
    ],
    told: [10, 'EndpointLost: client-0: VM OBJECT lost its launcher pod: it was deleted by somebody else'],
  },
  {
    title: 'its VM is deleted before KubeVirt comes to a verdict',
    steps: [
      starts,
      [10, terminating],
      [
        12,
        (w) => {
          const vmi = w.vmis.find(({ metadata }) => metadata.name === w.endpoint('client-0').object);
          if (vmi !== undefined) vmi.metadata = { ...vmi.metadata, deletionTimestamp: iso(w) };
        },
      ],
      [13, failed],
    ],
    told: [12, 'EndpointLost: VirtualMachineInstance OBJECT was deleted by somebody else'],
  },
  {
    title: 'the time for its start is over before KubeVirt comes to a verdict',
    steps: [starts, [295, terminating], [299.3, failed], [301, crashed]],
    told: [301, 'EndpointFailed: client-0: VM OBJECT failed: The VirtualMachineInstance crashed.'],
  },
];

function tell(steps: Step[]): [seconds: number, text: string] | null {
  const world = new TrialWorld(VIRTIO);
  world.settle();
  world.register('server-0');
  const begin = world.now;
  const { object } = world.endpoint('client-0');
  const told = play(
    world,
    steps.map(([second, change]) => ({ at: begin + second * 1000, change })),
  );
  if (told === null) return null;
  const text = told.message.replaceAll(/virt-launcher-\S+/g, 'LAUNCHER').replaceAll(object, 'OBJECT');
  return [told.seconds, `${told.reason}: ${text}`];
}

describe('a launcher that ends', () => {
  test.each(ROWS)('$title', ({ steps, told }) => expect(tell(steps)).toEqual(told));

  test('is no failure where the Trial itself is being removed', () => {
    const world = new TrialWorld(VIRTIO);
    world.settle();
    world.run().setVmi('client-0', { phase: 'Scheduled' });
    world.experiment = null;
    world.settle();
    const before = world.conditions();
    expect(before).toContain('Measured=False/Cancelled');
    computeEnds(137, 'Error')(world);
    failed(world);
    crashed(world);
    world.pass(20).settle();
    expect(world.conditions()).toEqual(before);
    world.vanish().settle();
    expect(world.conditions()).toContain('Finished=True/Cancelled');
  });
});
