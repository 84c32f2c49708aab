import { describe, expect, test } from '@jest/globals';
import { createSocket } from 'node:dgram';
import { createServer, type AddressInfo } from 'node:net';
import { hasSocket, listens } from './listening.ts';

const forever = new AbortController().signal;
const TCP6 = `  sl  local_address                         remote_address                        st tx_queue
   0: B80D01200000000067452301EFCDAB89:1D38 00000000000000000000000000000000:0000 0A 00000000:00000000`;

describe('listening', () => {
  test('is seen for TCP, on the own address or any, and not before nor elsewhere', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await listens('tcp', { address: '127.0.0.1', port }, 0, forever)).toBe(true);
    expect(await listens('tcp', { address: '127.0.0.9', port }, 0, forever)).toBe(false);
    expect(await listens('udp', { address: '127.0.0.1', port }, 0, forever)).toBe(false);
    await new Promise((resolve) => server.close(resolve));
    expect(await listens('tcp', { address: '127.0.0.1', port }, 50, forever)).toBe(false);
  });

  test('is seen for UDP', async () => {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '0.0.0.0', resolve));
    expect(await listens('udp', { address: '127.0.0.1', port: socket.address().port }, 0, forever)).toBe(true);
    socket.close();
  });

  test('understands how procfs prints IPv6', () => {
    const at = { address: '2001:db8::123:4567:89ab:cdef', port: 0x1d38 };
    expect(hasSocket(TCP6, '0A', at)).toBe(true);
    expect(hasSocket(TCP6, '07', at)).toBe(false);
    expect(hasSocket(TCP6, '0A', { ...at, address: '2001:db8::1' })).toBe(false);
  });
});
