import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { GrantedEndpoint } from '../api/v1alpha1.ts';
import { pod, vmi } from '../../test/support/builders.ts';
import { type EndpointState, follow, objectsOf } from './follow.ts';
import type { Pod, ObjectEvent, Vmi } from './observed.ts';

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`testdata/${name}.json`, import.meta.url), 'utf8')) as T;

function endpoint(kind: GrantedEndpoint['kind'], object: string, resource?: string): GrantedEndpoint {
  const base = { name: 'server-0', kind, object, node: 'worker-a', attachment: 'x', address: '192.0.2.1/24' };
  return { ...base, ...(resource === undefined ? {} : { resource }) };
}

/** `Starting/Creating: reason`, `Failed: reason`, `Running`. */
function text(state: EndpointState): string {
  if (state.state === 'Starting') return `Starting/${state.stage}${state.finding ? `: ${state.finding.reason}` : ''}`;
  return state.state === 'Failed' ? `Failed: ${state.finding.reason}` : state.state;
}

function see(granted: GrantedEndpoint, pods: Pod[], vmis: Vmi[] = [], events: ObjectEvent[] = []): EndpointState {
  return follow(granted, objectsOf(granted, { pods, vmis, events }));
}

describe('a VM and its launcher, as recorded', () => {
  interface Rung {
    step: string;
    vmi: Vmi;
    pod?: Pod;
  }
  const LADDER = read<Rung[]>('ladder');
  const RESOURCE: Record<string, string> = {
    'guest-sriov': 'openshift.io/benchvfio',
    'guest-kernelboot': 'openshift.io/benchvfio',
    'guest-bridge': 'openshift.io/benchnetdev',
  };
  const STATES: Record<string, string> = {
    '0-created': 'Starting/Scheduling',
    '1-scheduling-0vf': 'Starting/Scheduling: Unschedulable',
    '2-scheduling-bound': 'Starting/Creating',
    '3-pod-bound-creating': 'Starting/Creating',
    '4-multus-done': 'Starting/Creating',
    '5-scheduled': 'Starting/Starting',
    '6-running': 'Running',
    '7-succeeded': 'Ended',
    '9-deleted-while-scheduling-bound': 'Deleting',
  };

  test.each(LADDER.map((rung) => ({ ...rung, vm: rung.vmi })))('$step', ({ step, vm, pod: launcher }) => {
    const [guest = '', rung = ''] = step.split('.');
    const state = see(endpoint('VirtualMachineInstance', guest, RESOURCE[guest]), launcher ? [launcher] : [], [vm]);
    expect(text(state)).toBe(STATES[rung]);
  });

  test('covers every step of every guest', () => {
    expect(LADDER.map(({ step }) => step.split('.')[0])).toEqual([
      ...Array<string>(5).fill('guest-bridge'),
      ...Array<string>(5).fill('guest-kernelboot'),
      ...Array<string>(9).fill('guest-sriov'),
    ]);
  });

  test("the scheduler's words come through", () => {
    const { vmi: vm, pod: launcher } = LADDER.find(({ step }) => step === 'guest-sriov.1-scheduling-0vf') as Rung;
    const state = see(endpoint('VirtualMachineInstance', 'guest-sriov'), launcher ? [launcher] : [], [vm]);
    expect(state).toMatchObject({
      finding: {
        message: expect.stringMatching(/^0\/1 nodes are available: 1 Insufficient openshift\.io\/benchvfio\. /),
      },
    });
  });

  test('a launcher that no webhook touched asks for what was granted, another does not', () => {
    const { vmi: vm, pod: launcher } = LADDER.find(({ step }) => step === 'guest-sriov.5-scheduled') as Required<Rung>;
    const state = see(endpoint('VirtualMachineInstance', 'guest-sriov', 'openshift.io/benchnetdev'), [launcher], [vm]);
    expect(text(state)).toBe('Failed: InjectorConflict');
  });

  test('a launcher pod that is refused', () => {
    const vm = read<Vmi>('vmi-requests-only');
    const state = see(endpoint('VirtualMachineInstance', vm.metadata.name), [], [vm]);
    expect(text(state)).toBe('Starting/Scheduling: VMNotSynchronized');
    expect(state).toMatchObject({
      finding: {
        message: expect.stringMatching(/^FailedCreate: failed to create virtual machine pod: .*Limit must be set/),
      },
    });
  });

  test('a watch of six VMs without its launchers: deleted, crashed, deleted while running, powered off twice, without a VF', () => {
    const watch = read<{ type: string; vmi: Vmi }[]>('watch-vmi');
    const lives = new Map<string, string[]>();
    for (const { vmi: vm } of watch) {
      const life = lives.get(vm.metadata.uid ?? '') ?? [];
      const now = text(see(endpoint('VirtualMachineInstance', vm.metadata.name), [], [vm]));
      if (life.at(-1) !== now) life.push(now);
      lives.set(vm.metadata.uid ?? '', life);
    }
    const start = 'Starting/Scheduling';
    const scheduled = 'Starting/Starting';
    expect([...lives.values()]).toEqual([
      [start, 'Deleting'],
      // Its launcher pod failed, then it was deleted.
      [start, scheduled, 'Failed: EndpointFailed', 'Deleting'],
      [start, scheduled, 'Running', 'Deleting'],
      [start, scheduled, 'Running', 'Ended'],
      [start, scheduled, 'Running', 'Ended'],
      [start, `${start}: Unschedulable`, 'Deleting'],
    ]);
  });
});

