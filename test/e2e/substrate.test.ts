/** The substrate with real packets: each kind of endpoint, both placements, and nothing left behind however it ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { namespaceOf, processesIn } from '../../src/sandbox/substrate/processes.ts';
import { sweepSubstrate } from '../../src/sandbox/substrate/state.ts';
import type { Substrate } from '../../src/sandbox/substrate/types.ts';
import { noSandbox } from '../support/assets.ts';
import { describeUnless } from '../support/skip.ts';
import {
  type Endpoint,
  type Finding,
  pairTasks,
  startGuest,
  startLab,
  startNative,
  type Guest,
} from './fixtures/substrate-lab.ts';

const PREPARE_MS = 300_000;
const GUEST_MS = 120_000;
const PORTAL = 7777;

const found = (endpoint: Endpoint, key: keyof Finding): unknown =>
  endpoint.findings().find((finding) => finding[key] !== undefined)?.[key];

/** Resolves when all have ended and are removed, with the bytes that their data NICs carried. */
async function ended(endpoints: Endpoint[]): Promise<number[]> {
  await Promise.all(endpoints.map(({ child }) => child.exited));
  const carried = await Promise.all(endpoints.map(({ pod }) => pod.carried()));
  await Promise.all(endpoints.map(({ pod }) => pod.destroy()));
  return carried;
}

async function until(holds: () => boolean | Promise<boolean>, what: string, ms = 15_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
    await sleep(50);
  }
}

/** Both said all they had to, and the client measured something, which the nodes' counters show. */
function expectTraffic(endpoints: Endpoint[], carried: number[]): void {
  const [, client] = endpoints;
  const output = endpoints.flatMap(({ lines }) => lines).join('\n');
  expect(endpoints.map((endpoint) => found(endpoint, 'done') ?? output)).toEqual([true, true]);
  expect(endpoints.map((endpoint) => found(endpoint, 'failed'))).toEqual([undefined, undefined]);
  expect(found(client!, 'bitsPerSecond')).toBeGreaterThan(1e6);
  expect(Math.min(...carried)).toBeGreaterThan(1e6 / 8);
}

