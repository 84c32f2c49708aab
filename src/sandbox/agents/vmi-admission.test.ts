/** Defaults and refusals of KubeVirt's admission, against the recorded ones. */
import { describe, expect, test } from '@jest/globals';
import type { Vmi } from './vmi.ts';
import { testdata } from './testdata.testing.ts';
import { withDefaults } from './vmi-defaults.ts';
import { refusals } from './vmi-refusals.ts';

interface Variant {
  input: Vmi;
  vmi: Vmi;
}

const VARIANTS = [
  'bridge-netdev',
  'dedicated-isolate',
  'dedicated-noresources',
  'dedicated-numa-huge1g',
  'hugepages2m',
  'kernelboot',
];

describe('withDefaults', () => {
  test.each([...VARIANTS, 'net-multiqueue', 'vf-limits-only'])('completes the spec of %s as recorded', (name) => {
    const { input, vmi } = testdata<Variant>(`variant-${name}.json`);
    const uuid = vmi.spec.domain.firmware?.uuid ?? '';
    const stored = withDefaults(input, new Date(0), uuid);

    expect(stored.spec).toEqual(vmi.spec);
    expect(stored.metadata.finalizers).toEqual(vmi.metadata.finalizers);
  });

  test('begins the status as recorded', () => {
    const recorded = testdata<Vmi>('vmi-guest-sriov.0-created.json');
    const { status: _, ...input } = recorded;
    const created = new Date(recorded.metadata.creationTimestamp ?? 0);
    const stored = withDefaults(input, created, 'unused');

    expect(stored.status).toEqual(recorded.status);
    expect(stored.metadata.annotations).toEqual(recorded.metadata.annotations);
  });

  test('is the same twice', () => {
    const { input } = testdata<Variant>('variant-vf-limits-only.json');
    const once = withDefaults(input, new Date(0), 'a');
    expect(withDefaults(once, new Date(0), 'b')).toEqual(once);
  });

  test.each([
    ['registry.example/guest@sha256:00', 'IfNotPresent'],
    ['registry.example:5000/guest', 'Always'],
    ['registry.example:5000/guest:latest', 'Always'],
    ['registry.example:5000/guest:v1', 'IfNotPresent'],
  ])('pulls %s %s', (image, policy) => {
    const { input } = testdata<Variant>('variant-vf-limits-only.json');
    input.spec.volumes = [{ name: 'root', containerDisk: { image } }];
    const stored = withDefaults(input, new Date(0), 'a');
    expect(stored.spec.volumes?.[0]?.containerDisk?.imagePullPolicy).toBe(policy);
  });
});

describe('refusals', () => {
  const cases = testdata<{ case: string; error: string; vmi: Vmi }[]>('admission.json');

  /** As kubectl prints an Invalid status: one cause in a line, several in a list. */
  function printed(vmi: Vmi): string {
    const causes = refusals(vmi).map(({ field, message }) => `${field}: ${message}`);
    if (causes.length === 0) return 'ACCEPTED';
    if (causes.length === 1) return `The request is invalid: ${causes[0] ?? ''}`;
    return `The request is invalid: \n${causes.map((cause) => `* ${cause}`).join('\n')}`;
  }

  test.each(cases.map((each) => [each.case, each] as const))('answers %s in the recorded words', (_, each) => {
    expect(printed(each.vmi)).toBe(each.error);
  });
});
