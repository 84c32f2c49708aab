import { expect, test } from '@jest/globals';
import type { Mode, TestbedStatus, VmTemplate } from '../api/v1alpha1.ts';
import { node, testbed } from '../../test/support/builders.ts';
import { guestNodeFinding } from './guestNodes.ts';
import type { Node } from './observed.ts';

const TAKES_VMS = { 'kubevirt.io/schedulable': 'true' };
const PINNED = { ...TAKES_VMS, 'kubevirt.io/cpumanager': 'true' };
const NO_KVM = { 'devices.kubevirt.io/kvm': '0' };
const EMULATION: TestbedStatus = { findings: [{ severity: 'Warning', reason: 'Emulation', message: '' }] };
const VM: VmTemplate = { image: 'guest', cores: 4, memory: '1Gi', dedicatedCPU: false, multiqueue: false };

const machine = (labels: Record<string, string>, resources: Record<string, string> = {}): Node => ({
  ...node('b', resources),
  metadata: { name: 'b', labels },
});

interface Case {
  mode?: Partial<Mode>;
  /** Of the Testbed. */
  vm?: Partial<VmTemplate>;
  node: Node;
  status?: TestbedStatus;
}

function verdict({ mode, vm, node: judged, status = { findings: [] } }: Case): string {
  const bed = { ...testbed({ vm: { ...VM, ...vm } }), status };
  const found = guestNodeFinding(bed, { name: 'fast', type: 'Virtio', ...mode }, judged);
  return found === null ? 'fits' : `${found.reason}: ${found.message}`;
}

const CPU_MANAGER =
  /^NodeCPUManager: Mode fast: .*not so on b \(kubevirt.io\/cpumanager is not set\): .*label node b kubevirt.io\/cpumanager=true/;

test.each<[string, Case, RegExp]>([
  ['all is there', { mode: { vm: { dedicatedCPU: true } }, node: machine(PINNED) }, /^fits$/],
  ['nothing more is asked for', { node: machine(TAKES_VMS) }, /^fits$/],
  [
    'no CPU manager for the VM of the mode',
    { mode: { vm: { dedicatedCPU: true } }, node: machine(TAKES_VMS) },
    CPU_MANAGER,
  ],
  ["no CPU manager for the Testbed's VM", { vm: { dedicatedCPU: true }, node: machine(TAKES_VMS) }, CPU_MANAGER],
  [
    'the mode does without it',
    { vm: { dedicatedCPU: true }, mode: { vm: { dedicatedCPU: false } }, node: machine(TAKES_VMS) },
    /^fits$/,
  ],
  [
    'label of another value',
    { vm: { dedicatedCPU: true }, node: machine({ ...PINNED, 'kubevirt.io/cpumanager': 'false' }) },
    /^NodeCPUManager: .*cpumanager is false/,
  ],
  [
    'no virt-handler',
    { node: machine({}) },
    /^NodeNotSchedulable: Mode fast: .*not so on b \(.*schedulable is not set\)/,
  ],
  ['no KVM', { node: machine(TAKES_VMS, NO_KVM) }, /^NoKVM: Mode fast: VMs need KVM, not so on b \(0 of .*kvm\)/],
  ['no KVM needed', { node: machine(TAKES_VMS, NO_KVM), status: EMULATION }, /^fits$/],
  ['no VM', { mode: { type: 'Native' }, vm: { dedicatedCPU: true }, node: machine({}, NO_KVM) }, /^fits$/],
])('%s', (_, fields, expected) => {
  expect(verdict(fields)).toMatch(expected);
});
