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
import {
  PROTOCOL_VERSION,
  type EndpointConfig,
  type EndpointName,
  type ResultDocument,
  type TestPoint,
} from '../../src/api/protocol.ts';
import { createCertificates, type Certificates } from '../../src/collector/certificates.ts';
import { Rendezvous, type EndpointView } from '../../src/collector/rendezvous.ts';
import { startCollector, type Collector } from '../../src/collector/server.ts';
import { issue } from '../../src/collector/tokens.ts';
import { createLogger } from '../../src/log.ts';
import { buildRunner } from '../../scripts/build.ts';
import { describeUnless } from '../support/skip.ts';

const TOOLS = ['iperf3', 'sockperf'];
const missing = TOOLS.filter((tool) => spawnSync(tool, ['--version']).error !== undefined);
const reason = missing.length === 0 ? undefined : `${missing.join(' and ')} not installed`;
const UID = 'b7a7c0de-0000-4000-8000-000000000001';
const KEY = randomBytes(32);
const LOOPBACK_MTU = 65_536;

let network = 10 + Math.floor(Math.random() * 200);
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

/** Endpoints of pair n live on 127.x.<n>.1 (server) and 127.x.<n>.2 (client), x new for each Trial: no old ports. */
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
      address: `127.${network}.${pair}.${own}/8`,
      peer: `127.${network}.${pair}.${peer}`,
      mtu: LOOPBACK_MTU,
      configure: false,
    },
  };
}

interface Process {
  code: number | null;
  output: string;
}

interface Options {
  env?: NodeJS.ProcessEnv;
  terminateAfterMs?: number;
  isLive?: (trialUid: string) => boolean;
}

async function endpoint(name: EndpointName, port: number, options: Options): Promise<Process> {
  const file = join(directory, `${name}.json`);
  await writeFile(file, JSON.stringify(config(name, port)));
  const child = spawn(process.execPath, [bundle, '--config', file], { env: options.env ?? process.env });
  const { terminateAfterMs } = options;
  if (terminateAfterMs !== undefined) setTimeout(() => child.kill('SIGTERM'), terminateAfterMs);
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
async function trial(points: TestPoint[], pairs: number, options: Options = {}): Promise<Run> {
  const names = Array.from({ length: pairs }, (_, n): EndpointName[] => [`server-${n}`, `client-${n}`]).flat();
  network++;
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
    isLive: options.isLive ?? ((uid) => uid === UID),
    log: createLogger('test', 'silent'),
  });
  try {
    const ends = await Promise.all(names.map((name) => endpoint(name, collector.port, options)));
    return { ends, views };
  } finally {
    await collector.close();
  }
}

interface Told extends EndpointView {
  result: ResultDocument;
  resultGzip: Buffer;
}

/** What an endpoint handed in; fails the test where that is nothing. */
function told(run: Run, name: EndpointName): Told {
  const view = run.views.get(name);
  if (view === undefined || view.result === null || view.resultGzip === null) throw new Error(`${name} gave no result`);
  return { ...view, result: view.result, resultGzip: view.resultGzip };
}

function measured(run: Run, client: EndpointName, id: number): Record<string, number | null> {
  const found = told(run, client).result.points.find((result) => result.id === id);
  return Object.fromEntries((found?.measurements ?? []).map(({ metric, value }) => [metric, value]));
}

/** Zero for an end with code 0, else all that the process printed. */
const ends = (run: Run): (number | string)[] => run.ends.map(({ code, output }) => (code === 0 ? 0 : output));

