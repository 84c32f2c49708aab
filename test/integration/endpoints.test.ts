/**
 * Real runner processes against the real collector, over addresses of the loopback network, with the real tools.
 * The substrate-free end of the data path: registration, orders, tools, barrier, results, acknowledgement.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { PROTOCOL_VERSION, type EndpointConfig, type EndpointName, type TestPoint } from '../../src/api/protocol.ts';
import { createCertificates, type Certificates } from '../../src/collector/certificates.ts';
import { Rendezvous, type EndpointView } from '../../src/collector/rendezvous.ts';
import { startCollector, type Collector } from '../../src/collector/server.ts';
import { issue } from '../../src/collector/tokens.ts';
import { createLogger } from '../../src/log.ts';
import { buildRunner } from '../../scripts/build.ts';

const TOOLS = ['iperf3', 'sockperf'];
const missing = TOOLS.filter((tool) => spawnSync(tool, ['--version']).error !== undefined);
const withTools = missing.length === 0 ? test : test.skip;
const because = missing.length === 0 ? '' : ` (skipped: ${missing.join(', ')} not installed)`;
const UID = 'b7a7c0de-0000-4000-8000-000000000001';
const KEY = randomBytes(32);
const LOOPBACK_MTU = 65_536;

let directory: string;
let bundle: string;
let certificates: Certificates;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vfbench-endpoints-'));
  bundle = join(directory, 'runner.mjs');
  await buildRunner(bundle);
  certificates = await createCertificates(new Date());
}, 60_000);

afterAll(() => rm(directory, { recursive: true, force: true }));

function point(id: number, change: Partial<TestPoint>): TestPoint {
  const stream = { messageBytes: 0, streams: 1, direction: 'Forward', durationSeconds: 1, warmupSeconds: 0 } as const;
  return { id, test: `t${id}`, type: 'Stream', protocol: 'TCP', ...stream, ...change };
}

/** Endpoints of pair n live on 127.7.<n>.1 (server) and 127.7.<n>.2 (client). */
function config(name: EndpointName, port: number): EndpointConfig {
  const [role, pair] = name.split('-');
  const [own, peer] = role === 'server' ? ['1', '2'] : ['2', '1'];
  return {
    version: PROTOCOL_VERSION,
    trial: { namespace: 'bench', name: 'trial', uid: UID },
    endpoint: name,
    collector: { url: `https://127.0.0.1:${port}`, ca: certificates.ca.cert },
    token: issue(KEY, UID, name),
    controlKey: `secret of pair ${pair}`,
    dataNic: {
      mode: 'Native',
      interface: 'lo',
      address: `127.7.${pair}.${own}/8`,
      peer: `127.7.${pair}.${peer}`,
      mtu: LOOPBACK_MTU,
      configure: false,
    },
  };
}

interface Process {
  code: number | null;
  output: string;
}

async function endpoint(name: EndpointName, port: number, env = process.env): Promise<Process> {
  const file = join(directory, `${name}.json`);
  await writeFile(file, JSON.stringify(config(name, port)));
  const child = spawn(process.execPath, [bundle, '--config', file], { env });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
}

interface Run {
  ends: Process[];
  views: Map<EndpointName, EndpointView>;
}

/** A whole Trial: all endpoints, a controller that releases and acknowledges as soon as it can. */
async function trial(points: TestPoint[], pairs: number, options: { env?: NodeJS.ProcessEnv } = {}): Promise<Run> {
  const names = Array.from({ length: pairs }, (_, n): EndpointName[] => [`server-${n}`, `client-${n}`]).flat();
  const rendezvous = new Rendezvous();
  let views = new Map<EndpointName, EndpointView>();
  rendezvous.onChange(() => {
    views = new Map(rendezvous.view(UID));
    const seen = [...views.values()];
    if (seen.filter((view) => view.registration !== null).length === names.length) {
      rendezvous.release(UID, { points, pairs });
    }
    if (seen.filter((view) => view.result !== null).length === names.length) rendezvous.acknowledge(UID);
  });
  const collector: Collector = await startCollector({
    listen: { host: '127.0.0.1', port: 0 },
    tls: certificates.server,
    key: KEY,
    rendezvous,
    isLive: (uid) => uid === UID,
    log: createLogger('test', 'silent'),
  });
  try {
    const ends = await Promise.all(names.map((name) => endpoint(name, collector.port, options.env)));
    return { ends, views };
  } finally {
    await collector.close();
  }
}