describe('a pod, as recorded', () => {
  const PODS = new Map(read<{ name: string; pod: Pod; events: ObjectEvent[] }[]>('pods').map((row) => [row.name, row]));
  const CNI = 'Starting/Creating: NetworkAttachFailed';
  const RUNNING = [
    'br1',
    'br2',
    'cli',
    'fifth',
    'srv',
    'srv.running',
    'static-a',
    'th-ok',
    'vf3',
    'vfio1',
    'vfio2',
    'vl',
    'waiter',
  ];
  const ROWS: [name: string, state: string, message?: RegExp][] = [
    ...RUNNING.map((name): [string, string] => [name, 'Running']),
    ['done1', 'Ended'],
    [
      'forced',
      'Failed: InsufficientVFs',
      /UnexpectedAdmissionError .*Requested: 1, Available: 0, which is unexpected$/,
    ],
    [
      'fifth.pending',
      'Starting/Scheduling: Unschedulable',
      /^0\/1 nodes are available: 1 Insufficient openshift\.io\/vfnet/,
    ],
    ['e-nores', 'Starting/Scheduling: Unschedulable', /^0\/1 nodes are available/],
    ['e-noimage', 'Starting/Creating: ImagePullFailed', /^ErrImageNeverPull: Container image/],
    [
      'e-pull',
      'Starting/Creating: ImagePullFailed',
      /^ErrImagePull: failed to pull and unpack image "localhost\/lab\/nosuch:2"/,
    ],
    ['e-wrongnad', CNI, /cannot find a network-attachment-definition \(nosuch-net\) in namespace \(bench\)/],
    ['e-badns', CNI, /cannot find a network-attachment-definition \(sriov-net\) in namespace \(otherns\)/],
    [
      'e-badjson',
      CNI,
      /failed to unmarshal Spec\.Config: unexpected end of JSON input: the attachment's spec\.config is no/,
    ],
    [
      'e-badann',
      CNI,
      /Network Attachment Selection Annotation JSON format: unexpected end of JSON input: the pod's annota/,
    ],
    [
      'e-emptyconfig',
      CNI,
      /GetCNIConfigFromFile: No networks found in \/etc\/cni\/multus\/net\.d: the attachment has no/,
    ],
    ['e-noannot', CNI, /VF pci addr is required/],
    ['e-norequest', CNI, /VF pci addr is required/],
    ['e-nobin', CNI, /failed to find plugin "ovs" in path/],
    ['cli-mac.creating', CNI, /failed to set netlink MAC address/],
    ['launcher-no-vf-request', CNI, /VF pci addr is required/],
    ['launcher-running', 'Running'],
    ['launcher-final', 'Running'],
  ];

  test.each(ROWS.map(([name, state, message]) => ({ name, state, message })))(
    '$name: $state',
    ({ name, state: expected, message }) => {
      const row = PODS.get(name);
      if (row === undefined) throw new Error(`There is no recording of ${name}`);
      const state = see(endpoint('Pod', row.pod.metadata.name), [row.pod], [], row.events);
      expect(text(state)).toBe(expected);
      if (message !== undefined) expect(state).toMatchObject({ finding: { message: expect.stringMatching(message) } });
    },
  );

  test('every recording has its row', () => {
    expect(ROWS.map(([name]) => name).sort()).toEqual([...PODS.keys()].sort());
  });

  test("a launcher's trouble is its VM's", () => {
    const row = PODS.get('launcher-no-vf-request');
    if (row === undefined) throw new Error('There is no recording');
    const uid = row.pod.metadata.labels?.['kubevirt.io/created-by'] ?? '';
    const vm = { ...vmi('vm1', { phase: 'Scheduling' }), metadata: { name: 'vm1', uid } };
    const state = see(endpoint('VirtualMachineInstance', 'vm1'), [row.pod], [vm], row.events);
    expect(text(state)).toBe(CNI);
    // Asked for one VF, it would have to have asked for it.
    expect(text(see(endpoint('VirtualMachineInstance', 'vm1', 'openshift.io/vfvfio'), [row.pod], [vm]))).toBe(
      'Failed: InjectorConflict',
    );
  });

  test('events of an earlier pod of that name do not count, of several the latest does', () => {
    const creating = pod('p', {}, { phase: 'Pending' });
    const event = (uid: string, message: string, lastSeen: number): ObjectEvent => ({
      uid,
      reason: 'FailedCreatePodSandBox',
      message,
      lastSeen,
    });
    expect(text(see(endpoint('Pod', 'p'), [creating], [], [event('earlier', 'x', 9)]))).toBe('Starting/Creating');
    const state = see(endpoint('Pod', 'p'), [creating], [], [event('uid-p', 'new', 2), event('uid-p', 'old', 1)]);
    expect(state).toMatchObject({ finding: { reason: 'NetworkAttachFailed', message: 'new' } });
  });
});

