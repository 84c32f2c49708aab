/**
 * Endpoints that measure nothing and take no time: they register, send a result that passes every gate,
 * and end. For tests and figures of the operator alone. Pods and VMs need no node and no kubelet.
 */
import { Agent, request } from 'node:https';
import { gzipSync } from 'node:zlib';
import { LABEL_ENDPOINT, LABEL_TRIAL } from '../../src/api/labels.ts';
import {
  COLLECTOR_SERVER_NAME,
  type EndpointConfig,
  type PointResult,
  PROTOCOL_VERSION,
  type Registration,
  type ResultDocument,
  type TestPoint,
  type TrialPlan,
} from '../../src/api/protocol.ts';
import { VMIS } from '../../src/control/kinds.ts';
import { type KubeClient, type KubeObject, keyOf, PODS, Reflector, SECRETS, Store } from '../../src/kube/index.ts';
import type { Logger } from '../../src/log.ts';
import { measuredSeconds } from '../../src/results/commands.ts';

export type Behaviour = (config: EndpointConfig, plan: TrialPlan) => ResultDocument | 'silent' | 'die';

export interface StandInOptions {
  client: KubeClient;
  log: Logger;
  signal: AbortSignal;
  /** Where the collector really is, where the configured address cannot be reached from here. */
  collectorUrl?: string;
  /** What an endpoint does with its plan; sends good results by default. */
  behaviour?: Behaviour;
}

interface Volume {
  secret?: { secretName: string };
  cloudInitNoCloud?: { secretRef: { name: string } };
}
type Child = KubeObject & { spec: { volumes?: Volume[] }; status?: { phase?: string } };
type Secret = KubeObject & { data?: Record<string, string> };

const decode = (text: string): string => Buffer.from(text, 'base64').toString();

