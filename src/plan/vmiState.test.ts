import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { GrantedEndpoint } from '../api/v1alpha1.ts';
import { launcherPod, vmi } from '../../test/support/builders.ts';
import { type EndpointState, follow } from './follow.ts';
import type { ObjectEvent, Pod, Vmi } from './observed.ts';

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`testdata/${name}.json`, import.meta.url), 'utf8')) as T;

const ENDPOINT: GrantedEndpoint = {
  name: 'server-0',
  kind: 'VirtualMachineInstance',
  object: 'vm1',
  node: 'node-a',
  attachment: 'x',
  address: '192.0.2.1/24',
};

const at = (vm: Vmi, launcher?: Pod, events: ObjectEvent[] = []): EndpointState =>
  follow(
    { ...ENDPOINT, object: vm.metadata.name },
    { vmi: vm, ...(launcher === undefined ? {} : { launcher }), events },
  );

function launcher(status: Pod['status'], meta: Partial<Pod['metadata']> = {}): Pod {
  const made = launcherPod('virt-launcher-vm1-x', vmi('vm1'), 'node-a');
  return { ...made, metadata: { ...made.metadata, ...meta }, status: status ?? {} };
}

const ready = (reason: string): { type: string; status: string; reason: string } => ({
  type: 'Ready',
  status: 'False',
  reason,
});
const warning = (uid: string, reason: string, message: string, lastSeen = 1): ObjectEvent => ({
  uid,
  reason,
  message,
  lastSeen,
});
const CRASHED = warning('uid-vm1', 'Stopped', 'The VirtualMachineInstance crashed.');
const REFUSED = {
  phase: 'Failed',
  reason: 'UnexpectedAdmissionError',
  message:
    'Pod was rejected: Allocate failed due to requested number of devices unavailable for openshift.io/vfvfio. Requested: 1, Available: 0, which is unexpected',
};
const DELETED = { deletionTimestamp: '2026-01-01T00:00:00Z' };

describe('a VM as recorded with a real virt-handler', () => {
  const VMS = new Map(read<{ name: string; vmi: Vmi; pod?: Pod }[]>('vms').map((row) => [row.name, row]));

  test.each([
    ['running', 'Running'],
    // The launcher pod lags behind: it still runs when the VMI has succeeded.
    ['powered-off', 'Ended'],
    ['unschedulable', 'Starting'],
  ])('%s: %s', (name, state) => {
    const row = VMS.get(name);
    if (row === undefined) throw new Error(`There is no recording of ${name}`);
    expect(at(row.vmi, row.pod).state).toBe(state);
  });

  test('every recording has its row', () => expect(VMS.size).toBe(3));
});

