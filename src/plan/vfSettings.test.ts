import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { nad } from '../../test/support/preflight.ts';
import type { VfSettings } from '../api/protocol.ts';
import { parseVf } from '../runner/vf.ts';
import type { Finding } from './observed.ts';
import { leftSettings } from './vfSettings.ts';

const FRESH: VfSettings = { index: 2, vlan: 0, maxTxMbps: 0, minTxMbps: 0 };
const SAFE = { spoofCheck: true, trust: false, linkState: 'auto' };

/** What is said of a VF with these settings under an attachment with these keys; null for nothing. */
function said(found: Partial<VfSettings>, keys: object): string | null {
  const finding = leftSettings('server-0', { own: { ...FRESH, ...found } }, nad('vf', { type: 'sriov', ...keys }));
  if (finding !== null) expect(finding.reason).toBe('VFSettingsLeft');
  return finding?.message ?? null;
}

const START = 'server-0: VF 2 of its PF ';
const END = ': somebody left that behind; reset it on the node (ip link set PF vf 2 ';

describe('settings left on a VF', () => {
  test.each<[string, Partial<VfSettings>, object, string, string]>([
    ['a rate limit', { maxTxMbps: 100 }, {}, 'sends at most 100 Mbit/s, asked is no limit', 'max_tx_rate 0'],
    [
      'another limit',
      { maxTxMbps: 100 },
      { max_tx_rate: 200 },
      'sends at most 100 Mbit/s, asked is 200',
      'max_tx_rate 200',
    ],
    ['no limit', {}, { max_tx_rate: 200 }, 'sends without limit, asked is 200', 'max_tx_rate 200'],
    ['a guarantee', { minTxMbps: 5000 }, {}, 'is guaranteed 5000 Mbit/s, asked is 0', 'min_tx_rate 0'],
    ['no guarantee', {}, { min_tx_rate: 10 }, 'is guaranteed 0 Mbit/s, asked is 10', 'min_tx_rate 10'],
    ['a VLAN', { vlan: 100 }, {}, 'is in VLAN 100, asked is 0', 'vlan 0'],
    ['no VLAN', {}, { vlan: 7 }, 'is in VLAN 0, asked is 7', 'vlan 7'],
    ['no spoof check', { spoofCheck: false }, { spoofchk: 'on' }, 'has spoofchk off, asked is on', 'spoofchk on'],
    ['a spoof check', { spoofCheck: true }, { spoofchk: 'off' }, 'has spoofchk on, asked is off', 'spoofchk off'],
    ['trust', { trust: true }, { trust: 'off' }, 'has trust on, asked is off', 'trust off'],
    ['no trust', { trust: false }, { trust: 'on' }, 'has trust off, asked is on', 'trust on'],
    [
      'a link that is off',
      { linkState: 'disable' },
      { link_state: 'enable' },
      'has link state disable, asked is enable',
      'state enable',
    ],
    [
      'a link that is off, nobody asks',
      { linkState: 'disable' },
      {},
      'has link state disable, asked is auto',
      'state auto',
    ],
    [
      'a link forced up',
      { linkState: 'enable' },
      { link_state: 'auto' },
      'has link state enable, asked is auto',
      'state auto',
    ],
    [
      'all at once',
      { spoofCheck: false, trust: true, linkState: 'disable' },
      { spoofchk: 'on', trust: 'off', link_state: 'enable' },
      'has spoofchk off, asked is on and has trust on, asked is off and has link state disable, asked is enable',
      'spoofchk on trust off state enable',
    ],
  ])('%s', (_, found, keys, ...expected) => {
    const [text, reset] = expected;
    expect(said(found, keys)).toBe(`${START}${text}${END}${reset}), or write it into the attachment`);
  });

  test.each<[string, Partial<VfSettings>, object]>([
    ['a fresh VF', SAFE, {}],
    ['what a driver chose, nobody asks', { spoofCheck: false, trust: true, linkState: 'enable' }, {}],
    [
      'all as asked',
      { ...SAFE, minTxMbps: 5, maxTxMbps: 9, vlan: 3 },
      { spoofchk: 'on', trust: 'off', link_state: 'auto', min_tx_rate: 5, max_tx_rate: 9, vlan: 3 },
    ],
    ['what the PF does not tell', {}, { spoofchk: 'on', trust: 'off', link_state: 'enable' }],
  ])('none: %s', (_, found, keys) => {
    expect(said(found, keys)).toBeNull();
  });

  test('none on VFs as a real PF has them once made', () => {
    const json = readFileSync(new URL('../runner/testdata/ip-link-pf.json', import.meta.url), 'utf8');
    for (let index = 0; index < 7; index++) {
      const found = parseVf(json, index);
      expect(found).not.toBeNull();
      expect(said(found ?? {}, {})).toBeNull();
      expect(said(found ?? {}, { vlan: 0, spoofchk: 'on', trust: 'off' })).toBeNull();
    }
  });
});

describe('a VLAN on a VF, as the SR-IOV network operator has seen it', () => {
  const onNode = { pfPciAddress: '0000:3b:00.0', vlan: 100 };
  const seen = (vlan: number, keys: object): Finding | null =>
    leftSettings('server-0', { onNode: { ...onNode, vlan }, hostPciAddress: '0000:3b:02.1' }, nad('vf', keys));

  test('counts where the attachment names none: sriov-cni leaves it', () => {
    expect(seen(100, { type: 'sriov' })).toMatchObject({
      reason: 'VFSettingsLeft',
      message: expect.stringMatching(/^server-0: VF 0000:3b:02\.1 of PF 0000:3b:00\.0 is in VLAN 100 /),
    });
  });

  test.each<[string, number, object]>([
    ['there is none', 0, { type: 'sriov' }],
    ['the attachment names one, which is set since', 100, { type: 'sriov', vlan: 7 }],
    ['another plugin may set what it likes', 100, { type: 'host-device' }],
  ])('does not where %s', (_, vlan, keys) => {
    expect(seen(vlan, keys)).toBeNull();
  });
});