describe('a pod', () => {
  const at = (phase: string, status: Pod['status'] = {}, meta: Partial<Pod['metadata']> = {}): EndpointState =>
    see(endpoint('Pod', 'p'), [pod('p', meta, { phase, ...status })]);
  const deleted = { deletionTimestamp: '2026-01-01T00:00:00Z' };

  test.each<[string, EndpointState, string]>([
    ['is not there', see(endpoint('Pod', 'p'), []), 'Absent'],
    ['ended while being deleted', at('Succeeded', {}, deleted), 'Ended'],
    ['failed while being deleted', at('Failed', {}, deleted), 'Deleting'],
    ['is being deleted', at('Running', {}, deleted), 'Deleting'],
    ['failed', at('Failed'), 'Failed: EndpointFailed'],
    ['on a node that does not answer', at('Unknown'), 'Starting/Creating'],
    [
      'without status',
      see(endpoint('Pod', 'p'), [{ ...pod('p'), spec: { containers: [] }, status: {} }]),
      'Starting/Scheduling',
    ],
    [
      'with a container that crashes again and again',
      at('Pending', { containerStatuses: [{ name: 'x', state: { waiting: { reason: 'CrashLoopBackOff' } } }] }),
      'Starting/Creating: ContainerFailed',
    ],
    [
      'with an init container whose image is missing',
      at('Pending', { initContainerStatuses: [{ name: 'x', state: { waiting: { reason: 'InvalidImageName' } } }] }),
      'Starting/Creating: ImagePullFailed',
    ],
  ])('%s', (_, state, expected) => {
    expect(text(state)).toBe(expected);
  });

  test.each<[string, NonNullable<Pod['status']>, string]>([
    ['nothing known', {}, 'Pod p failed:'],
    [
      'evicted',
      { reason: 'Evicted', message: 'The node was low on  resource: memory.' },
      'Pod p failed: Evicted The node was low on resource: memory.',
    ],
    [
      'exit code',
      { containerStatuses: [{ name: 'x', state: { terminated: { exitCode: 3, message: 'no route' } } }] },
      'Pod p failed: exit code 3 no route',
    ],
    [
      'killed',
      {
        containerStatuses: [
          { name: 'x', state: { terminated: { exitCode: 0 } } },
          { name: 'y', state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } },
        ],
      },
      'Pod p failed: exit code 137 (OOMKilled)',
    ],
  ])('that failed says how: %s', (_, status, message) => {
    expect(at('Failed', status)).toEqual({ state: 'Failed', finding: { reason: 'EndpointFailed', message } });
  });
});
