/** Real runner processes against the real collector, over addresses of the loopback network. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
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

const UID = 'b7a7c0de-0000-4000-8000-000000000001';
const KEY = randomBytes(32);
const LOOPBACK_MTU = 65_536;

export interface Process {
  code: number | null;
  output: string;
}

export interface Options {
  env?: NodeJS.ProcessEnv;
  /** Ends the endpoints so long after all of them were given their plan. */
  terminateAfterMs?: number;
  isLive?: (trialUid: string) => boolean;
}

export interface Run {
  ends: Process[];
  /** When they were told to end, in milliseconds since the epoch; null where they were not. */
  terminatedAt: number | null;
  views: Map<EndpointName, EndpointView>;
}

/** Starts whole Trials of endpoints that live on this machine. */
export class RealEndpoints {
  readonly directory: string;
  readonly #bundle: string;
  readonly #certificates: Certificates;
  /** Second byte of the addresses, new for each Trial: no old ports. */
  network = 10 + Math.floor(Math.random() * 200);

  private constructor(directory: string, bundle: string, certificates: Certificates) {
    this.directory = directory;
    this.#bundle = bundle;
    this.#certificates = certificates;
  }

  static async create(): Promise<RealEndpoints> {
    const directory = await mkdtemp(join(tmpdir(), 'vfbench-endpoints-'));
    const bundle = join(directory, 'runner.mjs');
    await buildRunner(bundle);
    return new RealEndpoints(directory, bundle, await createCertificates(new Date()));
  }

  close(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }

  /** All endpoints, and a controller that releases and acknowledges as soon as it can. */
  async trial(points: TestPoint[], pairs: number, options: Options = {}): Promise<Run> {
    const names = Array.from({ length: pairs }, (_, n): EndpointName[] => [`server-${n}`, `client-${n}`]).flat();
    this.network++;
    const rendezvous = new Rendezvous();
    let views = new Map<EndpointName, EndpointView>();
    let terminatedAt: number | null = null;
    const released = Promise.withResolvers<void>();
    const { terminateAfterMs } = options;
    const terminated = released.promise
      .then(() => (terminateAfterMs === undefined ? new Promise<never>(() => {}) : delay(terminateAfterMs)))
      .then(() => (terminatedAt = Date.now()));
    rendezvous.onChange(() => {
      views = new Map(rendezvous.view(UID));
      const seen = [...views.values()];
      if (seen.filter((view) => view.registration !== null).length === names.length) {
        rendezvous.release(UID, { points, pairs });
        released.resolve();
      }
      if (seen.filter((view) => view.result !== null).length === names.length) rendezvous.acknowledge(UID);
    });
    const collector: Collector = await startCollector({
      listen: { host: '127.0.0.1', port: 0 },
      tls: this.#certificates.server,
      key: KEY,
      rendezvous,
      isLive: options.isLive ?? ((uid) => uid === UID),
      log: createLogger('test', 'silent'),
    });
    try {
      const ends = await Promise.all(
        names.map((name) => this.#endpoint(name, collector.port, { ...options, terminated })),
      );
      return { ends, views, terminatedAt };
    } finally {
      await collector.close();
    }
  }

  async #endpoint(
    name: EndpointName,
    port: number,
    { env = process.env, terminated }: Options & { terminated: Promise<number> },
  ): Promise<Process> {
    const file = join(this.directory, `${name}.json`);
    await writeFile(file, JSON.stringify(this.#config(name, port)));
    const child = spawn(process.execPath, [this.#bundle, '--config', file], { env });
    void terminated.then(() => child.kill('SIGTERM'));
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
  }

  /** Endpoints of pair n live on 127.x.<n>.1 (server) and 127.x.<n>.2 (client). */
  #config(name: EndpointName, port: number): EndpointConfig {
    const [role, pair] = name.split('-');
    const [own, peer] = role === 'server' ? ['1', '2'] : ['2', '1'];
    return {
      version: PROTOCOL_VERSION,
      trial: { namespace: 'bench', name: 'trial', uid: UID },
      endpoint: name,
      collector: { url: `https://127.0.0.1:${port}`, ca: this.#certificates.ca.cert },
      token: issue(KEY, UID, name),
      controlKey: `secret of pair ${pair}`,
      dataNic: {
        mode: 'Native',
        interface: 'lo',
        address: `127.${this.network}.${pair}.${own}/8`,
        peer: `127.${this.network}.${pair}.${peer}`,
        mtu: LOOPBACK_MTU,
        configure: false,
      },
    };
  }
}

export function point(id: number, change: Partial<TestPoint>): TestPoint {
  const stream = { messageBytes: 0, streams: 1, direction: 'Forward', durationSeconds: 1, warmupSeconds: 0 } as const;
  return { id, test: `t${id}`, type: 'Stream', protocol: 'TCP', ...stream, ...change };
}

export interface Told extends EndpointView {
  result: ResultDocument;
  resultGzip: Buffer;
}

/** What an endpoint handed in; fails the test where that is nothing. */
export function told(run: Run, name: EndpointName): Told {
  const view = run.views.get(name);
  if (view === undefined || view.result === null || view.resultGzip === null) throw new Error(`${name} gave no result`);
  return { ...view, result: view.result, resultGzip: view.resultGzip };
}

/** What a client measured at one point, by metric. */
export function measured(run: Run, client: EndpointName, id: number): Record<string, number | null> {
  const found = told(run, client).result.points.find((result) => result.id === id);
  return Object.fromEntries((found?.measurements ?? []).map(({ metric, value }) => [metric, value]));
}

/** Zero for an end with code 0, else all that the process printed. */
export const ends = (run: Run): (number | string)[] => run.ends.map(({ code, output }) => (code === 0 ? 0 : output));