describeUnless(reason, 'endpoints with tools', () => {
  const points = [
    point(0, { type: 'RequestResponse', protocol: 'UDP', messageBytes: 64 }),
    point(3, { direction: 'Reverse', streams: 2 }),
    point(2, { streams: 4 }),
    point(1, { type: 'RequestResponse', protocol: 'TCP', messageBytes: 64 }),
    point(6, { type: 'RequestResponse', protocol: 'TCP', messageBytes: 1024 }),
    point(4, { protocol: 'UDP', messageBytes: 1400 }),
    point(5, { protocol: 'UDP', messageBytes: 1400, direction: 'Reverse' }),
  ];
  let run: Run;
  beforeAll(async () => {
    run = await trial(points, 1);
  }, 120_000);

  test('end with code 0', () => expect(ends(run)).toEqual([0, 0]));

  test.each<EndpointName>(['client-0', 'server-0'])('%s hands in every point, packed, with its digest', (name) => {
    const { result, resultGzip, resultDigest } = told(run, name);
    expect(result.error).toBeNull();
    expect(result.points.map(({ id, error }) => ({ id, error }))).toEqual(
      points.map(({ id }) => ({ id, error: null })),
    );
    const text = gunzipSync(resultGzip);
    expect(JSON.parse(text.toString())).toEqual(result);
    expect(resultDigest).toBe(`sha256:${createHash('sha256').update(text).digest('hex')}`);
  });

  test.each([0, 1, 6])('point %i carries round trip times', (id) => {
    const { rttP50, transactionRate } = measured(run, 'client-0', id);
    expect(rttP50).toBeGreaterThan(1e-6);
    expect(rttP50).toBeLessThan(0.1);
    expect(transactionRate).toBeGreaterThan(100);
  });

  test.each([2, 3, 4, 5])('point %i carries throughput', (id) => {
    expect(measured(run, 'client-0', id)['throughput']).toBeGreaterThan(1e6);
  });

  test('counters, times and raw output go with each point', () => {
    for (const { nic, startedAt, endedAt, raw, synchronizedAt } of told(run, 'client-0').result.points) {
      expect(nic.after.rxBytes - nic.before.rxBytes).toBeGreaterThan(100_000);
      expect(endedAt - startedAt).toBeGreaterThan(900);
      expect(raw.stdout.length).toBeGreaterThan(100);
      expect(synchronizedAt).toBeUndefined();
    }
    expect(told(run, 'server-0').result.points[2]?.raw.stdout).toContain('bits_per_second');
  });

  test('of two pairs start each point together', async () => {
    const two = await trial(
      [point(0, { type: 'RequestResponse', protocol: 'UDP', messageBytes: 64 }), point(1, {})],
      2,
    );
    expect(ends(two)).toEqual([0, 0, 0, 0]);
    for (const index of [0, 1]) {
      const starts = (['client-0', 'client-1'] as const).map(
        (name) => told(two, name).result.points[index]?.synchronizedAt ?? 0,
      );
      expect(Math.min(...starts)).toBeGreaterThan(0);
      expect(Math.max(...starts) - Math.min(...starts)).toBeLessThan(1000);
    }
  }, 120_000);

  test('end with code 143 at once on SIGTERM, leaving no tool behind', async () => {
    const started = Date.now();
    const run = await trial([point(0, { durationSeconds: 60 })], 1, { terminateAfterMs: 3000 });
    expect(run.ends.map(({ code }) => code)).toEqual([143, 143]);
    expect(Date.now() - started).toBeLessThan(8000);
    const left = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).stdout;
    expect(left).not.toContain(`127.${network}.0.`);
  }, 60_000);
});

describe('endpoints', () => {
  test('say which tool is missing, and end well all the same', async () => {
    const run = await trial([point(0, {})], 1, { env: { ...process.env, PATH: directory } });
    expect(ends(run)).toEqual([0, 0]);
    for (const name of ['client-0', 'server-0'] as const) {
      expect(told(run, name).registration?.tools).toEqual({ iperf3: null, sockperf: null });
      expect(told(run, name).result.points[0]?.error?.reason).toBe('ToolMissing');
    }
  }, 60_000);

  test('end with code 3 and the reason when the collector refuses them', async () => {
    const run = await trial([], 1, { isLive: () => false });
    for (const { code, output } of run.ends) {
      expect(code).toBe(3);
      expect(output).toContain('TrialNotLive');
    }
  }, 60_000);
});
