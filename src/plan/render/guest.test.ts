import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Mode, TestbedSpec } from '../../api/v1alpha1.ts';
import { testbed } from '../../../test/support/builders.ts';
import { guestFinding, guestOf } from './guest.ts';

type VmSpec = NonNullable<TestbedSpec['vm']>;
type ModeVm = NonNullable<Mode['vm']>;

const BASE: VmSpec = { image: 'guest:1', cores: 2, memory: '1Gi', dedicatedCPU: false, multiqueue: true };
const bed = (vm: Partial<VmSpec> = {}) => testbed({ vm: { ...BASE, ...vm } });
const mode = (vm?: ModeVm): Mode => ({ name: 'm', type: 'Virtio', ...(vm === undefined ? {} : { vm }) });

describe('the guest of a mode', () => {
  test.each<[string, Partial<VmSpec>, ModeVm | undefined, object]>([
    ['is the Testbed’s', { cores: 4 }, undefined, { ...BASE, cores: 4, isolateEmulatorThread: false }],
    [
      'with what the mode changes',
      {},
      { cores: 8, memory: '2Gi' },
      { ...BASE, cores: 8, memory: '2Gi', isolateEmulatorThread: false },
    ],
    ['keeps the huge pages', { hugepages: '1Gi' }, {}, { ...BASE, hugepages: '1Gi', isolateEmulatorThread: false }],
    [
      'on other huge pages',
      { hugepages: '1Gi' },
      { hugepages: '2Mi' },
      { ...BASE, hugepages: '2Mi', isolateEmulatorThread: false },
    ],
    ['on ordinary pages', { hugepages: '1Gi' }, { hugepages: 'None' }, { ...BASE, isolateEmulatorThread: false }],
    ['isolates where it asks', {}, { isolateEmulatorThread: true }, { ...BASE, isolateEmulatorThread: true }],
  ])('%s', (_, vm, change, expected) => {
    expect(guestOf(bed(vm), mode(change))).toEqual(expected);
  });

  test('there is none where the Testbed has none', () => {
    const { vm: _vm, ...spec } = bed().spec;
    expect(guestOf({ ...bed(), spec }, mode())).toBeNull();
  });
});

describe('Testbed and mode together', () => {
  test.each<[string, Partial<VmSpec>, ModeVm, RegExp]>([
    [
      'isolated, not pinned',
      {},
      { isolateEmulatorThread: true },
      /^Mode m on Testbed lab: isolateEmulatorThread needs dedicatedCPU: set dedicatedCPU to true in vm of the mode or of the Testbed$/,
    ],
    [
      'isolated, pinning switched off',
      { dedicatedCPU: true },
      { isolateEmulatorThread: true, dedicatedCPU: false },
      /isolateEmulatorThread needs dedicatedCPU/,
    ],
    [
      'NUMA, not pinned',
      { hugepages: '1Gi' },
      { numaPassthrough: true },
      /numaPassthrough needs dedicatedCPU and hugepages: set both, or numaPassthrough to false/,
    ],
    ['NUMA on ordinary pages', { dedicatedCPU: true }, { numaPassthrough: true }, /numaPassthrough needs/],
    [
      'NUMA of the Testbed, pages of the mode',
      { dedicatedCPU: true, hugepages: '1Gi', numaPassthrough: true },
      { hugepages: 'None' },
      /numaPassthrough needs/,
    ],
    [
      'memory that the pages cannot fill',
      { hugepages: '1Gi' },
      { memory: '1536Mi' },
      /memory 1536Mi is not a multiple of hugepages 1Gi: change one of them in vm of the mode/,
    ],
    [
      'pages that cannot fill the memory',
      { memory: '1536Mi' },
      { hugepages: '1Gi' },
      /memory 1536Mi is not a multiple of hugepages 1Gi/,
    ],
  ])('%s is refused', (_, vm, change, message) => {
    const finding = guestFinding(bed(vm), mode(change));
    expect(finding).toEqual({ reason: 'InvalidVM', message: expect.stringMatching(message) });
  });

  test.each<[string, Partial<VmSpec>, ModeVm | undefined]>([
    ['nothing special', {}, undefined],
    ['isolated and pinned by the mode', {}, { isolateEmulatorThread: true, dedicatedCPU: true }],
    ['NUMA, pinned, on huge pages', { dedicatedCPU: true, hugepages: '2Mi' }, { numaPassthrough: true }],
    [
      'NUMA switched off with its pages',
      { dedicatedCPU: true, hugepages: '1Gi', numaPassthrough: true },
      { hugepages: 'None', numaPassthrough: false },
    ],
  ])('%s is fine', (_, vm, change) => {
    expect(guestFinding(bed(vm), mode(change))).toBeNull();
  });

  test('a Native mode needs no VM, another one does', () => {
    const { vm: _vm, ...spec } = bed().spec;
    expect(guestFinding({ ...bed(), spec }, { name: 'n', type: 'Native' })).toBeNull();
    expect(guestFinding({ ...bed(), spec }, mode())).toEqual({
      reason: 'NoVMTemplate',
      message: 'Mode m is a VM: give Testbed lab a spec.vm',
    });
  });

  const amount = fc.constantFrom('512Mi', '1Gi', '1536Mi', '2Gi');
  const vms = fc.record(
    {
      memory: amount,
      hugepages: fc.constantFrom('2Mi' as const, '1Gi' as const),
      dedicatedCPU: fc.boolean(),
      numaPassthrough: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  const changes = fc.record(
    {
      memory: amount,
      hugepages: fc.constantFrom('None' as const, '2Mi' as const, '1Gi' as const),
      dedicatedCPU: fc.boolean(),
      numaPassthrough: fc.boolean(),
      isolateEmulatorThread: fc.boolean(),
    },
    { requiredKeys: [] },
  );

  test('whatever passes has what each of its options needs', () => {
    fc.assert(
      fc.property(vms, changes, (vm, change) => {
        const guest = guestOf(bed(vm), mode(change));
        if (guest === null || guestFinding(bed(vm), mode(change)) !== null) return;
        if (guest.isolateEmulatorThread) expect(guest.dedicatedCPU).toBe(true);
        if (guest.numaPassthrough === true)
          expect([guest.dedicatedCPU, guest.hugepages]).toEqual([true, expect.any(String)]);
        if (guest.hugepages === '1Gi') expect(['1Gi', '2Gi']).toContain(guest.memory);
      }),
    );
  });
});
