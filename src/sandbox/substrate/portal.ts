/** The outer half of a portal: a unix socket whose connections are joined with a TCP service of the host. */
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface OuterPortal {
  close(): Promise<void>;
}

/**
 * Listens on the unix socket `path`; each connection reaches host:port. Where that refuses, the connection ends
 * at once, as the caller's own would.
 */
export async function openOuterPortal(path: string, target: { host: string; port: number }): Promise<OuterPortal> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (inside) => {
    const outside = connect({ ...target, allowHalfOpen: true, noDelay: true });
    join(inside, outside, open);
  });
  await listen(server, path);
  return { close: () => close(server, open) };
}

function join(inside: Socket, outside: Socket, open: Set<Socket>): void {
  const end = (): void => {
    inside.destroy();
    outside.destroy();
  };
  for (const socket of [inside, outside]) {
    open.add(socket);
    socket.on('error', end);
    socket.on('close', () => open.delete(socket));
  }
  inside.pipe(outside).pipe(inside);
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(server: Server, open: ReadonlySet<Socket>): Promise<void> {
  for (const socket of open) socket.destroy();
  return new Promise((resolve) => server.close(() => resolve()));
}
