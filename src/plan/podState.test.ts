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

describe('what a pod asks for once webhooks have seen it, as recorded of two injectors', () => {
  const PODS = new Map(read<{ name: string; pod: Pod }[]>('injector').map((row) => [row.name, row.pod]));
  const RESOURCE = 'openshift.io/benchvfio';

  const ROWS: [name: string, expected: string][] = [
    ['injector-default/pod-a-has-vf', 'Running'],
    ['injector-default/pod-b-no-vf', 'Running'],
    ['injector-default/pod-c-two-nics-no-vf', 'Failed: InjectorConflict'],
    ['injector-default/pod-d-two-nics-has1', 'Running'],
    ['injector-default/pod-e-shortform', 'Running'],
    ['injector-default/pod-h-mem-limit', 'Running'],
    ['injector-default/pod-f-nad-without-annotation', 'Failed: InjectorConflict'],
    ['injector-honor/pod-a-has-vf', 'Failed: InjectorConflict'],
    ['injector-honor/pod-b-no-vf', 'Running'],
    ['injector-honor/pod-c-two-nics-no-vf', 'Failed: InjectorConflict'],
    ['injector-honor/pod-d-two-nics-has1', 'Failed: InjectorConflict'],
    ['injector-honor/pod-e-shortform', 'Running'],
    ['injector-honor/pod-f-nad-without-annotation', 'Failed: InjectorConflict'],
    ['injector-honor/pod-h-mem-limit', 'Running'],
  ];

  test('every recording has its row', () => expect(ROWS.map(([name]) => name).sort()).toEqual([...PODS.keys()].sort()));

  test.each(ROWS)('%s, granted one: %s', (name, expected) => {
    const recorded = PODS.get(name);
    if (recorded === undefined) throw new Error(`There is no recording of ${name}`);
    const running: Pod = { ...recorded, status: { phase: 'Running' } };
    const object = running.metadata.name;
    expect(text(see(endpoint('Pod', object, RESOURCE), [running]))).toBe(expected);

    const vm = { ...vmi('vm'), metadata: { ...vmi('vm').metadata, uid: 'uid-vm' } };
    const launcher = { ...running, metadata: { ...running.metadata, labels: { 'kubevirt.io/created-by': 'uid-vm' } } };
    expect(text(see(endpoint('VirtualMachineInstance', 'vm', RESOURCE), [launcher], [vm]))).toBe(expected);
  });

  test('what has ended is not blamed for it', () => {
    const ended: Pod = { ...pod('p'), status: { phase: 'Succeeded' } };
    expect(text(see(endpoint('Pod', 'p', RESOURCE), [ended]))).toBe('Ended');
  });
});

describe('a pod that kubelet would not have', () => {
  const refused = (reason: string, message: string): EndpointState =>
    see(endpoint('Pod', 'p', 'x/vf'), [pod('p', {}, { phase: 'Failed', reason, message })]);

  test.each<[reason: string, message: string, expected: string]>([
    ['UnexpectedAdmissionError', 'Allocate failed due to not enough cpus available to satisfy request', 'NodeRefused'],
    ['TopologyAffinityError', 'Resources cannot be allocated with Topology locality', 'NodeRefused'],
    ['SMTAlignmentError', 'SMT Alignment Error: requested 3 cpus not multiple cpus per core = 2', 'NodeRefused'],
    ['NodeAffinity', 'Predicate NodeAffinity failed', 'NodeRefused'],
    ['OutOfcpu', "Node didn't have enough resource: cpu, requested: 4000, used: 30000, capacity: 32000", 'NodeRefused'],
    ['OutOfpods', "Node didn't have enough resource: pods, requested: 1, used: 110, capacity: 110", 'NodeRefused'],
    ['InvalidNodeInfo', 'Kubelet cannot get node info.', 'NodeRefused'],
    [
      'UnexpectedAdmissionError',
      'Allocate failed due to requested number of devices unavailable for x/vf. Requested: 1, Available: 0, which is unexpected',
      'InsufficientVFs',
    ],
    ['Evicted', 'The node was low on resource: memory.', 'EndpointFailed'],
    ['NodeAffinityChanged', 'none of these', 'EndpointFailed'],
  ])('%s: %s', (reason, message, expected) => {
    expect(refused(reason, message)).toEqual({
      state: 'Failed',
      finding: { reason: expected, message: `Pod p failed: ${reason} ${message}` },
    });
  });
});

describe('events of a pod', () => {
  const bound = (conditions: NonNullable<Pod['status']>['conditions'] = []): Pod =>
    pod('p', {}, { phase: 'Pending', conditions });
  const event = (reason: string, message: string, lastSeen = 1): ObjectEvent => ({
    uid: 'uid-p',
    reason,
    message,
    lastSeen,
  });
  const sandbox = { type: 'PodReadyToStartContainers', status: 'True' };
  const cni = event('FailedCreatePodSandBox', 'context deadline exceeded');

  test.each<[string, Pod, ObjectEvent[], string]>([
    ['of its network count', bound(), [cni], 'Starting/Creating: NetworkAttachFailed'],
    ['of its network do not count once it has one', bound([sandbox]), [cni], 'Starting/Creating'],
    [
      'of its volumes do not count once it has its network: kubelet mounts first',
      bound([sandbox]),
      [event('FailedMount', 'failed to sync secret cache: timed out waiting for the condition')],
      'Starting/Creating',
    ],
    [
      'of its volumes',
      bound(),
      [event('FailedMount', 'MountVolume.SetUp failed for volume "config" : secret "x" not found')],
      'Starting/Creating: VolumeMountFailed',
    ],
    [
      'the last one counts',
      bound(),
      [event('FailedMount', 'x', 1), { ...cni, lastSeen: 2 }],
      'Starting/Creating: NetworkAttachFailed',
    ],
  ])('%s', (_, creating, events, expected) => {
    expect(text(see(endpoint('Pod', 'p'), [creating], [], events))).toBe(expected);
  });
});
