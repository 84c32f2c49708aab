/** Side B: the real runners in the same two pods, driven by the real collector as the operator drives it. */
import { randomBytes, randomUUID } from 'node:crypto';
import { ENDPOINT_CONFIG_PATH } from '../../src/api/labels.ts';
import { type EndpointConfig, type EndpointName, PROTOCOL_VERSION, type TestPoint } from '../../src/api/protocol.ts';
import { type Certificates, createCertificates } from '../../src/collector/certificates.ts';
import { Rendezvous } from '../../src/collector/rendezvous.ts';
import { type Collector, startCollector } from '../../src/collector/server.ts';
import { issue } from '../../src/collector/tokens.ts';
import { createLogger } from '../../src/log.ts';
import { RUNNER } from '../../src/sandbox/substrate/pod.ts';
import type { Reading } from './biasEstimate.ts';
import type { End, Ends } from './biasHand.ts';

const NAMES = ['server-0', 'client-0'] as const;

export interface VfbenchOptions {
  ends: Ends;
  interface: string;
  /** Prefix length of the data addresses. */
  prefix: number;
  mtu: number;
  /** Makes the collector's port on this machine reachable for pods; resolves with its URL there. */
  expose: (port: number) => Promise<string>;
}

export class Vfbench {
  readonly #options: VfbenchOptions;
  readonly #certificates: Certificates;
  readonly #key = randomBytes(32);
  readonly #rendezvous = new Rendezvous();
  readonly #plans = new Map<string, TestPoint[]>();
  #collector: Collector | undefined;
  #url = '';

  private constructor(options: VfbenchOptions, certificates: Certificates) {
    this.#options = options;
    this.#certificates = certificates;
  }

  static async start(options: VfbenchOptions): Promise<Vfbench> {
    const vfbench = new Vfbench(options, await createCertificates(new Date()));
    await vfbench.#listen();
    return vfbench;
  }

  /** One Trial: both runners from their start to their end. Throws where one did not end well. */
  async measure(points: readonly TestPoint[]): Promise<Reading> {
    const uid = randomUUID();
    this.#plans.set(uid, [...points]);
    try {
      const { server, client } = this.#options.ends;
      await Promise.all([this.#run(uid, 'server-0', server, client), this.#run(uid, 'client-0', client, server)]);
      return this.#reading(uid);
    } finally {
      this.#plans.delete(uid);
      this.#rendezvous.forget(uid);
    }
  }

  async close(): Promise<void> {
    await this.#collector?.close();
  }

  /** The controller's part: the plan once both are there, the acknowledgement once both have told. */
  async #listen(): Promise<void> {
    this.#rendezvous.onChange((uid) => {
      const points = this.#plans.get(uid);
      if (points === undefined) return;
      const views = NAMES.map((name) => this.#rendezvous.view(uid).get(name));
      if (views.every((view) => view?.registration)) this.#rendezvous.release(uid, { points, pairs: 1 });
      if (views.every((view) => view?.result)) this.#rendezvous.acknowledge(uid);
    });
    this.#collector = await startCollector({
      listen: { host: '127.0.0.1', port: 0 },
      tls: this.#certificates.server,
      key: this.#key,
      rendezvous: this.#rendezvous,
      isLive: (uid) => this.#plans.has(uid),
      log: createLogger('bench', 'silent'),
    });
    this.#url = await this.#options.expose(this.#collector.port);
  }

  async #run(uid: string, name: EndpointName, own: End, peer: End): Promise<void> {
    const lines: string[] = [];
    const files = { [ENDPOINT_CONFIG_PATH]: JSON.stringify(this.#config(uid, name, own, peer)) };
    const command = [...own.prefix, ...RUNNER];
    const child = await own.pod.startRunner({ files, command, onOutput: (line) => lines.push(line) });
    const { code, signal } = await child.exited;
    if (code !== 0) throw new Error(`The runner of ${name} ended with ${code ?? signal}:\n${lines.join('\n')}`);
  }

  #config(uid: string, name: EndpointName, own: End, peer: End): EndpointConfig {
    const { interface: nic, mtu, prefix } = this.#options;
    return {
      version: PROTOCOL_VERSION,
      trial: { namespace: 'bench', name: 'bias', uid },
      endpoint: name,
      collector: { url: this.#url, ca: this.#certificates.ca.cert },
      token: issue(this.#key, uid, name),
      controlKey: `pair of ${uid}`,
      dataNic: {
        mode: 'Native',
        interface: nic,
        address: `${own.address}/${prefix}`,
        peer: peer.address,
        mtu,
        configure: false,
      },
    };
  }

  #reading(uid: string): Reading {
    const [server = [], client = []] = NAMES.map((name) => this.#rendezvous.view(uid).get(name)?.result?.points ?? []);
    const reading: Reading = { throughput: null, rttP99: null };
    for (const { id, measurements, error } of client) {
      const problem = error ?? server.find((point) => point.id === id)?.error;
      if (problem) console.error(`Through vfbench, point ${id} not counted: ${problem.reason}: ${problem.message}`);
      for (const { metric, value, reason } of problem ? [] : measurements) {
        if (metric !== 'throughput' && metric !== 'rttP99') continue;
        reading[metric] = value;
        if (value === null) console.error(`Through vfbench, ${metric} not counted: ${reason}`);
      }
    }
    return reading;
  }
}
