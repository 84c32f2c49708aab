/**
 * Whether packets of the full MTU get through: datagrams that fill one packet, answered in kind by the peer's runner.
 * Linux sets Don't Fragment on UDP that fits the interface (ip(7), IP_PMTUDISC_WANT), so a smaller MTU on the way
 * shows as silence. Both ways carry an HMAC: nobody else's packets are answered, and the answer is the peer's.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { EndpointError } from './failure.ts';
import type { Peer } from './order-client.ts';

const NONCE_BYTES = 16;
const HEADER_BYTES = NONCE_BYTES + 32;
const TRIES = 10;
const TRY_MS = 500;
/** IPv4 or IPv6 header without options, and UDP's. */
const OVERHEAD = { udp4: 28, udp6: 48 } as const;
const MAX_PAYLOAD = 65_507;

/** Answers probes on `address:port` until closed. */
export async function answerProbes(at: { address: string; port: number; key: string }): Promise<{ close(): void }> {
  const socket = createSocket(family(at.address));
  socket.on('error', () => undefined);
  socket.on('message', (message: Buffer, from: RemoteInfo) => {
    if (!isFrom(at.key, 'probe', message)) return;
    socket.send(packet(at.key, 'answer', message.subarray(0, NONCE_BYTES), message.length), from.port, from.address);
  });
  await bind(socket, at.address, at.port);
  return { close: () => socket.close() };
}

/** Resolves once a packet of `mtu` bytes went there and back; throws EndpointError `MtuProbeFailed` otherwise. */
export async function probeMtu(peer: Peer, mtu: number, signal: AbortSignal): Promise<void> {
  const socket = createSocket(family(peer.address));
  try {
    await bind(socket, peer.own, 0);
    const bytes = Math.max(HEADER_BYTES, Math.min(mtu - OVERHEAD[family(peer.address)], MAX_PAYLOAD));
    for (let tries = 0; tries < TRIES; tries++) {
      signal.throwIfAborted();
      if (await roundTrip(socket, peer, bytes)) return;
    }
  } finally {
    socket.close();
  }
  const message = `Packets of ${mtu} bytes (the MTU) do not come back from ${peer.address}, smaller ones do: check the MTU of every hop`;
  throw new EndpointError('MtuProbeFailed', message);
}

function roundTrip(socket: Socket, peer: Peer, bytes: number): Promise<boolean> {
  const nonce = randomBytes(NONCE_BYTES);
  return new Promise((resolve) => {
    const settle = (came: boolean): void => {
      clearTimeout(timer);
      socket.removeListener('message', listen);
      resolve(came);
    };
    const listen = (message: Buffer): void => {
      const ours = message.length === bytes && message.subarray(0, NONCE_BYTES).equals(nonce);
      if (ours && isFrom(peer.key, 'answer', message)) settle(true);
    };
    const timer = setTimeout(() => settle(false), TRY_MS);
    socket.on('message', listen);
    socket.send(packet(peer.key, 'probe', nonce, bytes), peer.port, peer.address, () => undefined);
  });
}

function packet(key: string, kind: string, nonce: Buffer, bytes: number): Buffer {
  return Buffer.concat([nonce, mac(key, kind, nonce), Buffer.alloc(Math.max(0, bytes - HEADER_BYTES))]);
}

function isFrom(key: string, kind: string, message: Buffer): boolean {
  if (message.length < HEADER_BYTES) return false;
  const expected = mac(key, kind, message.subarray(0, NONCE_BYTES));
  return timingSafeEqual(message.subarray(NONCE_BYTES, HEADER_BYTES), expected);
}

function mac(key: string, kind: string, nonce: Buffer): Buffer {
  return createHmac('sha256', key).update(`${kind}|`).update(nonce).digest();
}

const family = (address: string): 'udp4' | 'udp6' => (isIPv6(address) ? 'udp6' : 'udp4');

function bind(socket: Socket, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address, port, exclusive: true }, () => {
      socket.removeListener('error', reject);
      socket.on('error', () => undefined);
      resolve();
    });
  });
}
