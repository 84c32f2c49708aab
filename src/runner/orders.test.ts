import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { OrderClient } from './order-client.ts';
import { listenForOrders, type OrderServer } from './order-server.ts';
import { Lines, MAX_LINE, greetingOf, open, seal, type Order, type OrderReply } from './orders.ts';

const KEY = 'shared';
const ADDRESS = '127.0.0.1';
const forever = new AbortController().signal;

let port: number;
let obeyed: Order[];
let server: OrderServer;
const closers: (() => void)[] = [];

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, ADDRESS, resolve));
  const { port: free } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return free;
}

async function obey(order: Order): Promise<OrderReply> {
  await new Promise((resolve) => setTimeout(resolve, 10));
  obeyed.push(order);
  return { endpoint: 'server-0', ready: true, problem: null };
}

function client(key = KEY, to = port): OrderClient {
  const made = new OrderClient({ address: ADDRESS, own: ADDRESS, port: to, key });
  closers.push(() => made.close());
  return made;
}

/** A connection that reads the greeting, and then says whatever the test wants. */
async function raw(): Promise<{ socket: Socket; greeting: string; closed: Promise<void> }> {
  const socket = connect(port, ADDRESS);
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const line = await new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(chunk.toString().trim())));
  return { socket, greeting: greetingOf(line) ?? '', closed };
}

beforeEach(async () => {
  obeyed = [];
  port = await freePort();
  server = await listenForOrders({ address: ADDRESS, port, key: KEY, obey });
});

afterEach(async () => {
  for (const close of closers.splice(0)) close();
  await server.close();
});

describe('orders', () => {
  test('are carried out one after the other and answered', async () => {
    const peer = client();
    expect(await peer.give({ do: 'hello' }, 1000, forever)).toEqual({
      endpoint: 'server-0',
      ready: true,
      problem: null,
    });
    await peer.give({ do: 'start', point: 3 }, 1000, forever);
    await peer.give({ do: 'bye', problem: null }, 1000, forever);
    expect(obeyed.map((order) => order.do)).toEqual(['hello', 'start', 'bye']);
  });

  test('reach a server that comes later, or comes back', async () => {
    await server.close();
    const peer = client();
    const waiting = peer.give({ do: 'hello' }, 5000, forever);
    server = await listenForOrders({ address: ADDRESS, port, key: KEY, obey });
    await waiting;
    await server.close();
    server = await listenForOrders({ address: ADDRESS, port, key: KEY, obey });
    await peer.give({ do: 'stop', point: 0 }, 5000, forever);
    expect(obeyed.map((order) => order.do)).toEqual(['hello', 'stop']);
  });

  test('with another key are not carried out', async () => {
    await expect(client('guess').give({ do: 'hello' }, 700, forever)).rejects.toMatchObject({
      problem: { reason: 'PeerUnreachable' },
    });
    expect(obeyed).toEqual([]);
  });

  test('that nobody takes end in bounded time', async () => {
    const from = Date.now();
    await expect(client(KEY, await freePort()).give({ do: 'hello' }, 600, forever)).rejects.toThrow(
      '127.0.0.1 did not answer "hello" within 0.6 s',
    );
    expect(Date.now() - from).toBeLessThan(3000);
    const gone = new AbortController();
    const stopped = client(KEY, await freePort()).give({ do: 'hello' }, 60_000, gone.signal);
    gone.abort(new Error('gone'));
    await expect(stopped).rejects.toThrow('gone');
  });

  test('cannot be replayed: in the same session, or in another', async () => {
    const { socket, greeting, closed } = await raw();
    const line = `${seal(KEY, 'order', greeting, { nonce: 'n', sequence: 1, body: { do: 'hello' } })}\n`;
    socket.write(line);
    await new Promise((resolve) => socket.once('data', resolve));
    socket.write(line);
    await closed;
    const other = await raw();
    other.socket.write(line);
    await other.closed;
    expect(obeyed).toHaveLength(1);
  });

  test.each([
    ['garbage', '\u0000\u0001\n'],
    ['JSON without HMAC', '{"nonce":"n","sequence":1,"body":{"do":"bye"}}\n'],
    ['a line without end', 'x'.repeat(MAX_LINE + 2)],
    ['an empty line', '\n'],
  ])('of a stranger (%s) end the connection', async (_, text) => {
    const { socket, closed } = await raw();
    socket.write(text);
    await closed;
    expect(obeyed).toEqual([]);
    await client().give({ do: 'hello' }, 1000, forever);
  });

  test('replies are for this session and this order only', () => {
    const reply = seal(KEY, 'reply', 'a'.repeat(32), { nonce: 'n', sequence: 1, body: 1 });
    expect(open(KEY, 'reply', 'a'.repeat(32), reply)).toEqual({ nonce: 'n', sequence: 1, body: 1 });
    expect(open(KEY, 'order', 'a'.repeat(32), reply)).toBeNull();
    expect(open(KEY, 'reply', 'b'.repeat(32), reply)).toBeNull();
    expect(open(KEY, 'reply', 'a'.repeat(32), `${reply} `)).toBeNull();
  });

  test('lines are cut wherever the bytes are', () => {
    const lines = new Lines();
    const bytes = Buffer.from('é1\né2\n');
    const got = [...bytes].flatMap((byte) => lines.feed(Buffer.from([byte])) ?? []);
    expect(got).toEqual(['é1', 'é2']);
  });
});
