import { describe, expect, test } from '@jest/globals';
import {
  experiment,
  pod,
  testbed,
  trial,
  vmi,
  launcherPod,
  credentials,
  nodes,
  NOW,
} from '../../test/support/builders.ts';
import { findCondition } from '../api/conditions.ts';
import { secretName } from './names.ts';
import type { Pod, Vmi } from './observed.ts';
import { planTrial, removals } from './trial.ts';
import type { TrialObserved } from './trialObserved.ts';

const OWNER = trial();
const UID = OWNER.metadata.uid ?? '';
const OURS = { 'vfbench.io/trial-uid': UID };
const SECRET = { kind: 'Secret', namespace: 'bench', name: secretName(OWNER.metadata) };
const SELECTOR = `vfbench.io/trial-uid=${UID}`;
const PODS = { kind: 'Pod', namespace: 'bench', labelSelector: `${SELECTOR},!kubevirt.io/created-by` };
const VM: Vmi = { ...vmi('vm'), metadata: { ...vmi('vm').metadata, labels: OURS } };
const LAUNCHER = launcherPod('launcher', VM, 'node-a');

interface Case {
  title: string;
  pods?: Pod[];
  vmis?: Vmi[];
  isFirst?: boolean;
  expected: object[];
}

const without = (object: Pod, ...fields: ('labels' | 'ownerReferences')[]): Pod => ({
  ...object,
  metadata: { ...object.metadata, ...Object.fromEntries(fields.map((field) => [field, undefined])) },
});

const CASES: Case[] = [
  { title: 'what carries the label goes by it', pods: [pod('p', { labels: OURS })], expected: [PODS] },
  { title: 'the Secret goes once, seen or not', isFirst: true, expected: [SECRET] },
  {
    title: 'a pod without its label goes by its name, and no other of that name',
    pods: [pod('p')],
    expected: [{ kind: 'Pod', namespace: 'bench', name: 'p', uid: 'uid-p' }],
  },
  {
    title: 'a VM without its label goes by its name',
    vmis: [vmi('vm')],
    expected: [{ kind: 'VirtualMachineInstance', namespace: 'bench', name: 'vm', uid: 'uid-vm' }],
  },
  { title: 'what goes already is let go', pods: [pod('p', { labels: OURS, deletionTimestamp: 'x' })], expected: [] },
  {
    title: 'a launcher pod goes with its VM',
    pods: [LAUNCHER],
    vmis: [VM],
    expected: [{ kind: 'VirtualMachineInstance', namespace: 'bench', labelSelector: SELECTOR }],
  },
  { title: 'also where its labels were taken off', pods: [without(LAUNCHER, 'labels')], expected: [] },
  { title: 'and is waited for when its VM is gone', pods: [LAUNCHER], expected: [] },
  {
    title: 'one that nothing owns any more is removed when its VM is gone',
    pods: [without(LAUNCHER, 'ownerReferences')],
    expected: [{ kind: 'Pod', namespace: 'bench', name: 'launcher', uid: 'uid-launcher' }],
  },
];

describe('what is removed', () => {
  test.each(CASES)('$title', ({ pods = [], vmis = [], isFirst = false, expected }) => {
    expect(removals({ trial: OWNER, pods, vmis, secretRemoved: !isFirst })).toEqual(expected);
  });
});

test('a Trial without an Experiment that waits for its grant ends', () => {
  const observed = {
    trial: OWNER,
    experiment: experiment(),
    testbed: testbed(),
    mode: null,
    points: [],
    tools: [],
    pods: [],
    vmis: [],
    events: [],
    nodes: nodes('node-a', 'node-b'),
    attachments: new Map(),
    sriovStates: new Map(),
    reports: new Map(),
    seen: new Set<string>(),
    secretRemoved: true,
    credentials,
  } as unknown as TrialObserved;
  expect(planTrial(observed, NOW).status).toBeUndefined();
  const cancelled = planTrial({ ...observed, experiment: null }, NOW);
  expect(findCondition(cancelled.status?.conditions, 'Measured')).toMatchObject({
    status: 'False',
    reason: 'Cancelled',
  });
  const next = planTrial({ ...observed, experiment: null, trial: { ...OWNER, status: cancelled.status ?? {} } }, NOW);
  expect(findCondition(next.status?.conditions, 'Finished')).toMatchObject({ status: 'True', reason: 'Cancelled' });
});