describe('a VM that fails says what the most exact witness says', () => {
  test.each<[string, EndpointState, string, RegExp]>([
    [
      'a crash, told by an event only',
      at(vmi('vm1', { phase: 'Failed' }), undefined, [CRASHED]),
      'EndpointFailed',
      /^VM vm1 failed: The VirtualMachineInstance crashed\.$/,
    ],
    [
      'a crash with its launcher still there',
      at(
        vmi('vm1', { phase: 'Failed' }),
        launcher({
          phase: 'Failed',
          containerStatuses: [{ name: 'compute', state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } }],
        }),
        [CRASHED],
      ),
      'EndpointFailed',
      /^VM vm1 failed: The VirtualMachineInstance crashed\. Pod virt-launcher-vm1-x failed: exit code 137 \(OOMKilled\)$/,
    ],
    [
      'kubelet found no device for its launcher',
      at(vmi('vm1', { phase: 'Failed' }), launcher(REFUSED)),
      'InsufficientVFs',
      /^VM vm1 failed: Pod .* UnexpectedAdmissionError .* Requested: 1, Available: 0, which is unexpected$/,
    ],
    [
      'kubelet found no CPUs for its launcher',
      at(
        vmi('vm1', { phase: 'Failed' }),
        launcher({
          phase: 'Failed',
          reason: 'UnexpectedAdmissionError',
          message:
            'Pod was rejected: Allocate failed due to not enough cpus available to satisfy request: requested=4, available=2',
        }),
      ),
      'NodeRefused',
      /not enough cpus available/,
    ],
    [
      'NUMA alignment',
      at(
        vmi('vm1', { phase: 'Scheduling' }),
        launcher({ phase: 'Failed', reason: 'TopologyAffinityError', message: 'Resources cannot be allocated' }),
      ),
      'NodeRefused',
      /TopologyAffinityError Resources cannot be allocated$/,
    ],
    [
      'its launcher pod object gone',
      at(vmi('vm1', { phase: 'Failed', conditions: [ready('PodNotExists')] })),
      'EndpointLost',
      /^VM vm1 lost its launcher pod: it was deleted or evicted$/,
    ],
    [
      'its launcher pod gone, the VMI not failed yet',
      at(vmi('vm1', { phase: 'Running', conditions: [ready('PodNotExists')] })),
      'EndpointLost',
      /^VM vm1 lost its launcher pod/,
    ],
    [
      'its launcher pod being evicted',
      at(
        vmi('vm1'),
        launcher(
          {
            phase: 'Running',
            conditions: [
              {
                type: 'DisruptionTarget',
                status: 'True',
                reason: 'EvictionByEvictionAPI',
                message: 'Eviction API: evicting',
              },
            ],
          },
          DELETED,
        ),
      ),
      'EndpointLost',
      /^VM vm1 lost its launcher pod: EvictionByEvictionAPI: Eviction API: evicting$/,
    ],
    [
      'its launcher pod deleted by hand',
      at(vmi('vm1'), launcher({ phase: 'Running' }, DELETED)),
      'EndpointLost',
      /it was deleted by somebody else$/,
    ],
    [
      'pod terminated while the VMI says Scheduled',
      at(vmi('vm1', { phase: 'Scheduled', conditions: [ready('PodTerminating')] }), launcher({ phase: 'Succeeded' })),
      'EndpointFailed',
      /^The launcher pod of VM vm1 ended$/,
    ],
    [
      'pod failed while the VMI says Scheduled',
      at(
        vmi('vm1', { phase: 'Scheduled', conditions: [ready('PodTerminating')] }),
        launcher({ phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' }),
      ),
      'EndpointFailed',
      /^Pod virt-launcher-vm1-x failed: Evicted The node was low on resource: memory\.$/,
    ],
    [
      "the VMI's own reason",
      at(vmi('vm1', { phase: 'Failed', reason: 'NodeUnresponsive' })),
      'EndpointFailed',
      /^VM vm1 failed: NodeUnresponsive$/,
    ],
  ])('%s', (_, state, reason, message) => {
    expect(state).toMatchObject({ state: 'Failed', finding: { reason, message: expect.stringMatching(message) } });
    expect(state).not.toHaveProperty('unexplained');
  });

  test('a crash whose event has not come yet is told as unexplained, with its time', () => {
    const phaseTransitionTimestamps = [{ phase: 'Failed', phaseTransitionTimestamp: '2026-01-01T00:00:05Z' }];
    const state = at(vmi('vm1', { phase: 'Failed', phaseTransitionTimestamps }), undefined, [
      warning('uid-other', 'Stopped', 'The VirtualMachineInstance crashed.'),
    ]);
    expect(state).toMatchObject({ unexplained: { since: Date.parse('2026-01-01T00:00:05Z'), ms: 10_000 } });
  });

  test.each(['Failed', 'Running', 'Scheduling'])(
    'one that is deleted and passes through %s has not failed',
    (phase) => {
      const vm = vmi('vm1', { phase, conditions: [ready('PodTerminating')] });
      expect(at({ ...vm, metadata: { ...vm.metadata, ...DELETED } }, launcher(REFUSED), [CRASHED])).toEqual({
        state: 'Deleting',
        why: null,
      });
    },
  );
});

describe('a VM on its way', () => {
  test.each<[string, EndpointState, string | null]>([
    [
      'without a launcher the VMI says PodNotExists too',
      at(vmi('vm1', { conditions: [ready('PodNotExists')], phase: 'Scheduling' })),
      null,
    ],
    [
      'libvirt refuses the domain, told as a condition',
      at(
        vmi('vm1', {
          phase: 'Scheduled',
          conditions: [
            {
              type: 'Synchronized',
              status: 'False',
              reason: 'Synchronizing with the Domain failed.',
              message: 'server error. command SyncVMI failed: "found no SR-IOV networks to PCI-Address mapping"',
            },
          ],
        }),
      ),
      'VMNotSynchronized: Synchronizing with the Domain failed.: server error. command SyncVMI failed: "found no SR-IOV networks to PCI-Address mapping"',
    ],
    [
      'libvirt refuses the domain, told by an event only',
      at(vmi('vm1', { phase: 'Scheduled' }), launcher({ phase: 'Running' }), [
        warning('uid-vm1', 'SyncFailed', 'old', 1),
        warning('uid-vm1', 'SyncFailed', 'no vfio device', 2),
      ]),
      'VMNotSynchronized: SyncFailed: no vfio device',
    ],
    [
      'CPU pinning impossible',
      at(
        vmi('vm1', {
          phase: 'Pending',
          conditions: [
            {
              type: 'Synchronized',
              status: 'False',
              reason: 'FailedGuaranteeResources',
              message: 'failed to guarantee pod resources',
            },
          ],
        }),
      ),
      'VMNotSynchronized: FailedGuaranteeResources: failed to guarantee pod resources',
    ],
  ])('%s', (_, state, finding) => {
    expect(state.state).toBe('Starting');
    if (state.state !== 'Starting') return;
    expect(state.finding === null ? null : `${state.finding.reason}: ${state.finding.message}`).toBe(finding);
  });

  test('runs; its agent says when it has booted', () => {
    expect(at(vmi('vm1'))).toEqual({ state: 'Running', boundAt: null });
    const conditions = [{ type: 'AgentConnected', status: 'True' }];
    expect(at(vmi('vm1', { phase: 'Running', conditions }))).toMatchObject({ booted: true });
  });
});
