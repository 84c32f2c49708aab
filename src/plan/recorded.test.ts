/** What a Trial is told of each recorded pod and VM, and when: as if that had been its client, and its server all right. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type Happening, play } from '../../test/support/replay.ts';
import { TrialWorld } from '../../test/support/trial-world.ts';
import { condition } from './podState.ts';
import type { ObjectEvent, Pod, Vmi } from './observed.ts';

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`testdata/${name}.json`, import.meta.url), 'utf8')) as T;

/** Of the one pod that kubelet refused. */
const CREATED = '2026-11-22T21:33:40Z';
/** No recording measures. */
const TIMEOUTS = { scheduleSeconds: 120, startSeconds: 300, marginSeconds: 3600, cleanupSeconds: 180 };

function tell(type: 'Native' | 'Virtio', now: number, happenings: Happening[]): string {
  const world = new TrialWorld({ mode: { name: type.toLowerCase(), type }, testbed: { timeouts: TIMEOUTS }, now });
  for (const endpoint of world.endpoints) delete endpoint.resource;
  world.settle();
  world.run().register('server-0');
  const told = play(world, happenings);
  if (told === null) return 'nothing';
  return `${told.seconds} s ${told.reason}: ${told.message.replaceAll(world.endpoint('client-0').object, 'OBJECT')}`;
}

/** The recorded object takes the place of the client's, under its name. */
function become<T extends Pod | Vmi>(world: TrialWorld, objects: T[], recorded: T | null): T[] {
  const { object } = world.endpoint('client-0');
  const others = objects.filter(({ metadata }) => metadata.name !== object);
  return recorded === null ? others : [...others, { ...recorded, metadata: { ...recorded.metadata, name: object } }];
}

const happened = (event: ObjectEvent): Happening => ({
  at: event.lastSeen,
  change: ({ events }) => events.push(event),
});

const gone = (pod: Pod, at: number): Happening => ({
  at,
  change: (w) => (w.pods = w.pods.filter(({ metadata }) => metadata.uid !== pod.metadata.uid)),
});

const scheduledAt = (pod: Pod): number =>
  Date.parse(condition(pod.status?.conditions, 'PodScheduled')?.lastTransitionTime ?? CREATED);

const launched = (pod: Pod, at = scheduledAt(pod)): Happening => ({
  at,
  change: (w) => (w.pods = [...w.pods.filter(({ metadata }) => metadata.uid !== pod.metadata.uid), pod]),
});

const PODS = read<{ name: string; pod: Pod; events: ObjectEvent[] }[]>('pods');

describe('a pod, as recorded', () => {
  function tellOfPod({ pod, events }: { pod: Pod; events: ObjectEvent[] }): string {
    const begin = scheduledAt(pod);
    const change = (w: TrialWorld): void => {
      w.pods = become(w, w.pods, pod);
      if (pod.status?.phase === 'Running') w.register('client-0');
    };
    return tell('Native', begin, [{ at: begin, change }, ...events.map(happened)]);
  }

  /** Where nobody measures. */
  const RUNS = '3624 s MeasureTimeout: No results from server-0, client-0 within 3624 s';
  const CNI =
    'NetworkAttachFailed: client-0: failed to setup network: plugin type="multus" name="multus-cni-network" failed (add): ';
  const NO_NAD = 'create that NetworkAttachmentDefinition, or name another one in the Testbed';
  const NO_VF =
    'LoadConf(): VF pci addr is required: the pod was given no VF: annotate the attachment with k8s.v1.cni.cncf.io/resourceName, and let that resource be the pool of its VFs';
  const PREEMPTION = 'no new claims to deallocate, preemption: 0/1 nodes are available: 1';
  /** The beginning and the end of what is told. */
  const ROWS: Record<string, [begin: string, end?: string]> = {
    done1: ['0 s ResultLost: Pod OBJECT ended without delivering its results: see its log or console'],
    forced: [
      '0 s InsufficientVFs: client-0: Pod OBJECT failed: UnexpectedAdmissionError Pod was rejected: Allocate failed',
      'for openshift.io/vfnet. Requested: 1, Available: 0, which is unexpected',
    ],
    'fifth.pending': [
      '120 s Unschedulable: client-0: 0/1 nodes are available: 1 Insufficient openshift.io/vfnet. ',
      `${PREEMPTION} No preemption victims found for incoming pod. (waited 120 s)`,
    ],
    'e-nores': [
      '120 s Unschedulable: client-0: 0/1 nodes are available: 1 Insufficient openshift.io/vfother. ',
      `${PREEMPTION} Preemption is not helpful for scheduling. (waited 120 s)`,
    ],
    'e-noimage': [
      '120 s ImagePullFailed: client-0: ErrImageNeverPull: Container image "localhost/lab/nosuch:1"',
      'is not present with pull policy of Never (waited 120 s)',
    ],
    'e-pull': [
      '120 s ImagePullFailed: client-0: ErrImagePull: failed to pull and unpack image "localhost/lab/nosuch:2"',
      'dial tcp 127.0.0.1:443: connect: connection refused (waited 120 s)',
    ],
    // From the first failure on, though that one told no cause.
    'e-wrongnad': [`124 s ${CNI}`, `"nosuch-net" not found: ${NO_NAD} (waited 120 s)`],
    'e-badns': [`131 s ${CNI}`, `"sriov-net" not found: ${NO_NAD} (waited 120 s)`],
    'e-badjson': [
      `131 s ${CNI}`,
      "failed to unmarshal Spec.Config: unexpected end of JSON input: the attachment's spec.config is no JSON: correct it (waited 120 s)",
    ],
    // The last failure tells no cause.
    'e-badann': [
      `132 s ${CNI}`,
      "failed to parse pod Network Attachment Selection Annotation JSON format: unexpected end of JSON input: the pod's annotation k8s.v1.cni.cncf.io/networks is not what was asked for: a webhook changed it, exclude the namespace from it (waited 120 s)",
    ],
    'e-emptyconfig': [
      `131 s ${CNI}`,
      'No networks found in /etc/cni/multus/net.d: the attachment has no spec.config and no file of that name is on the node: write spec.config (waited 120 s)',
    ],
    'e-noannot': [`135 s ${CNI}`, `${NO_VF} (waited 120 s)`],
    'e-norequest': [`134 s ${CNI}`, `${NO_VF} (waited 120 s)`],
    'launcher-no-vf-request': [`121 s ${CNI}`, `${NO_VF} (waited 120 s)`],
    'e-nobin': [
      `133 s ${CNI}`,
      'failed to find plugin "ovs" in path [/opt/cni/bin /opt/cni/bin]: install that CNI plugin on the node, or correct the type in the attachment (waited 120 s)',
    ],
    'cli-mac.creating': [
      `124 s ${CNI}`,
      `cannot assign requested address": the VF's driver refuses a MAC: remove mac from the attachment, the address is read back (waited 120 s)`,
    ],
  };

  test.each(PODS)('$name', (row) => {
    const [begin, end = ''] = ROWS[row.name] ?? (row.pod.status?.phase === 'Running' ? [RUNS] : ['no row']);
    const told = tellOfPod(row);
    expect([told.slice(0, begin.length), told.slice(told.length - end.length)]).toEqual([begin, end]);
  });
});

