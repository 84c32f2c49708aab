import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from '@jest/globals';
import { pressPowerButton } from './qmp.ts';

test('orders the power button and waits until QEMU has it; a QEMU that is gone is no error', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'vfbench-qmp-'));
  const path = join(dir, 'qmp');
  const orders: string[] = [];
  const qemu = createServer((socket) => {
    socket.write('{"QMP": {"version": {}, "capabilities": []}}\n');
    createInterface({ input: socket }).on('line', (line) => {
      orders.push((JSON.parse(line) as { execute: string }).execute);
      socket.write('{"event": "POWERDOWN"}\n{"return": {}}\n');
    });
  });
  await once(qemu.listen(path), 'listening');
  await pressPowerButton(path);
  expect(orders).toEqual(['qmp_capabilities', 'system_powerdown']);
  await new Promise((resolve) => qemu.close(resolve));
  await expect(pressPowerButton(path)).resolves.toBeUndefined();
  await rm(dir, { recursive: true });
});
