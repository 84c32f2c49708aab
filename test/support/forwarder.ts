/** A TCP relay on loopback that can be cut and mended, for outages that the server itself does not notice. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export class Forwarder {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #cut = false;
  #target: number;
  #connections = 0;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((near) => {
      if (this.#cut) return void near.resetAndDestroy();
      this.#connections++;
      const far = connect(this.#target, '127.0.0.1');
      for (const socket of [near, far]) this.#track(socket);
      near.pipe(far).pipe(near);
    });
  }

  /** Relays a free port to `target`, both on loopback. */
  static async start(target: number): Promise<Forwarder> {
    const forwarder = new Forwarder(target);
    forwarder.#server.listen(0, '127.0.0.1');
    await once(forwarder.#server, 'listening');
    return forwarder;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Connections relayed since the start. */
  get connections(): number {
    return this.#connections;
  }

  /** Breaks all connections and refuses new ones. */
  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Relays to another port from now on; what was open is broken. */
  aim(target: number): void {
    this.#target = target;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#cut = false;
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
