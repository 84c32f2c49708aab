/** The launcher pods of recorded VMIs, against what KubeVirt v1.9.0 rendered for them, whole object. */
import { describe, expect, test } from '@jest/globals';
import { podInterfaceName, renderLauncher } from './launcher.ts';
import type { Pod } from './objects.ts';
import type { Vmi } from './vmi.ts';
import { storedSpec } from './server-defaults.testing.ts';
import { testdata } from './testdata.testing.ts';

const VARIANTS = [
  'bridge-netdev',
  'dedicated-isolate',
  'dedicated-noresources',
  'dedicated-numa-huge1g',
  'hugepages2m',
  'kernelboot',
  'nad-missing',
  'name64',
  'net-multiqueue',
  'no-vf-resources',
  'vf-limits-only',
];

/** KubeVirt draws the QEMU timeout at random. */
function withoutTimeout(spec: unknown): unknown {
  const text = JSON.stringify(spec, (_, value: unknown) =>
    Array.isArray(value) ? value.filter((each) => !/^\d+s$/.test(String(each))) : value,
  );
  return JSON.parse(text);
}

describe('renderLauncher', () => {
  test.each(VARIANTS)('renders %s as recorded', (name) => {
    const { vmi, pod } = testdata<{ vmi: Vmi; pod: Pod }>(`variant-${name}.json`);
    const rendered = renderLauncher(vmi);

    expect(withoutTimeout(storedSpec(rendered))).toEqual(withoutTimeout({ ...pod.spec, nodeName: undefined }));
    expect(rendered.metadata.labels).toEqual(pod.metadata.labels);
    expect(rendered.metadata.annotations).toEqual(pod.metadata.annotations);
    expect(rendered.metadata.ownerReferences).toEqual(pod.metadata.ownerReferences);
    expect(rendered.metadata.generateName).toBe(pod.metadata.generateName);
  });

  test('hashes the name of the network into the interface name', () => {
    expect(podInterfaceName('data')).toBe('pod3a6eb0790f3');
    expect(podInterfaceName('vf')).toBe('podc70d6cef7d4');
  });

  test('joins the node terms of the VMI with its own', () => {
    const { vmi } = testdata<{ vmi: Vmi }>('variant-vf-limits-only.json');
    const zone = { key: 'zone', operator: 'In', values: ['a'] };
    vmi.spec.affinity = {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [zone] }],
        },
      },
    };
    expect(renderLauncher(vmi).spec.affinity).toEqual({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            {
              matchExpressions: [
                zone,
                { key: 'node-labeller.kubevirt.io/obsolete-host-model', operator: 'DoesNotExist' },
              ],
            },
          ],
        },
      },
    });
  });
});
