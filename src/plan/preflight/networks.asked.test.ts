import { describe, expect, test } from '@jest/globals';
import { experiment, testbed } from '../../../test/support/builders.ts';
import { nad, nads, statusOf, told, VFVFIO } from '../../../test/support/preflight.ts';
import { findCondition } from '../../api/conditions.ts';
import type { Mode } from '../../api/v1alpha1.ts';
import type { TestbedObserved } from './observed.ts';

describe('networks as Experiments use them', () => {
  const NATIVE = { name: 'native', type: 'Native' as const };
  const asks = (mode: Mode): Partial<TestbedObserved> => ({
    experiments: [experiment({ modes: [NATIVE, mode] })],
    testbed: testbed({ networks: [...testbed().spec.networks, { name: 'pf1', attachment: 'pf1' }] }),
  });
  const pf1 = nads(nad('pf1', { type: 'sriov', vlan: 0 }, VFVFIO));

  test.each<[string, Mode, Partial<TestbedObserved>, string[]]>([
    [
      "a client's network that is right",
      { name: 'vf', type: 'Passthrough', clientNetwork: 'pf1' },
      { attachments: pf1 },
      [],
    ],
    [
      "a client's network in software",
      { name: 'vf', type: 'Passthrough', clientNetwork: 'virtio' },
      { attachments: pf1 },
      [
        'Warning ResourceUnknown [virtio; Passthrough]: Experiment exp, mode vf: network virtio for mode Passthrough: no device resource is known for it: annotate NetworkAttachmentDefinition br-data with k8s.v1.cni.cncf.io/resourceName',
        'Warning PluginUnfit [virtio; Passthrough]: Experiment exp, mode vf: network virtio for mode Passthrough: plugin bridge makes an interface in software and has no VF to pass through: use plugin sriov on a pool bound to vfio-pci',
      ],
    ],
    [
      'the pod at the end of a VM',
      { name: 'half', type: 'Virtio', peer: 'Native', clientNetwork: 'pf1' },
      { attachments: pf1 },
      [
        'Warning IPAMMissing [pf1; Native]: Experiment exp, mode half: network pf1 for mode Native: it has no IPAM, so that the data addresses of the Testbed do not reach pods: use "capabilities": {"ips": true}, "ipam": {"type": "static"}',
      ],
    ],
  ])('%s', (_, mode, fields, expected) => {
    const status = statusOf({ ...asks(mode), ...fields });
    const found = (status.findings ?? []).filter(({ message }) => message.startsWith('Experiment')).map(told);
    expect(found).toEqual(expected);
    expect(findCondition(status.conditions, 'Ready')?.status).toBe('True');
  });
});
