import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deviceFacts, parseVf } from './vf.ts';

/** `ip -j link show` of a PF with seven VFs, recorded. */
const PF_LINK = readFileSync(new URL('testdata/ip-link-pf.json', import.meta.url), 'utf8');
const forever = new AbortController().signal;

describe("a PF's settings of a VF", () => {
  test('as recorded', () => {
    expect(parseVf(PF_LINK, 3)).toEqual({
      index: 3,
      vlan: 0,
      maxTxMbps: 0,
      minTxMbps: 0,
      spoofCheck: true,
      trust: false,
      linkState: 'auto',
    });
  });

  test('a rate limit and a VLAN that somebody left', () => {
    const left = PF_LINK.replace('"rate":{"max_tx":0,"min_tx":0}', '"rate":{"max_tx":100,"min_tx":0}').replace(
      '"vlan_list":[{}]',
      '"vlan_list":[{"vlan":100}]',
    );
    expect(parseVf(left, 0)).toMatchObject({ vlan: 100, maxTxMbps: 100 });
    expect(parseVf(left, 1)).toMatchObject({ vlan: 0, maxTxMbps: 0 });
  });

  test.each([
    ['a VF it does not have', PF_LINK, 9],
    ['no VFs', '[{"ifname":"eth0"}]', 0],
    ['nothing', '[]', 0],
    ['rubbish', 'Device "x" does not exist.', 0],
  ])('%s: nothing is known', (_, json, index) => expect(parseVf(json, index)).toBeNull());
});

describe('the device behind a NIC', () => {
  let sysfs: string;
  const PF = 'devices/pci0000:00/0000:01:00.0';
  const VF = 'devices/pci0000:00/0000:01:10.4';

  beforeAll(async () => {
    sysfs = await mkdtemp(join(tmpdir(), 'vfbench-vf-'));
    const [pf, vf, plain] = [join(sysfs, PF), join(sysfs, VF), join(sysfs, 'devices/plain')];
    for (const path of [pf, vf, plain]) await mkdir(path, { recursive: true });
    await symlink(vf, join(pf, 'virtfn2'));
    await symlink('../0000:01:00.0', join(vf, 'physfn'));
    await writeFile(join(vf, 'numa_node'), '1\n');
    await writeFile(join(plain, 'numa_node'), '-1\n');
    for (const [name, device] of [
      ['vf0', vf],
      ['eth0', plain],
    ] as const) {
      await mkdir(join(sysfs, 'class/net', name), { recursive: true });
      await symlink(device, join(sysfs, 'class/net', name, 'device'));
    }
  });
  afterAll(() => rm(sysfs, { recursive: true, force: true }));

  test('a VF has a PF and a NUMA node; the PF is not visible from a pod', async () => {
    expect(await deviceFacts('vf0', forever, sysfs)).toEqual({ numaNode: 1, pfPciAddress: '0000:01:00.0' });
  });

  test('a machine without NUMA, no device at all: nothing is claimed', async () => {
    expect(await deviceFacts('eth0', forever, sysfs)).toEqual({});
    expect(await deviceFacts('veth0', forever, sysfs)).toEqual({});
  });
});
