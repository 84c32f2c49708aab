/** The statuses that we write as a kubelet, against those that a real one wrote. */
import { describe, expect, test } from '@jest/globals';
import type { Stage } from './container-status.ts';
import type { Pod, PodStatus } from './objects.ts';
import { podStatus, rejectedStatus, unavailable } from './pod-status.ts';
import { testdata } from './testdata.testing.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
/** Times, ids, and what depends on the container's user. */
const VARIABLE = /^(.*Time|startedAt|finishedAt|containerID|imageID|user)$/;

function comparable(status: PodStatus | undefined): unknown {
  const text = JSON.stringify(status, (key, value: unknown) => (VARIABLE.test(key) ? undefined : value));
  return JSON.parse(text);
}

interface Facts {
  stage: Stage;
  hostIP: string;
  podIP: string;
  code?: number;
  devices?: Record<string, string[]>;
}

function ours(pod: Pod, { code, devices = {}, ...facts }: Facts): PodStatus {
  const exit = code === undefined ? {} : { exit: { code } };
  return podStatus(pod, { ...facts, ...exit, devices, acceptedAt: NOW, startedAt: NOW, now: NOW });
}

describe('podStatus', () => {
  test('writes a running pod as recorded', () => {
    const pod = testdata<Pod>('pod-srv.running.json');
    const devices = { 'openshift.io/vfnet': ['0000:01:10.6'] };
    const status = ours(pod, { stage: 'Started', hostIP: '10.0.2.15', podIP: '10.244.0.2', devices });
    expect(comparable(status)).toEqual(comparable(pod.status));
  });

  test('writes a pod that waits for its network as recorded', () => {
    const pod = testdata<Pod>('pod-cli-mac.creating.json');
    const devices = { 'openshift.io/vfnet': ['0000:01:10.0'] };
    const status = ours(pod, { stage: 'Creating', hostIP: '10.0.2.15', podIP: '10.244.0.3', devices });
    expect(comparable(status)).toEqual(comparable(pod.status));
  });

  test('writes a pod that has completed as recorded', () => {
    const pod = testdata<Pod>('pod-done.json');
    const status = ours(pod, { stage: 'Ended', hostIP: '10.0.2.15', podIP: '10.244.0.38', code: 0 });
    // Once a pod has ended, the kubelet's count of what it gave shrinks by steps.
    const { resources: _, ...rest } = comparable(status) as PodStatus;
    const { resources: __, ...recorded } = comparable(pod.status) as PodStatus;
    expect(rest).toEqual(recorded);
  });

  test('writes a pod whose image cannot be pulled as recorded', () => {
    const pod = testdata<Pod>('pod-e-pull.json');
    const state = pod.status?.containerStatuses?.[0]?.state.waiting;
    const status = podStatus(pod, {
      stage: 'Sandboxed',
      hostIP: '10.0.2.15',
      podIP: '10.244.0.15',
      devices: {},
      acceptedAt: NOW,
      now: NOW,
      waiting: { container: 'c', reason: state?.reason ?? '', message: state?.message ?? '' },
    });
    expect(comparable(status)).toEqual(comparable(pod.status));
  });

  test('writes a pod without a free device as recorded', () => {
    const pod = testdata<Pod>('pod-forced.json');
    const message = unavailable('openshift.io/vfnet', 1, 0);
    expect(comparable(rejectedStatus(pod, 'UnexpectedAdmissionError', message, NOW))).toEqual(comparable(pod.status));
  });

  test('has a container terminated before the phase ends', () => {
    const pod = testdata<Pod>('pod-srv.running.json');
    const facts = { hostIP: '10.0.2.15', podIP: '10.244.0.2', code: 137 };
    const exited = ours(pod, { ...facts, stage: 'Exited' });
    const ended = ours(pod, { ...facts, stage: 'Ended' });
    expect([exited.phase, ended.phase]).toEqual(['Running', 'Failed']);
    expect(exited.containerStatuses?.[0]?.state.terminated).toMatchObject({ exitCode: 137, reason: 'Error' });
    expect(ended.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', reason: 'PodFailed' }));
  });

  test('keeps the time of a condition that stays as it was', () => {
    const pod = testdata<Pod>('pod-srv.running.json');
    const status = ours(pod, { stage: 'Exited', hostIP: '10.0.2.15', podIP: '10.244.0.2', code: 0 });
    const timeOf = (each: PodStatus | undefined, type: string): unknown =>
      each?.conditions?.find((condition) => condition.type === type)?.lastTransitionTime;
    expect(timeOf(status, 'PodScheduled')).toBe(timeOf(pod.status, 'PodScheduled'));
    expect(timeOf(status, 'Ready')).toBe('2026-01-01T00:00:00Z');
  });
});

describe('podStatus of a launcher pod', () => {
  const recorded = testdata<Pod[]>('pods-launcher.json');
  const stages: [number, Stage][] = [
    [1, 'Creating'],
    [2, 'Sandboxed'],
    [3, 'Initializing'],
    [4, 'Started'],
    [5, 'Exited'],
    [6, 'Ended'],
  ];

  test.each(stages)('step %i is %s as recorded', (index, stage) => {
    const before = recorded[index - 1] as Pod;
    const after = recorded[index] as Pod;
    const address = '0000:01:11.4';
    const devices = { 'devices.kubevirt.io/tun': ['tun789'], 'openshift.io/vfvfio': [address] };
    const status = ours(before, { stage, hostIP: '10.0.2.15', podIP: '10.244.0.77', code: 0, devices });
    const summary = (each: PodStatus | undefined): unknown => ({
      phase: each?.phase,
      podIP: each?.podIP,
      conditions: (comparable(each) as PodStatus).conditions,
      allocated: each?.['allocatedResources'],
      containers: [...(each?.initContainerStatuses ?? []), ...(each?.containerStatuses ?? [])].map(
        ({ name, ready, started, state }) => [name, ready, started, comparable(state as PodStatus)],
      ),
    });
    expect(summary(status)).toEqual(summary(after.status));
  });
});
