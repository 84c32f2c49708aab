/** The server's side of orders: listens on the data address only and passes on what is authentic. */
import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { Lines, open, seal, type Greeting, type Order, type OrderReply } from './orders.ts';

export interface OrderServer {
  /** Takes no more orders; resolves when replies under way are sent. */
  close(): Promise<void>;
}

export interface OrderServerOptions {
  address: string;
  port: number;
  key: string;
  /** Carries out one order; orders of one session come one after the other. Must not reject. */
  obey: (order: Order) => Promise<OrderReply>;
}

const MAX_CONNECTIONS = 8;
/** Who has not shown the key by then is dropped. */
const AUTHENTICATE_MS = 10_000;

/** Listens; rejects where it cannot. */
export async function listenForOrders(options: OrderServerOptions): Promise<OrderServer> {
  const sessions = new Set<Session>();
  const server = createServer((socket) => {
    const session = new Session(socket, options);
    sessions.add(session);
    socket.on('close', () => sessions.delete(session));
    session.open();
  });
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, options);
  return {
    close: async () => {
      server.close();
      await Promise.all([...sessions].map((session) => session.close()));
    },
  };
}

class Session {
  readonly #socket: Socket;
  readonly #options: OrderServerOptions;
  readonly #greeting = randomBytes(16).toString('hex');
  readonly #lines = new Lines();
  #last = 0;
  #turn: Promise<void> = Promise.resolve();

  constructor(socket: Socket, options: OrderServerOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  open(): void {
    const socket = this.#socket;
    socket.setNoDelay(true);
    socket.setTimeout(AUTHENTICATE_MS, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => this.#read(chunk));
    const greeting: Greeting = { nonce: this.#greeting };
    socket.write(`${JSON.stringify(greeting)}\n`);
  }

  async close(): Promise<void> {
    await this.#turn;
    this.#socket.destroySoon();
  }

  #read(chunk: Buffer): void {
    const lines = this.#lines.feed(chunk);
    if (lines === null) {
      this.#socket.destroy();
      return;
    }
    for (const line of lines)
      this.#turn = this.#turn.then(() => this.#take(line)).catch(() => void this.#socket.destroy());
  }

  async #take(line: string): Promise<void> {
    const { key, obey } = this.#options;
    const envelope = open<Order>(key, 'order', this.#greeting, line);
    if (envelope === null || envelope.sequence <= this.#last) {
      this.#socket.destroy();
      return;
    }
    this.#last = envelope.sequence;
    this.#socket.setTimeout(0);
    const reply = { ...envelope, body: await obey(envelope.body) };
    if (!this.#socket.destroyed) this.#socket.write(`${seal(key, 'reply', this.#greeting, reply)}\n`);
  }
}

function listen(server: Server, { address, port }: { address: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address, port }, () => {
      server.removeListener('error', reject);
      server.on('error', () => undefined);
      resolve();
    });
  });
}
