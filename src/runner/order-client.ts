/** The client's side of orders: one session with the peer's runner, made anew where it broke. */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { EndpointError } from './failure.ts';
import { Lines, greetingOf, open, seal, type Order, type OrderReply } from './orders.ts';
import { pause } from './wait.ts';

export interface Peer {
  /** Data addresses without prefix length; binding to the own one keeps orders on the data NIC. */
  address: string;
  own: string;
  port: number;
  key: string;
}

const ATTEMPT_MS = 5000;
const PAUSE_MS = 250;

export class OrderClient {
  readonly #peer: Peer;
  readonly #nonce = randomBytes(16).toString('hex');
  #session: Session | null = null;
  #sequence = 0;

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  /**
   * Gives an order and waits for the reply. Orders can be given twice without harm, so a session that broke is
   * replaced and the order given again. Throws EndpointError `PeerUnreachable` after `timeoutMs`.
   */
  async give(order: Order, timeoutMs: number, signal: AbortSignal): Promise<OrderReply> {
    const limit = AbortSignal.timeout(timeoutMs);
    const either = AbortSignal.any([signal, limit]);
    let last: unknown = new Error('no reply');
    while (!either.aborted) {
      try {
        this.#session ??= await Session.open(this.#peer, either);
        const envelope = { nonce: this.#nonce, sequence: ++this.#sequence, body: order };
        return await this.#session.exchange(envelope, either);
      } catch (error) {
        if (!either.aborted) last = error;
        this.close();
        await pause(PAUSE_MS, either).catch(() => undefined);
      }
    }
    signal.throwIfAborted();
    throw unreachable(this.#peer, order, timeoutMs, last);
  }

  close(): void {
    this.#session?.close();
    this.#session = null;
  }
}

function unreachable(peer: Peer, order: Order, timeoutMs: number, cause: unknown): EndpointError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const message = `${peer.address} did not answer "${order.do}" within ${timeoutMs / 1000} s: ${why}`;
  return new EndpointError('PeerUnreachable', message, { cause });
}

class Session {
  readonly #socket: Socket;
  readonly #key: string;
  readonly #lines = new Lines();
  readonly #arrived: string[] = [];
  #greeting = '';
  #notify: () => void = () => undefined;
  #error: Error | null = null;

  private constructor(socket: Socket, key: string) {
    this.#socket = socket;
    this.#key = key;
  }

  /** Connects and reads the greeting. */
  static async open(peer: Peer, signal: AbortSignal): Promise<Session> {
    const socket = connect({ host: peer.address, port: peer.port, localAddress: peer.own, noDelay: true });
    const session = new Session(socket, peer.key);
    socket.on('data', (chunk) => session.#read(chunk));
    socket.on('error', (error) => session.#fail(error));
    socket.on('close', () => session.#fail(new Error('connection closed')));
    try {
      session.#greeting =
        greetingOf(await session.#line(AbortSignal.any([signal, AbortSignal.timeout(ATTEMPT_MS)]))) ?? '';
      return session;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  async exchange(envelope: { nonce: string; sequence: number; body: Order }, signal: AbortSignal): Promise<OrderReply> {
    this.#socket.write(`${seal(this.#key, 'order', this.#greeting, envelope)}\n`);
    const reply = open<OrderReply>(this.#key, 'reply', this.#greeting, await this.#line(signal));
    if (reply?.nonce !== envelope.nonce || reply.sequence !== envelope.sequence) throw new Error('the reply is forged');
    return reply.body;
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    const lines = this.#lines.feed(chunk);
    if (lines === null) {
      this.#socket.destroy(new Error('the reply is too long'));
      return;
    }
    this.#arrived.push(...lines);
    this.#notify();
  }

  #fail(error: Error): void {
    this.#error ??= error;
    this.#notify();
  }

  async #line(signal: AbortSignal): Promise<string> {
    for (;;) {
      const line = this.#arrived.shift();
      if (line !== undefined) return line;
      if (this.#error !== null) throw this.#error;
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        const done = (): void => {
          signal.removeEventListener('abort', done);
          resolve();
        };
        this.#notify = done;
        signal.addEventListener('abort', done, { once: true });
      });
    }
  }
}
