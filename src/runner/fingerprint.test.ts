import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { registration } from '../collector/documents.ts';
import { registrationSample } from '../collector/samples.testing.ts';
import { fingerprintFrom } from './fingerprint.ts';

let root: string;
const FILES: Record<string, string> = {
  'proc/cmdline': 'quiet isolcpus=1-3 vf=02:00:00:00:10:01 ip=192.168.0.7\n',
  'proc/cpuinfo': 'processor\t: 0\nmodel name\t: Example CPU\nstepping\t: 7\nmicrocode\t: 0x5003604\n',
  'proc/sys/kernel/version': '#1 SMP Debian\n',
  'proc/sys/net/ipv4/tcp_rmem': '4096\t131072\t6291456\n',
  'sys/devices/system/cpu/cpu0/cpufreq/scaling_governor': 'performance\n',
  'sys/devices/system/cpu/cpu1/cpufreq/scaling_governor': 'powersave\n',
  'sys/devices/system/cpu/vulnerabilities/spectre_v2': 'Mitigation: Retpolines\n',
  'sys/kernel/mm/transparent_hugepage/enabled': 'always [madvise] never\n',
  'sys/class/net/data0/speed': '-1\n',
  'sys/class/net/data0/tx_queue_len': '1000\n',
  'sys/class/net/data0/queues/rx-0/rps_cpus': '0\n',
  'sys/class/net/data0/queues/tx-0/xps_cpus': '0\n',
  'sys/class/net/data0/queues/tx-1/xps_cpus': '0\n',
  'etc/os-release': 'NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n',
};
/** As ethtool 6 prints. */
const ETHTOOL: Record<string, string> = {
  '-i': 'driver: igbvf\nversion: 6.12.0\nfirmware-version: N/A\nexpansion-rom-version: \nbus-info: 0000:01:10.0\n',
  '-k': 'Features for data0:\nrx-checksumming: on [fixed]\ntcp-segmentation-offload: off\n\ttx-tcp-segmentation: off\n',
  '-c': 'Coalesce parameters for data0:\nAdaptive RX: on  TX: n/a\nstats-block-usecs:\tn/a\n\nrx-usecs:\t3\nrx-frames:\tn/a\n',
  '-g': 'Ring parameters for data0:\nPre-set maximums:\nRX:\t\t4096\nTX:\t\t4096\nCurrent hardware settings:\nRX:\t\t256\nTX:\t\t512\n',
  '-l': '',
};

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'vfbench-fingerprint-'));
  for (const [path, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
});
afterAll(() => rm(root, { recursive: true, force: true }));

const roots = () => ({ proc: join(root, 'proc'), sys: join(root, 'sys'), etc: join(root, 'etc') });
const collect = () => fingerprintFrom(roots(), 'data0', (option) => Promise.resolve(ETHTOOL[option] ?? ''));

test('tells what files and ethtool tell, and nothing else', async () => {
  expect(await collect()).toEqual({
    'coalescing.adaptiveRx': 'on',
    'coalescing.rxMicroseconds': '3',
    'cpu.governor': 'performance powersave',
    'cpu.microcode': '0x5003604',
    'cpu.model': 'Example CPU',
    'cpu.stepping': '7',
    'kernel.build': '#1 SMP Debian',
    'kernel.cmdline': 'quiet isolcpus=1-3 vf=MAC ip=ADDRESS',
    'memory.transparentHugepages': 'madvise',
    'mitigation.spectre_v2': 'Mitigation: Retpolines',
    'nic.driverVersion': '6.12.0',
    'nic.receiveQueues': '1',
    'nic.sendQueueLength': '1000',
    'nic.sendQueues': '2',
    'offload.rxChecksum': 'on',
    'offload.tso': 'off',
    'os.name': 'Debian GNU/Linux 13 (trixie)',
    'ring.rx': '256',
    'ring.tx': '512',
    'runtime.node': process.version,
    'tcp.receiveBuffer': '4096 131072 6291456',
  });
});

test('is taken by the collector, also where values are long or strange', async () => {
  const long = `${'x'.repeat(2000)}\u0007end`;
  await writeFile(join(root, 'proc/cmdline'), long);
  const first = await collect();
  expect(first['kernel.cmdline']?.length).toBeLessThanOrEqual(512);
  expect(registration({ ...registrationSample, fingerprint: first }, '').fingerprint).toEqual(first);
  await writeFile(join(root, 'proc/cmdline'), `${long}s`);
  expect((await collect())['kernel.cmdline']).not.toBe(first['kernel.cmdline']);
  await writeFile(join(root, 'proc/cmdline'), FILES['proc/cmdline'] ?? '');
});

test('of a machine that tells nothing is the runtime alone', async () => {
  const nowhere = { proc: '/nonexistent', sys: '/nonexistent', etc: '/nonexistent' };
  expect(await fingerprintFrom(nowhere, 'data0', () => Promise.resolve(''))).toEqual({
    'runtime.node': process.version,
  });
});
