import { test } from '@jest/globals';
import { expectFailure, type Failure, VIRTIO } from '../../test/support/trial-failures.ts';
import type { TrialWorld } from '../../test/support/trial-world.ts';

const CNI = 'cannot find a network-attachment-definition (vf-net) in namespace (bench)';
const waiting = (reason: string, message: string): object => ({
  containerStatuses: [{ name: 'runner', state: { waiting: { reason, message } } }],
});

const WAITING: Failure[] = [
  {
    title: 'a launcher that runs, and a guest that KubeVirt does not start',
    setup: VIRTIO,
    arrange: (w) => {
      w.run().register('server-0');
      w.setVmi('client-0', { phase: 'Scheduled' });
    },
    after: 300,
    reason: 'StartTimeout',
    message: /^client-0: .* was not running within 300 s: its launcher pod runs, but KubeVirt did not start the guest/,
  },
  {
    title: 'a guest that has booted and never reports in',
    setup: VIRTIO,
    arrange: (w) => {
      w.run().register('server-0');
      w.setVmi('client-0', { phase: 'Running', conditions: [{ type: 'AgentConnected', status: 'True' }] });
    },
    after: 300,
    reason: 'RegistrationTimeout',
    message: /^client-0: .* has booted \(its guest agent answers\), but did not report in within 300 s/,
  },
  {
    title: 'a crash that an event explains',
    setup: VIRTIO,
    arrange: (w) => {
      w.run();
      const vm = w.setVmi('client-0', { phase: 'Failed' });
      const message = 'The VirtualMachineInstance crashed.';
      w.events.push({ uid: vm?.metadata.uid ?? '', reason: 'Stopped', message, lastSeen: 0 });
    },
    reason: 'EndpointFailed',
    message: /^client-0: VM .* failed: The VirtualMachineInstance crashed\.$/,
  },
  {
    title: 'a crash that no event explains in time',
    setup: VIRTIO,
    arrange: (w) => {
      w.run();
      const at = new Date(w.now).toISOString();
      const phaseTransitionTimestamps = [{ phase: 'Failed', phaseTransitionTimestamp: at }];
      w.setVmi('client-0', { phase: 'Failed', phaseTransitionTimestamps });
    },
    after: 10,
    reason: 'EndpointFailed',
    message: /^client-0: VM .* failed: its launcher crashed or lost its pod; see its events$/,
  },
  {
    title: 'a pod that the injector asked two devices for',
    setup: { testbed: { networks: [{ name: 'native', attachment: 'vf-net' }] } },
    arrange: (w) => {
      const [server] = w.pods;
      const [container] = server?.spec.containers ?? [];
      const resource = w.endpoint('server-0').resource ?? '';
      if (container !== undefined) container.resources = { requests: { [resource]: '2' } };
    },
    reason: 'InjectorConflict',
    message: /^server-0: Pod .* asks for 2 of x\/vfnet, granted is 1/,
  },
  {
    title: 'a pod that was bound late has its own time for its network',
    arrange: (w) => {
      const bound = w.setPod('server-0', 'Pending');
      const lastTransitionTime = new Date(w.now + 100_000).toISOString();
      if (bound !== undefined) {
        bound.spec = { ...bound.spec, nodeName: 'node-a' };
        bound.status = { ...bound.status, conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime }] };
      }
      w.setPod('client-0', 'Running');
      w.events.push({ uid: bound?.metadata.uid ?? '', reason: 'FailedCreatePodSandBox', message: CNI, lastSeen: 0 });
    },
    after: 220,
    reason: 'NetworkAttachFailed',
    message: /^server-0: .* \(waited 120 s\)$/,
  },
  {
    title: 'a node clock that is wrong does not lengthen a wait',
    arrange: (w) => {
      const bound = w.setPod('server-0', 'Pending', waiting('ImagePullBackOff', 'x'));
      const lastTransitionTime = '2020-01-01T00:00:00Z';
      if (bound !== undefined)
        bound.status = { ...bound.status, conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime }] };
    },
    after: 120,
    reason: 'ImagePullFailed',
    message: /^server-0: ImagePullBackOff: x \(waited 120 s\)$/,
  },
  {
    title: 'a clock of the scheduler that is an hour ahead lengthens a wait by no more than the time to be placed',
    arrange: (w) => boundLater(w, 3600),
    after: 240,
    reason: 'ImagePullFailed',
    message: /^server-0: ImagePullBackOff: x \(waited 120 s\)$/,
  },
  {
    title: 'a clock of the scheduler that is a minute ahead does so by that minute',
    arrange: (w) => boundLater(w, 60),
    after: 180,
    reason: 'ImagePullFailed',
    message: /^server-0: ImagePullBackOff: x \(waited 120 s\)$/,
  },
  {
    title: 'a clock that is ahead, and an endpoint that is not heard of',
    arrange: (w) => boundLater(w, 3600, {}),
    after: 420,
    reason: 'StartTimeout',
    message: /^server-0: Pod .* was not running within 300 s$/,
  },
];

/** Its client runs; its server's pod is bound, by the scheduler's clock so many seconds from now, and does not start. */
function boundLater(w: TrialWorld, seconds: number, status = waiting('ImagePullBackOff', 'x')): void {
  w.setPod('client-0', 'Running');
  w.register('client-0');
  const bound = w.setPod('server-0', 'Pending', status);
  if (bound === undefined) return;
  const lastTransitionTime = new Date(w.now + seconds * 1000).toISOString();
  bound.spec = { ...bound.spec, nodeName: 'node-a' };
  bound.status = { ...bound.status, conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime }] };
}

test.each(WAITING)('$title: $reason', expectFailure);