function measured(run: Run, client: EndpointName, id: number): Record<string, number | null> {
  const found = run.views.get(client)?.result?.points.find((result) => result.id === id);
  return Object.fromEntries((found?.measurements ?? []).map(({ metric, value }) => [metric, value]));
}

describe('endpoints', () => {
  withTools(
    `measure what the plan says and hand in documents that parse${because}`,
    async () => {
      const points = [
        point(0, { type: 'RequestResponse', protocol: 'UDP', messageBytes: 64 }),
        point(1, { type: 'RequestResponse', protocol: 'TCP', messageBytes: 64 }),
        point(2, { streams: 4 }),
        point(3, { direction: 'Reverse', streams: 2 }),
        point(4, { protocol: 'UDP', messageBytes: 1400 }),
        point(5, { protocol: 'UDP', messageBytes: 1400, direction: 'Reverse' }),
      ];
      const run = await trial(points, 1);
      expect(run.ends.map(({ code, output }) => (code === 0 ? 0 : output))).toEqual([0, 0]);
      const client = run.views.get('client-0');
      const server = run.views.get('server-0');
      for (const view of [client, server]) {
        expect(view?.result?.error).toBeNull();
        expect(view?.result?.points.map(({ id, error }) => ({ id, error }))).toEqual(
          points.map(({ id }) => ({ id, error: null })),
        );
        const text = gunzipSync(view?.resultGzip ?? Buffer.alloc(0));
        expect(JSON.parse(text.toString())).toEqual(view?.result);
        expect(view?.resultDigest).toBe(`sha256:${createHash('sha256').update(text).digest('hex')}`);
      }
      for (const id of [0, 1]) {
        const { rttP50, transactionRate } = measured(run, 'client-0', id);
        expect(rttP50).toBeGreaterThan(1e-6);
        expect(rttP50).toBeLessThan(0.1);
        expect(transactionRate).toBeGreaterThan(100);
      }
      for (const id of [2, 3, 4, 5]) expect(measured(run, 'client-0', id)['throughput']).toBeGreaterThan(1e6);
      for (const result of client?.result?.points ?? []) {
        expect(result.nic.after.rxBytes - result.nic.before.rxBytes).toBeGreaterThan(100_000);
        expect(result.endedAt - result.startedAt).toBeGreaterThan(900);
        expect(result.raw.stdout.length).toBeGreaterThan(100);
        expect(result.synchronizedAt).toBeUndefined();
      }
      expect(server?.result?.points[2]?.raw.stdout).toContain('bits_per_second');
    },
    120_000,
  );

  withTools(
    `of two pairs start each point together${because}`,
    async () => {
      const points = [
        point(0, { type: 'RequestResponse', protocol: 'UDP', messageBytes: 64 }),
        point(1, { protocol: 'TCP' }),
      ];
      const run = await trial(points, 2);
      expect(run.ends.map(({ code, output }) => (code === 0 ? 0 : output))).toEqual([0, 0, 0, 0]);
      for (const index of [0, 1]) {
        const starts = (['client-0', 'client-1'] as const).map(
          (name) => run.views.get(name)?.result?.points[index]?.synchronizedAt ?? 0,
        );
        expect(Math.min(...starts)).toBeGreaterThan(0);
        expect(Math.max(...starts) - Math.min(...starts)).toBeLessThan(200);
      }
    },
    120_000,
  );

  test('say which tool is missing, and end well all the same', async () => {
    const run = await trial([point(0, {})], 1, { env: { ...process.env, PATH: directory } });
    expect(run.ends.map(({ code, output }) => (code === 0 ? 0 : output))).toEqual([0, 0]);
    expect(run.views.get('client-0')?.registration?.tools).toEqual({ iperf3: null, sockperf: null });
    expect(run.views.get('client-0')?.result?.points[0]?.error?.reason).toBe('ToolMissing');
    expect(run.views.get('server-0')?.result?.points[0]?.error?.reason).toBe('ToolMissing');
  }, 60_000);
});