describeUnless(noSandbox, 'substrate', () => {
  let substrate: Substrate;
  let dir: string;
  const collector = createServer((socket) => {
    socket.setEncoding('utf8').on('data', (name: string) => socket.end(`hello ${name}`));
  });

  beforeAll(async () => {
    ({ substrate, dir } = await startLab());
    await once(collector.listen(0, '127.0.0.1'), 'listening');
    await substrate.openPortal(PORTAL, { host: '127.0.0.1', port: (collector.address() as AddressInfo).port });
  }, PREPARE_MS);

  afterEach(async () => {
    expect(await substrate.listLeftovers()).toEqual([]);
  });

  afterAll(async () => {
    await substrate.close();
    collector.close();
    expect(await substrate.listLeftovers()).toEqual([]);
    await rm(dir, { recursive: true });
  });

  const out = () => ({ gateway: substrate.gateway, port: PORTAL });

  test.each([
    ['CrossNode', 'beta'],
    ['SameNode', 'alpha'],
  ])(
    'native pods exchange traffic: %s',
    async (_, node) => {
      const [server, client] = pairTasks(out());
      const pair = [await startNative(substrate, 'alpha', server), await startNative(substrate, node, client)];
      expectTraffic(pair, await ended(pair));
      expect(pair.map((endpoint) => found(endpoint, 'heard'))).toEqual(['hello server', 'hello client']);
      expect(pair.map((endpoint) => found(endpoint, 'pid'))).toEqual([1, 1]);
    },
    60_000,
  );

  async function guests(guest: Guest, node: string): Promise<Endpoint[]> {
    const tasks = pairTasks(out());
    const pair = await Promise.all([
      startGuest(substrate, 'alpha', { ...guest, task: tasks[0], tasks }),
      startGuest(substrate, node, { ...guest, task: tasks[1], tasks }),
    ]);
    expectTraffic(pair, await ended(pair));
    expect(pair.map((endpoint) => found(endpoint, 'heard'))).toEqual(['hello server', 'hello client']);
    expect(pair.map((endpoint) => found(endpoint, 'mac'))).toEqual(tasks.map(({ mac }) => mac));
    return pair;
  }

  test.each<[string, string, Guest]>([
    ['CrossNode', 'beta', { kind: 'Virtio' }],
    ['SameNode with two queues', 'alpha', { kind: 'Virtio', cores: 2 }],
  ])(
    'virtio guests exchange traffic: %s',
    async (_, node, guest) => {
      const pair = await guests(guest, node);
      expect(pair.map((endpoint) => found(endpoint, 'driver'))).toEqual(['virtio_net', 'virtio_net']);
    },
    GUEST_MS,
  );

  test.each([
    ['CrossNode', 'beta'],
    ['SameNode', 'alpha'],
  ])(
    'VF guests exchange traffic: %s',
    async (_, node) => {
      const pair = await guests({ kind: 'Vf' }, node);
      expect(pair.map((endpoint) => found(endpoint, 'driver'))).toEqual(['igbvf', 'igbvf']);
    },
    GUEST_MS,
  );

  test(
    'a runner is ended by SIGTERM, a guest by its power button',
    async () => {
      const [task, other] = pairTasks({ role: 'sleeper' });
      const native = await startNative(substrate, 'beta', other);
      const guest = await startGuest(substrate, 'alpha', { kind: 'Virtio', task, tasks: [task] });
      await until(() => found(native, 'nic') !== undefined, 'native runner');
      await native.child.powerDown();
      expect(await native.child.exited).toEqual({ code: 143, signal: null });
      await until(() => found(guest, 'nic') !== undefined, 'guest', 60_000);
      await guest.child.powerDown();
      expect(await guest.child.exited).toEqual({ code: 0, signal: null });
      expect(guest.lines).toContain('vfbench: power button');
      await ended([native, guest]);
    },
    GUEST_MS,
  );

  test('a pod is destroyed at any moment, twice, and its name is free again', async () => {
    const [task, other] = pairTasks({ role: 'sleeper' });
    for (let round = 0; round < 2; round++) {
      const native = await startNative(substrate, 'beta', other);
      const guest = await startGuest(substrate, 'alpha', { kind: 'Vf', task, tasks: [task] });
      await sleep(round * 700);
      await Promise.all([native, guest, guest].map(({ pod }) => pod.destroy()));
      expect((await guest.child.exited).signal).toBe('SIGKILL');
      expect(await substrate.listLeftovers()).toEqual([]);
    }
  }, 60_000);

  test('a portal whose target is down closes the connection', async () => {
    await substrate.openPortal(PORTAL + 1, { host: '127.0.0.1', port: 1 });
    const [task] = pairTasks({ role: 'sleeper', gateway: substrate.gateway, port: PORTAL + 1 });
    const native = await startNative(substrate, 'beta', task);
    await until(() => found(native, 'heard') !== undefined, 'end of the connection');
    expect(['', 'ECONNRESET']).toContain(found(native, 'heard'));
    await native.pod.destroy();
  }, 30_000);

  test('refuses a taken id, an unknown node, a directory in use', async () => {
    const pod = await substrate.createPod({ id: 'one', node: 'alpha' });
    await expect(substrate.createPod({ id: 'one', node: 'beta' })).rejects.toThrow('there is a pod one already');
    await expect(substrate.createPod({ id: 'two', node: 'gamma' })).rejects.toThrow('there is no node gamma');
    await expect(startLab({ dir })).rejects.toThrow('in use by another sandbox');
    await pod.destroy();
  });

  test(
    'without TAPs a guest and a pod exchange traffic too, beside another substrate',
    async () => {
      const lab = await startLab({ dataPath: 'packet' });
      const tasks = pairTasks();
      const pair = await Promise.all([
        startGuest(lab.substrate, 'alpha', { kind: 'Virtio', task: tasks[0], tasks }),
        startNative(lab.substrate, 'beta', tasks[1]),
      ]);
      expectTraffic(pair, await ended(pair));
      expect(await lab.substrate.listLeftovers()).toEqual([]);
      await lab.substrate.close();
      expect(await lab.substrate.listLeftovers()).toEqual([]);
      await rm(lab.dir, { recursive: true });
    },
    GUEST_MS,
  );

  describe('killed', () => {
    test('the holder: everything ends, and it is told', async () => {
      const lab = await startLab();
      const [task] = pairTasks({ role: 'sleeper' });
      const guest = await startGuest(lab.substrate, 'alpha', { kind: 'Virtio', task, tasks: [task] });
      const user = namespaceOf(guest.child.pid, 'user')!;
      const { holder } = JSON.parse(await readFile(join(lab.dir, 'substrate.json'), 'utf8')) as {
        holder: { pid: number };
      };
      expect(processesIn(user)).toContain(holder.pid);
      process.kill(holder.pid, 'SIGKILL');
      await lab.substrate.lost;
      expect(await guest.child.exited).toEqual({ code: null, signal: 'SIGKILL' });
      await until(() => processesIn(user).length === 0, 'end of all processes');
      await lab.substrate.close();
      expect(await lab.substrate.listLeftovers()).toEqual([]);
      await rm(lab.dir, { recursive: true });
    }, 60_000);

    test('the sandbox: no process stays, and the next start removes its files', async () => {
      const directory = await mkdtemp(join(tmpdir(), 'vfbench-lab-'));
      const script = join(import.meta.dirname, 'fixtures/substrate-victim.ts');
      const victim = spawn(process.execPath, [script, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [data] = (await once(victim.stdout, 'data')) as [Buffer];
      const pids = JSON.parse(data.toString()) as { guest: number; native: number };
      const user = namespaceOf(pids.guest, 'user')!;
      expect(processesIn(user)).toEqual(expect.arrayContaining([pids.guest, pids.native]));
      victim.kill('SIGKILL');
      await until(() => processesIn(user).length === 0, 'end of all processes');
      await access(join(directory, 'substrate.json'));
      expect(await sweepSubstrate(directory)).toBe(true);
      expect(await readdir(directory)).toEqual([]);
      await rm(directory, { recursive: true });
    }, 60_000);
  });
});
