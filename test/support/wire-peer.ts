/** A server's runner in this process as its client meets it on the wire, which may be narrow or lead to somebody else. */
import { createSocket, type Socket } from 'node:dgram';
import { createServer, type AddressInfo } from 'node:net';
import type { TrialPlan } from '../../src/api/protocol.ts';
import { answerProbes } from '../../src/runner/echo.ts';
import { listenForOrders } from '../../src/runner/order-server.ts';
import type { Peer } from '../../src/runner/order-client.ts';
import { ServerRole, type ServerOptions, type ServerRecord } from '../../src/runner/server.ts';

const [ADDRESS, BEHIND] = ['127.0.0.1', '127.0.0.2'];
const KEY = 'shared';

export interface WireOptions extends Partial<ServerOptions> {
  /** MAC that the peer tells; null: it tells none. */
  mac?: string | null;
  /** Longest packet that the wire carries, headers included. */
  widest?: number;
}

export interface WirePeer {
  peer: Peer;
  /** What the server's runner recorded, once its client has said bye. */
  record: Promise<ServerRecord>;
  close(): Promise<void>;
}

const HEADERS = 28;

/** Listens, has its plan, and obeys. */
export async function wirePeer(plan: TrialPlan, { mac, widest, ...options }: WireOptions): Promise<WirePeer> {
  const ended = new AbortController();
  const role = new ServerRole({
    endpoint: 'server-0',
    nic: 'lo',
    address: ADDRESS,
    tools: {},
    signal: ended.signal,
    progress: () => undefined,
    ...options,
  });
  role.begin(plan);
  const record = role.finished(plan);
  record.catch(() => undefined);
  const port = await freePort();
  const told = mac === null ? {} : { mac: mac ?? '02:00:00:00:00:01' };
  const orders = await listenForOrders({
    address: ADDRESS,
    port,
    key: KEY,
    obey: async (order) => ({ ...(await role.obey(order)), ...told }),
  });
  const probes = await answerProbes({ address: BEHIND, port, key: KEY });
  const wire = await relay(port, widest ?? Infinity);
  return {
    peer: { address: ADDRESS, own: ADDRESS, port, key: KEY },
    record,
    close: async () => {
      ended.abort(new Error('the test is over'));
      await orders.close();
      probes.close();
      wire.close();
    },
  };
}

/** Carries datagrams to the runner behind it and back, those aside that are too long. */
async function relay(port: number, widest: number): Promise<Socket> {
  const wire = createSocket('udp4');
  let from = 0;
  wire.on('message', (message, sender) => {
    if (message.length + HEADERS > widest) return;
    if (sender.address === BEHIND) return wire.send(message, from, ADDRESS);
    from = sender.port;
    wire.send(message, port, BEHIND);
  });
  await new Promise<void>((resolve) => wire.bind(port, ADDRESS, resolve));
  return wire;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, ADDRESS, resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
