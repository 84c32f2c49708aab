/** The status of a VMI, step by step, against what real virt-controller and virt-handler wrote. */
import { describe, expect, test } from '@jest/globals';
import { LAUNCHER_IMAGE } from './launcher-init.ts';
import type { Pod } from './objects.ts';
import type { Vmi, VmStatus } from './vmi.ts';
import { testdata } from './testdata.testing.ts';
import { type Domain, nextStatus, type Seen } from './vmi-status.ts';

interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: Vmi | Pod;
}

const NOW = new Date('2026-01-01T00:00:00Z');

/** What does not depend on when, on which pod, or on the lab's image name. */
function comparable(status: VmStatus | undefined): unknown {
  const { activePods: _, qosClass: __, ...rest } = status ?? {};
  const text = JSON.stringify(rest, (key, value: unknown) =>
    /^(lastProbeTime|lastTransitionTime|phaseTransitionTimestamp)$/.test(key) ? undefined : value,
  );
  return JSON.parse(text.replaceAll('localhost/lab/virt:2', LAUNCHER_IMAGE));
}

function withoutRepeats(all: unknown[]): unknown[] {
  return all.filter((each, index) => JSON.stringify(each) !== JSON.stringify(all[index - 1]));
}

/** Writes until there is nothing more to write; every status on the way. */
function settle(vmi: Vmi, seen: Seen): VmStatus[] {
  const written: VmStatus[] = [];
  for (let steps = 0; steps < 10; steps++) {
    const next = nextStatus(vmi, seen, NOW);
    if (JSON.stringify(next) === JSON.stringify(vmi.status)) return written;
    vmi.status = next;
    written.push(next);
  }
  throw new Error(`no end: ${JSON.stringify(vmi.status)}`);
}

/** Replays a recorded run: pods and the ends of the domain are given, statuses are what we write. */
function replay(name: string): { recorded: unknown[]; ours: unknown[] } {
  const events = testdata<WatchEvent[]>('watch-vmis.json').filter(({ object }) => belongsTo(object, name));
  const first = events[0]?.object as Vmi;
  const vmi: Vmi = structuredClone(first);
  const seen: Seen = { pod: undefined, domain: 'None' };
  const ours: unknown[] = [comparable(vmi.status)];
  const recorded: unknown[] = [];
  for (const { type, object } of events) {
    if (object.kind === 'VirtualMachineInstance') {
      recorded.push(comparable(object.status));
      if (object.metadata.deletionTimestamp !== undefined) {
        vmi.metadata.deletionTimestamp = object.metadata.deletionTimestamp;
      }
      seen.domain = domainAt(object.status, seen.domain);
    } else if (type !== 'DELETED') {
      seen.pod = object;
    }
    if (seen.pod !== undefined) ours.push(...settle(vmi, seen).map(comparable));
  }
  return { recorded: withoutRepeats(recorded), ours: withoutRepeats(ours) };
}

function belongsTo(object: Vmi | Pod, name: string): boolean {
  return object.metadata.name === name || object.metadata.labels?.['vm.kubevirt.io/name'] === name;
}

function domainAt(status: VmStatus | undefined, before: Domain): Domain {
  if (status?.phase === 'Running') return 'Running';
  return status?.phase === 'Succeeded' ? 'Shutoff' : before;
}

