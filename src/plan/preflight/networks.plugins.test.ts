import { describe, expect, test } from '@jest/globals';
import { testbed } from '../../../test/support/builders.ts';
import { nad, nads, STATIC, statusOf, VFVFIO } from '../../../test/support/preflight.ts';
import { findCondition } from '../../api/conditions.ts';
import type { ModeType } from '../../api/v1alpha1.ts';

/** Which types of modes an interface of each CNI plugin can carry: nothing else is wrong with the attachment. */
const PLUGINS: [string, { Native: boolean; Virtio: boolean; Passthrough: boolean }][] = [
  ['sriov', { Native: true, Virtio: true, Passthrough: true }],
  ['ib-sriov', { Native: true, Virtio: true, Passthrough: true }],
  ['accelerated-bridge', { Native: true, Virtio: true, Passthrough: true }],
  ['host-device', { Native: true, Virtio: true, Passthrough: true }],
  ['of-somebody', { Native: true, Virtio: true, Passthrough: true }],
  ['bridge', { Native: true, Virtio: true, Passthrough: false }],
  ['vlan', { Native: true, Virtio: true, Passthrough: false }],
  ['macvlan', { Native: true, Virtio: false, Passthrough: false }],
  ['ipvlan', { Native: true, Virtio: false, Passthrough: false }],
  ['ptp', { Native: true, Virtio: false, Passthrough: false }],
  ['macvtap', { Native: false, Virtio: false, Passthrough: false }],
  ['tap', { Native: false, Virtio: false, Passthrough: false }],
  ['dummy', { Native: false, Virtio: false, Passthrough: false }],
  ['loopback', { Native: false, Virtio: false, Passthrough: false }],
];
const WHY = {
  Native: 'makes an interface over which a pod reaches nobody',
  Virtio: 'makes an interface that cannot be bridged to a guest',
  Passthrough: 'makes an interface in software and has no VF to pass through',
} as const;
const TYPES: ModeType[] = ['Native', 'Virtio', 'Passthrough'];

describe('CNI plugins', () => {
  test.each(PLUGINS.flatMap(([plugin, fits]) => TYPES.map((type) => [plugin, type, fits[type]] as const)))(
    '%s for mode %s: %s',
    (plugin, type, fits) => {
      const name = type.toLowerCase();
      const config = { type: plugin, bridge: 'b', vlan: 0, ...(type === 'Native' ? STATIC : {}) };
      const status = statusOf({
        testbed: testbed({ networks: [{ name, attachment: 'one' }] }),
        attachments: nads(nad('one', config, VFVFIO)),
      });
      const errors = (status.findings ?? []).filter(({ severity }) => severity === 'Error');
      expect(errors.map(({ reason, modes, message }) => [reason, modes, message.split(': ')[1]])).toEqual(
        fits ? [] : [['PluginUnfit', [type], `plugin ${plugin} ${WHY[type]}`]],
      );
      expect(findCondition(status.conditions, `${type}Ready`)?.status).toBe(fits ? 'True' : 'False');
      expect(status.networks?.[0]?.modes.includes(type)).toBe(fits);
    },
  );
});
