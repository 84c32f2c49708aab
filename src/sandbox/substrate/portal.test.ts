import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openOuterPortal } from './portal.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'vfbench-portal-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function listening(server: Server): Promise<{ host: string; port: number }> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

describe('openOuterPortal', () => {
  test('passes a large answer that comes after the caller has finished speaking', async () => {
    const answer = 'x'.repeat(2_000_000);
    const target = createServer({ allowHalfOpen: true }, (socket) => {
      void text(socket).then((asked) => socket.end(asked + answer));
    });
    const portal = await openOuterPortal(join(dir, 's'), await listening(target));
    const caller = connect({ path: join(dir, 's'), allowHalfOpen: true });
    caller.end('question');
    expect(await text(caller)).toBe(`question${answer}`);
    await portal.close();
    target.close();
  });

  test('ends the connection where the target is down, and serves the next one once it is up', async () => {
    const target = createServer((socket) => socket.end('up'));
    const address = await listening(target);
    await new Promise((resolve) => target.close(resolve));
    const portal = await openOuterPortal(join(dir, 's'), address);
    const refused = connect(join(dir, 's'));
    expect(await text(refused).catch(() => '')).toBe('');
    await once(target.listen(address.port, address.host), 'listening');
    expect(await text(connect(join(dir, 's')))).toBe('up');
    await portal.close();
    target.close();
  });

  test('closes with connections open', async () => {
    const target = createServer(() => undefined);
    const portal = await openOuterPortal(join(dir, 's'), await listening(target));
    const caller = connect(join(dir, 's'));
    await once(caller, 'connect');
    await portal.close();
    await once(caller, 'close');
    expect(caller.destroyed).toBe(true);
    target.close();
  });
});