describe('nextStatus', () => {
  test('writes what was recorded from creation to poweroff and deletion', () => {
    const { recorded, ours } = replay('vm1');
    expect(ours).toEqual(recorded);
  });

  test('writes what was recorded of a VMI that found no VF and was deleted', () => {
    const { recorded, ours } = replay('vm2');
    // The real controller wrote the scheduler's words a moment after it had entered Scheduling.
    expect(ours.at(-1)).toEqual(recorded.at(-1));
    expect(ours.at(-2)).toEqual(recorded.at(-2));
  });

  test.each([
    ['vmi-guest-sriov.0-created', 'pod-guest-sriov.1-scheduling-0vf', 'vmi-guest-sriov.1-scheduling-0vf'],
    ['vmi-guest-sriov.1-scheduling-0vf', 'pod-guest-sriov.2-scheduling-bound', 'vmi-guest-sriov.2-scheduling-bound'],
  ])('goes from %s with %s to %s', (before, pod, after) => {
    const vmi = testdata<Vmi>(`${before}.json`);
    settle(vmi, { pod: testdata<Pod>(`${pod}.json`), domain: 'None' });
    expect(comparable(vmi.status)).toEqual(comparable(testdata<Vmi>(`${after}.json`).status));
    expect(vmi.status?.activePods).toEqual(testdata<Vmi>(`${after}.json`).status?.activePods);
  });

  test.each(['sriov', 'bridge'])('schedules the %s guest as recorded once its pod runs', (mode) => {
    const after = testdata<Vmi>(`vmi-guest-${mode}.5-scheduled.json`);
    const vmi = structuredClone(after);
    vmi.status = testdata<Vmi>('vmi-guest-sriov.2-scheduling-bound.json').status ?? {};
    const pod = testdata<Pod>(`pod-guest-${mode}.5-scheduled.json`);
    vmi.status = nextStatus(vmi, { pod, domain: 'None' }, NOW);

    const { memory: _, ...rest } = comparable(vmi.status) as VmStatus;
    const { memory: __, ...wanted } = comparable(after.status) as VmStatus;
    expect(rest).toEqual(wanted);
  });

  test('fails, saying that the pod does not exist, when a running VMI loses its pod', () => {
    const vmi = testdata<Vmi>('vmi-guest-sriov.6-running.json');
    settle(vmi, { pod: undefined, domain: 'Running' });
    expect(vmi.status).toMatchObject({ phase: 'Failed', conditions: [{ type: 'Ready', reason: 'PodNotExists' }] });
  });

  test('fails when the pod fails before it ran', () => {
    const vmi = testdata<Vmi>('vmi-guest-sriov.2-scheduling-bound.json');
    const pod = testdata<Pod>('pod-guest-sriov.2-scheduling-bound.json');
    pod.status = { ...pod.status, phase: 'Failed', reason: 'UnexpectedAdmissionError' };
    settle(vmi, { pod, domain: 'None' });
    expect(vmi.status?.phase).toBe('Failed');
  });

  test('names an image that cannot be pulled, and forgets it when it can', () => {
    const vmi = testdata<Vmi>('vmi-guest-sriov.2-scheduling-bound.json');
    const pod = testdata<Pod>('pod-guest-sriov.2-scheduling-bound.json');
    const message = 'failed to pull';
    const broken: Pod = {
      ...pod,
      status: {
        ...pod.status,
        initContainerStatuses: [
          {
            name: 'volumeroot',
            image: 'x',
            imageID: '',
            ready: false,
            started: false,
            restartCount: 0,
            lastState: {},
            state: { waiting: { reason: 'ErrImagePull', message } },
          },
        ],
      },
    };
    settle(vmi, { pod: broken, domain: 'None' });
    expect(vmi.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Synchronized', status: 'False', reason: 'ErrImagePull', message }),
    );
    settle(vmi, { pod, domain: 'None' });
    expect(vmi.status?.conditions?.map((each) => each.type)).toEqual(['Ready']);
  });

  test('stays Pending and says why where the pod is refused', () => {
    const vmi = testdata<Vmi>('vmi-guest-sriov.0-created.json');
    settle(vmi, { pod: undefined, domain: 'None', createError: 'no' });
    expect(vmi.status?.phase).toBe('Pending');
    expect(vmi.status?.conditions?.map(({ type, reason, message }) => [type, reason, message])).toEqual([
      ['Ready', 'PodNotExists', 'virt-launcher pod has not yet been scheduled'],
      ['Synchronized', 'FailedCreate', 'failed to create virtual machine pod: no'],
    ]);
  });

  test.each([
    ['Crashed', 'Failed'],
    ['Killed', 'Failed'],
    ['Shutoff', 'Succeeded'],
  ] as const)('takes a domain that is %s for %s', (domain, phase) => {
    const vmi = testdata<Vmi>('vmi-guest-sriov.6-running.json');
    settle(vmi, { pod: testdata<Pod>('pod-guest-sriov.5-scheduled.json'), domain });
    expect(vmi.status?.phase).toBe(phase);
  });
});

test('without virt-handler a VMI whose launcher ends stays Scheduled, and says PodTerminating', () => {
  const vmi = testdata<Vmi>('vmi-guest-sriov.5-scheduled.json');
  const pod = testdata<Pod>('pod-guest-sriov.5-scheduled.json');
  const ended = { ...pod, status: { ...pod.status, phase: 'Failed' as const } };
  settle(vmi, { pod: ended, domain: 'Crashed', unhandled: true });
  expect(vmi.status?.phase).toBe('Scheduled');
  expect(vmi.status?.conditions).toContainEqual(
    expect.objectContaining({ type: 'Ready', status: 'False', reason: 'PodTerminating' }),
  );
});
