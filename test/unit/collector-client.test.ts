/** The runner's calls against the real collector while it is away, restarted, refusing. */
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createServer, type AddressInfo } from 'node:net';
import { PROTOCOL_VERSION, type EndpointConfig, type EndpointName } from '../../src/api/protocol.ts';
import { createCertificates, type Certificates } from '../../src/collector/certificates.ts';
import { Rendezvous } from '../../src/collector/rendezvous.ts';
import { documentSample, registrationSample } from '../../src/collector/samples.testing.ts';
import { startCollector, type Collector } from '../../src/collector/server.ts';
import { issue } from '../../src/collector/tokens.ts';
import { createLogger } from '../../src/log.ts';
import { CollectorClient } from '../../src/runner/collector.ts';

const KEY = Buffer.alloc(32, 9);
const UID = 'uid';
const PLAN = { points: [], pairs: 1 };
const forever = new AbortController().signal;

let certificates: Certificates;
let collector: Collector | null = null;

beforeAll(async () => {
  certificates = await createCertificates(new Date());
});
afterEach(async () => {
  await collector?.close();
  collector = null;
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function start(port: number, rendezvous: Rendezvous): Promise<void> {
  collector = await startCollector({
    listen: { host: '127.0.0.1', port },
    tls: certificates.server,
    key: KEY,
    rendezvous,
    isLive: (uid) => uid === UID,
    log: createLogger('test', 'silent'),
    limits: { holdMs: 200 },
  });
}

function config(port: number, change: Partial<EndpointConfig> = {}): EndpointConfig {
  const endpoint: EndpointName = 'client-0';
  return {
    version: PROTOCOL_VERSION,
    trial: { namespace: 'bench', name: 'trial', uid: UID },
    endpoint,
    collector: { url: `https://127.0.0.1:${port}`, ca: certificates.ca.cert },
    token: issue(KEY, UID, endpoint),
    controlKey: 'k',
    dataNic: {
      mode: 'Native',
      interface: 'lo',
      address: '127.0.0.1/8',
      peer: '127.0.0.1',
      mtu: 1500,
      configure: false,
    },
    ...change,
  };
}

describe('registration', () => {
  test('outlives a collector that is away, restarts, and keeps it waiting', async () => {
    const port = await freePort();
    const plan = new CollectorClient(config(port), forever).register(registrationSample);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await start(port, new Rendezvous());
    await new Promise((resolve) => setTimeout(resolve, 500));
    await collector?.close();
    const rendezvous = new Rendezvous();
    rendezvous.onChange(() => rendezvous.release(UID, PLAN));
    await start(port, rendezvous);
    expect(await plan).toEqual(PLAN);
    expect(rendezvous.view(UID).get('client-0')?.registration).toEqual(registrationSample);
  }, 15_000);

  test('gives up on a collector that stays away, naming why', async () => {
    const client = new CollectorClient(config(await freePort()), forever, 500);
    await expect(client.register(registrationSample)).rejects.toMatchObject({
      name: 'UnreachableError',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test('gives up on a collector that is not the one it was told to trust', async () => {
    const port = await freePort();
    await start(port, new Rendezvous());
    const { ca } = await createCertificates(new Date());
    const stranger = config(port, { collector: { url: `https://127.0.0.1:${port}`, ca: ca.cert } });
    const refused = new CollectorClient(stranger, forever, 400).register(registrationSample);
    await expect(refused).rejects.toMatchObject({ name: 'UnreachableError' });
  });

  test('ends at once where it is refused', async () => {
    const port = await freePort();
    await start(port, new Rendezvous());
    const forged = new CollectorClient(config(port, { token: 'forged' }), forever).register(registrationSample);
    await expect(forged).rejects.toMatchObject({ refusal: { reason: 'Unauthorized' } });
  });

  test('ends at once when the endpoint is told to end', async () => {
    const ended = new AbortController();
    const client = new CollectorClient(config(await freePort()), ended.signal);
    const waiting = client.register(registrationSample);
    setTimeout(() => ended.abort(new Error('ended by SIGTERM')), 100);
    await expect(waiting).rejects.toThrow('ended by SIGTERM');
  });
});

describe('results', () => {
  test('are handed in again to a restarted operator until it has stored them', async () => {
    const port = await freePort();
    await start(port, new Rendezvous());
    const receipt = new CollectorClient(config(port), forever).result(documentSample);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await collector?.close();
    const rendezvous = new Rendezvous();
    await start(port, rendezvous);
    rendezvous.onChange(() => setTimeout(() => rendezvous.acknowledge(UID), 300));
    expect(await receipt).toEqual({ duplicate: true });
    expect(rendezvous.view(UID).get('client-0')?.result).toEqual(documentSample);
  }, 15_000);
});

describe('barrier', () => {
  test('that nobody else comes to is a named problem', async () => {
    const port = await freePort();
    await start(port, new Rendezvous());
    const alone = new CollectorClient(config(port), forever).barrier(0, 2, 700);
    await expect(alone).rejects.toMatchObject({ problem: { reason: 'BarrierTimeout' } });
  });
});