function configsOf(secret: Secret): EndpointConfig[] {
  const data = secret.data ?? {};
  const direct = Object.entries(data)
    .filter(([key]) => key.endsWith('.json'))
    .map(([, value]) => JSON.parse(decode(value)) as EndpointConfig);
  if (data['userdata'] === undefined) return direct;
  const seed = JSON.parse(decode(data['userdata']).replace(/^#cloud-config\n/, '')) as {
    write_files: { content: string }[];
  };
  return [...direct, ...seed.write_files.map((file) => JSON.parse(file.content) as EndpointConfig)];
}

export function registrationOf({ dataNic }: EndpointConfig): Registration {
  const driver = { Native: 'veth', Virtio: 'virtio_net', Passthrough: 'igbvf' }[dataNic.mode];
  const bus = { Native: 'virtual', Virtio: 'virtio', Passthrough: 'pci' } as const;
  return {
    version: PROTOCOL_VERSION,
    nic: {
      interface: 'data0',
      mac: dataNic.mac ?? '02:00:00:00:00:01',
      driver,
      bus: bus[dataNic.mode],
      pciAddress: dataNic.mode === 'Passthrough' ? '0000:01:10.0' : null,
      mtu: dataNic.mtu,
      address: dataNic.address,
    },
    kernel: '6.12.0',
    tools: { iperf3: '3.18', sockperf: '3.7' },
    runner: 'stand-in',
  };
}

function pointResult(point: TestPoint, isClient: boolean): PointResult {
  const seconds = measuredSeconds(point) + point.warmupSeconds;
  const now = Date.now();
  const rate = 1e9 * (1 + point.id / 100);
  const bytes = Math.round((rate * seconds) / 8) * 2;
  const metric = (name: string, unit: string, value: number) => ({ metric: name, unit, value, reason: null });
  const measurements =
    point.type === 'Stream'
      ? [metric('throughput', 'bit/s', rate)]
      : [metric('rttP50', 's', 3e-5), metric('rttP99', 's', 6e-5), metric('transactionRate', '1/s', 30000)];
  const zero = { rxBytes: 0, txBytes: 0, rxPackets: 0, txPackets: 0 };
  const idle = { user: 0, system: 0, softirq: 0, steal: 0, idle: 0 };
  return {
    id: point.id,
    startedAt: now - seconds * 1000,
    endedAt: now,
    measurements: isClient ? measurements : [],
    error: null,
    raw: {
      tool: point.type === 'Stream' ? 'iperf3' : 'sockperf',
      version: '1',
      command: [],
      exitCode: 0,
      stdout: '',
      stderr: '',
      truncated: false,
    },
    nic: { before: zero, after: { rxBytes: bytes, txBytes: bytes, rxPackets: 1e6, txPackets: 1e6 } },
    cpu: { before: idle, after: idle },
  };
}

export const goodResult: (config: EndpointConfig, plan: TrialPlan) => ResultDocument = (config, plan) => ({
  version: PROTOCOL_VERSION,
  registration: registrationOf(config),
  points: plan.points.map((point) => pointResult(point, config.endpoint.startsWith('client'))),
  error: null,
});

export class StandIn {
  readonly #options: StandInOptions;
  readonly #started = new Set<string>();
  readonly #secrets = new Map<string, Promise<Secret>>();
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 512 });
  /** Results that the collector took. */
  delivered = 0;

  constructor(options: StandInOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { client, log, signal } = this.#options;
    const stores = [PODS, VMIS].map((type) => {
      const store = new Store<Child>();
      store.subscribe(({ type: change, object }) => {
        if (change === 'upsert') this.#begin(type.kind, object);
      });
      const reflector = new Reflector<Child>({ client, type, store, log, labelSelector: LABEL_TRIAL, optional: true });
      void reflector.run(signal);
      return reflector.synced();
    });
    await Promise.all(stores);
  }

  #begin(kind: string, object: Child): void {
    const id = object.metadata.uid ?? '';
    if (this.#started.has(id) || object.metadata.deletionTimestamp !== undefined) return;
    this.#started.add(id);
    this.#live(kind, object).catch((error: unknown) => {
      if (!this.#options.signal.aborted)
        this.#options.log.warn({ err: error, object: keyOf(object) }, 'Stand-in ended');
    });
  }

  async #live(kind: string, object: Child): Promise<void> {
    const config = await this.#config(object);
    const registration = registrationOf(config);
    const plan = await this.#call<TrialPlan>(config, '/v1/register', registration);
    const document = (this.#options.behaviour ?? goodResult)(config, plan);
    if (document === 'silent') return;
    if (document !== 'die') {
      await this.#call(config, '/v1/result', document);
      this.delivered++;
    }
    const { namespace = '', name } = object.metadata;
    const status = { phase: document === 'die' ? 'Failed' : 'Succeeded' };
    const { client } = this.#options;
    if (kind === 'Pod') await client.patchStatus(PODS, { namespace, name }, status);
    else await client.patch(VMIS, { namespace, name }, { status });
  }

  async #config(object: Child): Promise<EndpointConfig> {
    const { namespace = '', labels = {} } = object.metadata;
    const names = (object.spec.volumes ?? []).map((v) => v.secret?.secretName ?? v.cloudInitNoCloud?.secretRef.name);
    const name = names.find((found) => found !== undefined) ?? '';
    const key = `${namespace}/${name}`;
    const secret = this.#secrets.get(key) ?? this.#options.client.get<Secret>(SECRETS, { namespace, name });
    this.#secrets.set(key, secret);
    const found = configsOf(await secret).find((config) => config.endpoint === labels[LABEL_ENDPOINT]);
    if (found === undefined) throw new Error(`Secret ${key} has no ${labels[LABEL_ENDPOINT]}`);
    return found;
  }

  /** Repeats a call until it is answered with 200, as a runner does. */
  async #call<T>(config: EndpointConfig, path: string, body: object): Promise<T> {
    const { signal } = this.#options;
    for (;;) {
      signal.throwIfAborted();
      const answer = await this.#post(config, path, body).catch(() => null);
      if (answer?.status === 200) return answer.body as T;
      if (answer !== null && answer.status >= 400)
        throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      if (answer === null) await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  #post({ collector, token }: EndpointConfig, path: string, body: object): Promise<{ status: number; body: unknown }> {
    const url = new URL(path, this.#options.collectorUrl ?? collector.url);
    const payload = gzipSync(JSON.stringify(body), { level: 1 });
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      'content-length': payload.length,
    };
    return new Promise((resolve, reject) => {
      const call = request(
        url,
        { method: 'POST', agent: this.#agent, ca: collector.ca, servername: COLLECTOR_SERVER_NAME, headers },
        (response) => {
          const parts: Buffer[] = [];
          response.on('data', (part: Buffer) => parts.push(part));
          response.on('end', () => {
            const text = Buffer.concat(parts).toString();
            resolve({ status: response.statusCode ?? 0, body: text === '' ? null : JSON.parse(text) });
          });
          response.on('error', reject);
        },
      );
      call.on('error', reject);
      call.end(payload);
    });
  }
}