describe('a VM, as recorded', () => {
  const VMIS = read<{ t: number; type: string; vmi: Vmi }[]>('watch-vmi');
  const LAUNCHERS = read<{ t: number; type: string; pod: Pod }[]>('watch-pods');
  interface Life {
    uid: string;
    /** When the record breaks off. */
    until?: number;
    more?: Happening[];
  }

  function tellOfVm({ uid, until = Infinity, more = [] }: Life): string {
    const own = VMIS.filter(({ vmi, t }) => vmi.metadata.uid === uid && t < until);
    const launchers = LAUNCHERS.filter(
      ({ pod, t }) => t < until && pod.metadata.labels?.['kubevirt.io/created-by'] === uid,
    );
    return tell('Virtio', Date.parse(own[0]?.vmi.metadata.creationTimestamp ?? ''), [
      ...own.map(({ t, type, vmi }) => ({
        at: t,
        change: (w: TrialWorld): void => {
          w.vmis = become(w, w.vmis, type === 'DELETED' ? null : vmi);
          if (vmi.status?.phase === 'Running') w.register('client-0');
        },
      })),
      ...launchers.map(({ t, type, pod }) => (type === 'DELETED' ? gone(pod, t) : launched(pod, t))),
      ...more,
    ]);
  }

  const WITHOUT_VF = PODS.find(({ name }) => name === 'launcher-no-vf-request');
  const CRASHED = '95fd7cbf-1093-43c2-9d7a-f7f4a18c68eb';
  const LIVES: Record<string, Life & { told: string | RegExp }> = {
    'its launcher gets no VF: deleted in the end': {
      uid: '42004faa-a166-437f-b971-425a281b56a8',
      more: WITHOUT_VF === undefined ? [] : [launched(WITHOUT_VF.pod), ...WITHOUT_VF.events.map(happened)],
      told: /^121 s NetworkAttachFailed: client-0: .* VF pci addr is required: .* \(waited 120 s\)$/,
    },
    'its launcher crashes, and an event says so': {
      uid: CRASHED,
      more: [
        happened({
          uid: CRASHED,
          reason: 'Stopped',
          message: 'The VirtualMachineInstance crashed.',
          lastSeen: 1795384005400,
        }),
      ],
      told: '33 s EndpointFailed: client-0: VM OBJECT failed: The VirtualMachineInstance crashed.',
    },
    'its launcher crashes, and the event is lost': {
      uid: CRASHED,
      told: '42 s EndpointFailed: client-0: VM OBJECT failed: its launcher crashed or lost its pod; see its events',
    },
    'deleted while it runs': {
      uid: 'c5db4e04-69dd-498c-be66-683b4c3a7fe8',
      told: '264 s EndpointLost: VirtualMachineInstance OBJECT was deleted by somebody else',
    },
    'powered off': {
      uid: '8c3e1d31-f254-4f6a-b136-250bdb3f3b9f',
      told: '186 s ResultLost: VirtualMachineInstance OBJECT ended without delivering its results: see its log or console',
    },
    'powered off, with its launcher': {
      uid: '24d89645-2411-4ceb-aa1f-d8caf971fa89',
      told: '268 s ResultLost: VirtualMachineInstance OBJECT ended without delivering its results: see its log or console',
    },
    'no node takes it: deleted after 6 s': {
      uid: 'a9721aa0-5431-4a67-9e77-a7546379d86d',
      told: '6 s EndpointLost: VirtualMachineInstance OBJECT was deleted by somebody else',
    },
    'no node takes it': {
      uid: 'a9721aa0-5431-4a67-9e77-a7546379d86d',
      until: 1795384869290,
      told: /^120 s Unschedulable: client-0: 0\/1 nodes are available: 1 Insufficient openshift\.io\/vfvfio\. /,
    },
  };

  test.each(Object.entries(LIVES))('%s', (_, { told, ...life }) => {
    expect(tellOfVm(life)).toEqual(typeof told === 'string' ? told : expect.stringMatching(told));
  });

  test('every VM that was watched is told of', () => {
    const told = Object.values(LIVES).map(({ uid }) => uid);
    expect(new Set(told)).toEqual(new Set(VMIS.map(({ vmi }) => vmi.metadata.uid)));
  });
});
