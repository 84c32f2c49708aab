/** Whose launcher pod it is, and what is seen of a VM through it, also where users or webhooks changed it. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { launcherPod, pod, vmi } from '../../test/support/builders.ts';
import { LABEL_ENDPOINT } from '../api/labels.ts';
import type { EndpointKind, GrantedEndpoint } from '../api/v1alpha1.ts';
import { type EndpointState, follow, objectsOf } from './follow.ts';
import type { Pod, Vmi } from './observed.ts';

const VF = 'openshift.io/benchvfio';

const endpoint = (kind: EndpointKind, object: string): GrantedEndpoint => ({
  name: 'server-0',
  kind,
  object,
  node: 'worker-a',
  attachment: 'x',
  resource: VF,
  address: '192.0.2.1/24',
});
const GRANTED = endpoint('VirtualMachineInstance', 'vm');
const VM: Vmi = { ...vmi('vm'), metadata: { ...vmi('vm').metadata, labels: { [LABEL_ENDPOINT]: 'server-0' } } };

function see(granted: GrantedEndpoint, pods: Pod[], vmis: Vmi[] = []): EndpointState {
  return follow(granted, objectsOf(granted, { pods, vmis, events: [] }));
}

describe('which objects are whose', () => {
  const launcher = launcherPod('virt-launcher-vm-x', VM, 'node-a', { [VF]: '2' });
  const other = launcherPod('virt-launcher-other', { ...vmi('other') }, 'node-a', { [VF]: '1' });
  const { labels: _labels, ...unlabelled } = launcher.metadata;
  const { ownerReferences: _owners, ...disowned } = launcher.metadata;

  test.each<[how: string, metadata: Pod['metadata']]>([
    ['as KubeVirt made it', launcher.metadata],
    ['by its owner where somebody took its labels', unlabelled],
    [
      "by KubeVirt's label where somebody took its owner",
      { ...disowned, labels: { ...launcher.metadata.labels, [LABEL_ENDPOINT]: 'x' } },
    ],
    [
      "by our endpoint's label where somebody took KubeVirt's and its owner",
      { ...disowned, labels: { [LABEL_ENDPOINT]: 'server-0' } },
    ],
  ])("a VM's launcher is found, and what it asks for is seen: %s", (_, metadata) => {
    const changed = { ...launcher, metadata };
    expect(objectsOf(GRANTED, { pods: [other, changed], vmis: [VM], events: [] }).launcher).toBe(changed);
    expect(see(GRANTED, [other, changed], [VM])).toMatchObject({
      state: 'Failed',
      finding: {
        reason: 'InjectorConflict',
        message: expect.stringMatching(/^Launcher pod virt-launcher-vm-x asks for 2 of /),
      },
    });
  });

  test('where nothing says whose it is, there is none', () => {
    const { labels: _, ...nobodys } = disowned;
    expect(objectsOf(GRANTED, { pods: [other, { ...launcher, metadata: nobodys }], vmis: [VM], events: [] })).toEqual({
      vmi: VM,
      events: [],
    });
  });

  test('a pod is no VM, and a VM no pod', () => {
    expect(objectsOf(GRANTED, { pods: [pod('vm')], vmis: [], events: [] })).toEqual({ events: [] });
    expect(see(GRANTED, [pod('vm')])).toEqual({ state: 'Absent' });
    expect(see(endpoint('Pod', 'vm'), [], [VM])).toEqual({ state: 'Absent' });
  });
});

test("a second VF on the sidecar of a recorded launcher is an injector's work", () => {
  const ladder = JSON.parse(readFileSync(new URL('testdata/ladder.json', import.meta.url), 'utf8')) as {
    step: string;
    vmi: Vmi;
    pod: Pod;
  }[];
  const step = ladder.find((each) => each.step === 'guest-sriov.5-scheduled');
  if (step === undefined) throw new Error('There is no recording');
  const { vmi: vm, pod: launcher } = step;
  const granted = endpoint('VirtualMachineInstance', 'guest-sriov');
  expect(see(granted, [launcher], [vm])).toMatchObject({ state: 'Starting' });
  const initContainers = (launcher.spec.initContainers ?? []).map((container) =>
    container.restartPolicy === 'Always' ? { ...container, resources: { requests: { [VF]: '1' } } } : container,
  );
  expect(initContainers.map(({ name }) => name)).toContain('guest-console-log');
  expect(see(granted, [{ ...launcher, spec: { ...launcher.spec, initContainers } }], [vm])).toMatchObject({
    finding: {
      reason: 'InjectorConflict',
      message: expect.stringMatching(/ asks for 2 of openshift\.io\/benchvfio, /),
    },
  });
});
