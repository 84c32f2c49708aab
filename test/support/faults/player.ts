/**
 * Plays the program inside an endpoint of a substrate that does nothing: reads its configuration as the runner would,
 * speaks to the real collector, and does one thing wrong where it is told to.
 */
import { Agent } from 'node:https';
import type { EndpointConfig, Registration, ResultDocument, TrialPlan } from '../../../src/api/protocol.ts';
import type { KubeClient } from '../../../src/kube/index.ts';
import type { Started } from '../../../src/sandbox/agents/fake-substrate.ts';
import type { Misdeed } from '../../e2e/faults/kinds.ts';
import { type Child, Endpoint } from '../endpoint.ts';
import { goodResult, registrationOf } from '../good-result.ts';

const CONFIG = '/etc/vfbench/endpoint.json';
const HUGE_BYTES = 100_000_000;

/** What the runner finds in its pod, or in the seed of its guest. */
export function configOf(started: Started): EndpointConfig {
  if (started.kind === 'Runner') return JSON.parse(started.options.files[CONFIG] ?? '') as EndpointConfig;
  const { userData, managementMac } = started.options;
  const seed = JSON.parse(userData.replace(/^#cloud-config\n/, '')) as { write_files: { content: string }[] };
  // The Trial's guests share one seed, as they do in truth.
  const configs = seed.write_files.map(({ content }) => JSON.parse(content) as EndpointConfig);
  const own = configs.find((config) => config.managementMac === managementMac);
  if (own === undefined) throw new Error(`No configuration for ${managementMac}`);
  return own;
}

type Change<T> = (good: T) => T;

const nic =
  (change: object): Change<Registration> =>
  (good) => ({ ...good, nic: { ...good.nic, ...change } });

const REGISTRATIONS: Partial<Record<Misdeed, Change<Registration>>> = {
  // What a hypervisor emulates for a VM; what no pod has.
  'wrong-driver': (good) =>
    nic(good.nic.bus === 'virtual' ? { driver: 'virtio_net', bus: 'virtio' } : { driver: 'e1000', bus: 'pci' })(good),
  'wrong-mac': nic({ mac: '02:ff:ff:ff:ff:ff' }),
  'wrong-mtu': nic({ mtu: 1280 }),
  'no-tool': (good) => ({ ...good, tools: { ...good.tools, iperf3: null } }),
};

const points =
  (change: object): Change<ResultDocument> =>
  (good) => ({ ...good, points: good.points.map((point) => ({ ...point, ...change })) });

const BYTES = { rxBytes: 1e13, txBytes: 1e13, rxPackets: 1e9, txPackets: 1e9 };
const failed =
  (reason: string, message: string): Change<ResultDocument> =>
  (good) => ({ ...good, points: [], error: { reason, message } });

const DOCUMENTS: Partial<Record<Misdeed, Change<ResultDocument>>> = {
  'cut-off': failed('PeerUnreachable', '10.0.0.1 did not answer "hello" within 60 s: no reply'),
  narrowed: failed('MtuProbeFailed', 'Packets of 1500 bytes (the MTU) do not come back from 10.0.0.1, smaller ones do'),
  stalls: points({ measurements: [], error: { reason: 'Timeout', message: 'iperf3 had not ended after 17 s' } }),
  'tool-crash': points({
    measurements: [],
    error: { reason: 'ToolFailed', message: 'iperf3 was killed by SIGSEGV' },
  }),
  'too-fast': (good) => ({
    ...good,
    points: good.points.map((point) => ({
      ...point,
      measurements: [{ metric: 'throughput', unit: 'bit/s', value: 4e12, reason: null }],
      nic: { ...point.nic, after: BYTES },
    })),
  }),
};

export class Players {
  readonly #line: Endpoint;

  /** Until the signal. */
  constructor(client: KubeClient, signal: AbortSignal) {
    const agent = new Agent({ keepAlive: true, maxSockets: 512 });
    const nobody = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'player' }, spec: {} } as Child;
    this.#line = new Endpoint('Pod', nobody, { client, signal, agent, secrets: new Map() });
  }

  /** Lives an endpoint's life, with a data NIC of that MAC where the network chose it; one that is ended or refused meanwhile just stops. */
  play(started: Started, misdeed: Misdeed | undefined, mac: string | undefined): void {
    this.#live(started, misdeed, mac).catch(() => {});
  }

  async #live(started: Started, misdeed: Misdeed | undefined, mac: string | undefined): Promise<void> {
    if (misdeed === 'silent') return;
    const config = configOf(started);
    if (misdeed === 'no-nic') return this.#complain(config);
    const honest = registrationOf(config);
    const found = mac === undefined ? honest : nic({ mac })(honest);
    const registration = (REGISTRATIONS[misdeed ?? 'silent'] ?? ((same) => same))(found);
    const shown = misdeed === 'forges-token' ? { ...config, token: `${config.token.slice(0, -4)}AAAA` } : config;
    const plan = await this.#line.call<TrialPlan>(shown, '/v1/register', registration);
    if (misdeed === 'hangs') return;
    if (misdeed === 'ends-early') return started.child.exit(0);
    await this.#deliver(config, plan, { misdeed, registration });
    started.child.exit(0);
  }

  async #complain(config: EndpointConfig): Promise<void> {
    const { mac, interface: name } = config.dataNic;
    const wanted = name === undefined ? `with MAC ${mac}` : `named ${name}`;
    const message = `No NIC ${wanted} after 60 s; there are: eth0`;
    await this.#line.call(config, '/v1/problem', { reason: 'DataNicMissing', message });
  }

  async #deliver(
    config: EndpointConfig,
    plan: TrialPlan,
    { misdeed, registration }: { misdeed: Misdeed | undefined; registration: Registration },
  ): Promise<void> {
    if (misdeed === 'garbage' || misdeed === 'huge') {
      const body = misdeed === 'huge' ? Buffer.alloc(HUGE_BYTES, ' ') : Buffer.from('{"points": [');
      await this.#line.post(config, '/v1/result', body).catch(() => null);
      return new Promise(() => {});
    }
    const good = { ...goodResult(config, plan), registration };
    await this.#line.call(config, '/v1/result', (DOCUMENTS[misdeed ?? 'silent'] ?? ((same) => same))(good));
  }
}
