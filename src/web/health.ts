/** /healthz (the process lives), /readyz (caches are filled, or why not), /metrics (Prometheus text). */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CONTENT_TYPE } from './metrics/text.ts';

export interface HealthOptions {
  listen: { host: string; port: number };
  /** Null once it is ready; before that what it waits for, in words. */
  waitsFor: () => string | null;
  /** In Prometheus' text format. */
  metrics: () => string;
}

export interface HealthServer {
  port: number;
  close(): Promise<void>;
}

export async function startHealth({ listen, waitsFor, metrics }: HealthOptions): Promise<HealthServer> {
  const server: Server = createServer((request, response) => {
    const answer = (status: number, body: string, type = 'text/plain; charset=utf-8'): void => {
      response.writeHead(status, { 'content-type': type }).end(body);
    };
    if (request.method !== 'GET') return answer(405, 'only GET\n');
    if (request.url === '/healthz') return answer(200, 'ok\n');
    if (request.url === '/readyz') {
      const missing = waitsFor();
      return missing === null ? answer(200, 'ok\n') : answer(503, `${missing}\n`);
    }
    if (request.url === '/metrics') return answer(200, metrics(), CONTENT_TYPE);
    return answer(404, 'try /healthz, /readyz or /metrics\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(listen.port, listen.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return { port, close };
}
