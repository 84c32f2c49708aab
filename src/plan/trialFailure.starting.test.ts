import { test } from '@jest/globals';
import { registration } from '../../test/support/documents.ts';
import { expectFailure, type Failure, PASSTHROUGH, VIRTIO } from '../../test/support/trial-failures.ts';

const SCHEDULER = '0/2 nodes are available: 2 Insufficient x/vfvfio.';
const unschedulable = {
  conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: SCHEDULER }],
};
const waiting = (reason: string, message: string): object => ({
  containerStatuses: [{ name: 'runner', state: { waiting: { reason, message } } }],
});
const CNI = 'failed to create pod sandbox: cannot find a network-attachment-definition (vf-net) in namespace (bench)';

const STARTING: Failure[] = [
  {
    title: 'an endpoint that somebody removes while it starts',
    arrange: (w) => w.pods.pop(),
    reason: 'EndpointLost',
    message: /^Pod .*-client-0 is gone: it was deleted or evicted$/,
  },
  {
    title: 'a pod that no node takes',
    arrange: (w) => w.setPod('client-0', 'Pending', unschedulable),
    after: 120,
    reason: 'Unschedulable',
    message: /^client-0: 0\/2 nodes are available: 2 Insufficient x\/vfvfio\. \(waited 120 s\)$/,
  },
  {
    title: 'a VM whose launcher no node takes',
    setup: PASSTHROUGH,
    arrange: (w) => {
      w.run();
      w.setVmi('server-0', { phase: 'Scheduling', ...unschedulable });
      w.pods = w.pods.filter(({ metadata }) => !metadata.name.includes('server-0'));
    },
    after: 120,
    reason: 'Unschedulable',
    message: /^server-0: 0\/2 nodes are available/,
  },
  {
    title: 'a VM of which nobody makes a launcher',
    setup: VIRTIO,
    arrange: () => {},
    after: 120,
    reason: 'LauncherMissing',
    message:
      /^server-0: VirtualMachineInstance .* was not placed on node node-a within 120 s: KubeVirt made no launcher/,
  },
  {
    title: 'a VM whose launcher cannot be made',
    setup: PASSTHROUGH,
    arrange: (w) =>
      w.setVmi('client-0', {
        phase: 'Pending',
        conditions: [{ type: 'Synchronized', status: 'False', reason: 'FailedCreate', message: 'Limit must be set' }],
      }) && w.launch(w.endpoint('server-0')),
    after: 120,
    reason: 'VMNotSynchronized',
    message: /^client-0: FailedCreate: Limit must be set/,
  },
  {
    title: 'an image that cannot be pulled',
    arrange: (w) => w.setPod('server-0', 'Pending', waiting('ImagePullBackOff', 'Back-off pulling image "runner:1"')),
    after: 120,
    reason: 'ImagePullFailed',
    message: /^server-0: ImagePullBackOff: Back-off pulling image "runner:1"/,
  },
  {
    title: "a VM's image that cannot be pulled",
    setup: VIRTIO,
    arrange: (w) => {
      w.run();
      const sync = { type: 'Synchronized', status: 'False', reason: 'ErrImagePull', message: 'no such image' };
      w.setVmi('server-0', { phase: 'Scheduling', conditions: [sync] });
    },
    after: 120,
    reason: 'ImagePullFailed',
    message: /^server-0: ErrImagePull: no such image/,
  },
  {
    title: 'a container that cannot be made',
    arrange: (w) => w.setPod('server-0', 'Pending', waiting('CreateContainerConfigError', 'secret "x" not found')),
    after: 120,
    reason: 'ContainerFailed',
    message: /CreateContainerConfigError: secret "x" not found/,
  },
  {
    title: 'a network that cannot be attached',
    arrange: (w) => {
      const bound = w.setPod('server-0', 'Pending');
      if (bound !== undefined) bound.spec = { ...bound.spec, nodeName: 'node-a' };
      w.setPod('client-0', 'Running');
      w.events.push({
        uid: bound?.metadata.uid ?? '',
        reason: 'FailedCreatePodSandBox',
        message: CNI,
        lastSeen: 0,
      });
    },
    after: 120,
    reason: 'NetworkAttachFailed',
    message: /^server-0: failed to create pod sandbox: cannot find a network-attachment-definition/,
  },
  {
    title: 'a volume that cannot be mounted',
    arrange: (w) => {
      const bound = w.setPod('server-0', 'Pending');
      if (bound !== undefined) bound.spec = { ...bound.spec, nodeName: 'node-a' };
      w.setPod('client-0', 'Running');
      const message = 'MountVolume.SetUp failed for volume "config" : secret "x" not found';
      w.events.push({ uid: bound?.metadata.uid ?? '', reason: 'FailedMount', message, lastSeen: 0 });
    },
    after: 120,
    reason: 'VolumeMountFailed',
    message: /^server-0: MountVolume\.SetUp failed for volume "config" : secret "x" not found/,
  },
  {
    title: 'a pod that is evicted',
    arrange: (w) => {
      const evicted = w.run().setPod('server-0', 'Running', {
        conditions: [
          {
            type: 'DisruptionTarget',
            status: 'True',
            reason: 'EvictionByEvictionAPI',
            message: 'Eviction API: evicting',
          },
        ],
      });
      if (evicted !== undefined) evicted.metadata = { ...evicted.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' };
    },
    reason: 'EndpointLost',
    message: /^Pod .* was deleted by somebody else \(EvictionByEvictionAPI: Eviction API: evicting\)$/,
  },
  {
    title: 'a VM that runs and never reports in',
    setup: VIRTIO,
    arrange: (w) => w.run().register('server-0'),
    after: 300,
    reason: 'BootTimeout',
    message: /^client-0: .* runs, but did not report in within 300 s: .* console$/,
  },
  {
    title: 'a pod that runs and never reports in',
    arrange: (w) => w.run().register('client-0'),
    after: 300,
    reason: 'RegistrationTimeout',
    message: /^server-0: .* did not report in within 300 s: .* log$/,
  },
  {
    title: 'a pod that is placed and never runs',
    arrange: (w) => {
      w.run();
      w.setPod('server-0', 'Pending');
    },
    after: 300,
    reason: 'StartTimeout',
    message: /^server-0: Pod .* was not running within 300 s$/,
  },
  {
    title: 'a VM that is refused by admission',
    setup: VIRTIO,
    arrange: (w) =>
      (w.refused = { reason: 'AdmissionRefused', message: 'admission webhook denied the request: spec.domain' }),
    reason: 'AdmissionRefused',
    message: /^admission webhook denied the request: spec.domain$/,
  },
  {
    title: 'devices gone between scheduler and kubelet',
    arrange: (w) =>
      w.setPod('server-0', 'Failed', { reason: 'UnexpectedAdmissionError', message: 'Requested: 1, Available: 0' }),
    reason: 'InsufficientVFs',
    message: /^server-0: Pod .* failed: UnexpectedAdmissionError Requested: 1, Available: 0$/,
  },
  {
    title: 'a launcher that asks for two devices',
    setup: PASSTHROUGH,
    arrange: (w) => w.launch(w.endpoint('client-0'), 2),
    reason: 'InjectorConflict',
    message: /^client-0: Launcher pod virt-launcher-.* asks for 2 of x\/vfvfio, granted is 1/,
  },
  {
    title: 'a launcher that asks for none',
    setup: PASSTHROUGH,
    arrange: (w) => w.launch(w.endpoint('client-0'), 0),
    reason: 'InjectorConflict',
    message: /asks for 0 of x\/vfvfio, granted is 1: a webhook took it away, see .* exclude namespace bench$/,
  },
  {
    title: 'a launcher that ended before the VM ran',
    setup: VIRTIO,
    arrange: (w) =>
      w.setVmi('server-0', {
        phase: 'Scheduled',
        conditions: [{ type: 'Ready', status: 'False', reason: 'PodTerminating' }],
      }),
    reason: 'EndpointFailed',
    message: /^server-0: The launcher pod of VM .* ended$/,
  },
  {
    title: 'an endpoint that gives up',
    arrange: (w) => w.run().report('client-0', { fault: { reason: 'NoDataNic', message: 'there is no data0' } }),
    reason: 'NoDataNic',
    message: /^client-0: there is no data0$/,
  },
  {
    title: 'a tool that is not in the image',
    arrange: (w) => {
      const honest = registration(w.endpoint('server-0'), 'Native');
      w.run().report('server-0', { registration: { ...honest, tools: { iperf3: '3.18', sockperf: null } } });
    },
    reason: 'ToolMissing',
    message: /^server-0: sockperf is not in the image$/,
  },
  {
    title: 'a data NIC with the wrong driver',
    setup: PASSTHROUGH,
    arrange: (w) => w.run().register('server-0').register('client-0', { driver: 'virtio_net', bus: 'virtio' }),
    reason: 'WrongDataPath',
    message: /^client-0: Data NIC data0 has driver virtio_net on bus virtio; mode Passthrough expects/,
  },
  {
    title: 'a data NIC with another MAC',
    setup: VIRTIO,
    arrange: (w) => w.run().register('server-0', { mac: '02:00:00:00:00:01' }),
    reason: 'WrongDataPath',
    message: /^server-0: Data NIC data0 has MAC 02:00:00:00:00:01; expected 02:/,
  },
  {
    title: 'a data NIC with another MTU',
    arrange: (w) => w.run().register('server-0', { mtu: 9000 }),
    reason: 'WrongDataPath',
    message: /MTU of 9000 bytes; expected 1500/,
  },
];

test.each(STARTING)('$title: $reason', expectFailure);
