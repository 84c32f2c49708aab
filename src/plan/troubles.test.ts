import { describe, expect, test } from '@jest/globals';
import { play } from '../../test/support/replay.ts';
import { VIRTIO } from '../../test/support/trial-failures.ts';
import { type Setup, TrialWorld } from '../../test/support/trial-world.ts';
import type { Pod } from './observed.ts';

/** Seconds after the grant, and what is the case from then on. */
type Step = [second: number, change: (world: TrialWorld) => unknown];

interface Row {
  title: string;
  setup?: Setup;
  steps: Step[];
  told: [seconds: number, text: string | RegExp];
}

const bound = (w: TrialWorld, status: Partial<NonNullable<Pod['status']>> = {}): void => {
  const pod = w.setPod('client-0', 'Pending', status);
  if (pod !== undefined) pod.spec = { ...pod.spec, nodeName: 'node-b' };
};
const others: Step = [0, (w) => w.run().register('server-0')];
const happens =
  (reason: string, message: string) =>
  (w: TrialWorld): unknown => {
    const uid = [...w.pods, ...w.vmis].find(({ metadata }) => metadata.name === w.endpoint('client-0').object)?.metadata
      .uid;
    return w.events.push({ uid: uid ?? '', reason, message, lastSeen: w.now });
  };
const ready = { type: 'PodReadyToStartContainers', status: 'True' };
const waiting = (reason: string): Partial<NonNullable<Pod['status']>> => ({
  conditions: [ready],
  containerStatuses: [{ name: 'runner', state: { waiting: { reason, message: 'runner:1' } } }],
});
const phase =
  (name: string) =>
  (w: TrialWorld): unknown =>
    w.setVmi('client-0', {
      phase: name,
      phaseTransitionTimestamps: [{ phase: name, phaseTransitionTimestamp: new Date(w.now).toISOString() }],
    });
const late = happens('SyncFailed', 'file is not populated with network-info');
const CNI = happens('FailedCreatePodSandBox', 'x: VF pci addr is required');
const NO_TIME = happens('FailedCreatePodSandBox', 'error waiting for pod: context deadline exceeded');
const MOUNT = happens('FailedMount', 'MountVolume.SetUp failed for volume "config" : secret "x" not found');

const ROWS: Row[] = [
  {
    title: 'a volume that was late, and a large image',
    steps: [others, [0, (w) => bound(w)], [1, MOUNT], [5, (w) => bound(w, waiting('ContainerCreating'))]],
    told: [300, /^StartTimeout: client-0: Pod .* was not running within 300 s$/],
  },
  {
    title: 'a VM that KubeVirt warned of once',
    setup: VIRTIO,
    steps: [others, [0, phase('Scheduled')], [1, late]],
    told: [300, /^StartTimeout: client-0: .* was not running within 300 s: its launcher pod runs/],
  },
  {
    title: 'a VM that KubeVirt warned of for a while',
    setup: VIRTIO,
    steps: [others, [0, phase('Scheduled')], [1, late], [20, late], [40, late]],
    told: [300, /^StartTimeout: /],
  },
  {
    title: 'a VM that KubeVirt warns of again and again, at twice the distance each',
    setup: VIRTIO,
    steps: [others, [0, phase('Scheduled')], ...[1, 2, 4, 8, 16, 32, 64, 128, 256].map((s): Step => [s, late])],
    told: [121, 'VMNotSynchronized: client-0: SyncFailed: file is not populated with network-info (waited 120 s)'],
  },
  {
    title: 'a VM that KubeVirt warned of before it was scheduled',
    setup: VIRTIO,
    steps: [
      others,
      [0, phase('Scheduling')],
      ...[20, 50, 80, 110].map((s): Step => [s, late]),
      [120, phase('Scheduled')],
    ],
    told: [300, /^StartTimeout: /],
  },
  {
    title: 'a VM that KubeVirt warned of once, and much later for good',
    setup: VIRTIO,
    steps: [others, [0, phase('Scheduled')], [1, late], ...[150, 180, 210, 240, 270].map((s): Step => [s, late])],
    told: [270, /^VMNotSynchronized: .* \(waited 120 s\)$/],
  },
  {
    title: 'an image that fails late',
    steps: [others, [0, (w) => bound(w)], [125, (w) => bound(w, waiting('ErrImagePull'))]],
    told: [245, 'ImagePullFailed: client-0: ErrImagePull: runner:1 (waited 120 s)'],
  },
  {
    title: 'an image that fails once and again',
    steps: [
      others,
      [0, (w) => bound(w)],
      [10, (w) => bound(w, waiting('ErrImagePull'))],
      [20, (w) => bound(w, waiting('ImagePullBackOff'))],
      [100, (w) => bound(w, waiting('ErrImagePull'))],
    ],
    told: [130, 'ImagePullFailed: client-0: ErrImagePull: runner:1 (waited 120 s)'],
  },
  {
    title: 'an image that fails when hardly any time is left',
    steps: [others, [0, (w) => bound(w)], [280, (w) => bound(w, waiting('ErrImagePull'))]],
    told: [300, 'ImagePullFailed: client-0: ErrImagePull: runner:1 (waited 20 s)'],
  },
  {
    title: 'a network that fails after its volumes did',
    steps: [others, [0, (w) => bound(w)], [1, MOUNT], [40, CNI], [50, NO_TIME]],
    told: [
      160,
      /^NetworkAttachFailed: client-0: x: VF pci addr is required: the pod was given no VF: .* \(waited 120 s\)$/,
    ],
  },
  {
    title: 'a node that is too slow for the network, and nothing else',
    steps: [others, [0, (w) => bound(w)], [1, NO_TIME], [50, NO_TIME]],
    told: [
      121,
      /^NetworkAttachFailed: client-0: error waiting for pod: context deadline exceeded: .* passes by itself/,
    ],
  },
  {
    title: 'a volume that cannot be mounted, and kubelet giving up on it',
    steps: [
      others,
      [0, (w) => bound(w)],
      [1, MOUNT],
      [119, happens('FailedMount', 'Unable to attach or mount volumes: timed out waiting for the condition')],
    ],
    told: [121, /^VolumeMountFailed: client-0: MountVolume\.SetUp failed .* secret "x" not found \(waited 120 s\)$/],
  },
];

function tell({ setup, steps }: Row): [seconds: number, text: string] | null {
  const world = new TrialWorld(setup);
  world.settle();
  const begin = world.now;
  const told = play(
    world,
    steps.map(([second, change]) => ({ at: begin + second * 1000, change })),
  );
  return told === null ? null : [told.seconds, `${told.reason}: ${told.message}`];
}

describe('what holds an endpoint up has its own time', () => {
  test.each(ROWS)('$title', (row) => {
    const [seconds, text] = row.told;
    expect(tell(row)).toEqual([seconds, typeof text === 'string' ? text : expect.stringMatching(text)]);
  });

  test('an operator that starts anew in between counts anew, within the time for the start', () => {
    const image: Step = [10, (w) => bound(w, waiting('ErrImagePull'))];
    const restart = (second: number): Step => [second, (w) => w.restart() ?? w.register('server-0')];
    const steps: Step[] = [others, [0, (w) => bound(w)], image, restart(100)];
    expect(tell({ title: '', steps, told: [0, ''] })?.[0]).toBe(220);
    expect(tell({ title: '', steps: [...steps, restart(200)], told: [0, ''] })?.[0]).toBe(300);
  });
});
