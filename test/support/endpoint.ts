/** One stand-in endpoint as a test plays it: what kubelet, KubeVirt and the runner would do, step by step. */
import { Agent, request } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { LABEL_CREATED_BY, LABEL_ENDPOINT, LABEL_EXPERIMENT, LABEL_TRIAL } from '../../src/api/labels.ts';
import {
  COLLECTOR_SERVER_NAME,
  type EndpointConfig,
  type Registration,
  type ResultDocument,
  type TrialPlan,
} from '../../src/api/protocol.ts';
import { timestamp } from '../../src/api/conditions.ts';
import { CORE_EVENTS, VMIS } from '../../src/api/kinds.ts';
import { type KubeClient, type KubeObject, PODS, SECRETS, TransportError } from '../../src/kube/index.ts';
import { registrationOf } from './good-result.ts';

interface Volume {
  secret?: { secretName: string };
  cloudInitNoCloud?: { secretRef: { name: string } };
}
interface Affinity {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: { matchFields: { values: string[] }[] }[] };
  };
}
export type Child = KubeObject & {
  spec: { nodeName?: string; affinity?: Affinity; volumes?: Volume[] };
  status?: { phase?: string };
};
export type Secret = KubeObject & { data?: Record<string, string> };

export interface Answer {
  status: number;
  body: unknown;
}

export interface Surroundings {
  client: KubeClient;
  signal: AbortSignal;
  agent: Agent;
  /** Secrets read so far, by `namespace/name`. */
  secrets: Map<string, Promise<Secret>>;
  /** Where the collector really is, where the configured address cannot be reached from here. */
  collectorUrl?: string;
}

/** The Node that an object must be placed on. */
function nodeOf({ spec }: Child): string | undefined {
  const [term] = spec.affinity?.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms ?? [];
  return term?.matchFields[0]?.values[0];
}

const FINALIZER = 'kubevirt.io/virtualMachineControllerFinalize';

const decode = (text: string): string => Buffer.from(text, 'base64').toString();

function configsOf(secret: Secret): EndpointConfig[] {
  const data = secret.data ?? {};
  const direct = Object.entries(data)
    .filter(([key]) => key.endsWith('.json'))
    .map(([, value]) => JSON.parse(decode(value)) as EndpointConfig);
  if (data['userdata'] === undefined) return direct;
  const text = decode(data['userdata']).replace(/^#cloud-config\n/, '');
  const seed = JSON.parse(text) as { write_files: { content: string }[] };
  return [...direct, ...seed.write_files.map((file) => JSON.parse(file.content) as EndpointConfig)];
}

export class Endpoint {
  readonly kind: string;
  readonly object: Child;
  readonly #around: Surroundings;

  constructor(kind: string, object: Child, around: Surroundings) {
    this.kind = kind;
    this.object = object;
    this.#around = around;
  }

  get namespace(): string {
    return this.object.metadata.namespace ?? '';
  }

  /** Name of the pod or VM. */
  get name(): string {
    return this.object.metadata.name;
  }

  get experiment(): string {
    return this.object.metadata.labels?.[LABEL_EXPERIMENT] ?? '';
  }

  get trial(): string {
    return this.object.metadata.labels?.[LABEL_TRIAL] ?? '';
  }

  /** `server-0`, `client-0` ... */
  get role(): string {
    return this.object.metadata.labels?.[LABEL_ENDPOINT] ?? '';
  }

  get isClient(): boolean {
    return this.role.startsWith('client');
  }

  /** What the Trial's Secret holds for this endpoint. */
  async config(): Promise<EndpointConfig> {
    const volumes = this.object.spec.volumes ?? [];
    const names = volumes.map((v) => v.secret?.secretName ?? v.cloudInitNoCloud?.secretRef.name);
    const name = names.find((found) => found !== undefined) ?? '';
    const { client, secrets } = this.#around;
    const key = `${this.namespace}/${name}`;
    const secret =
      secrets.get(key) ?? this.#insist(() => client.get<Secret>(SECRETS, { namespace: this.namespace, name }));
    secrets.set(key, secret);
    const found = configsOf(await secret).find((config) => config.endpoint === this.role);
    if (found === undefined) throw new Error(`Secret ${name} has no ${this.role}`);
    return found;
  }

  /** Binds the pod to the node that it selects. */
  async bind(): Promise<void> {
    const { namespace, name } = this;
    const target = { apiVersion: 'v1', kind: 'Node', name: nodeOf(this.object) };
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace }, target };
    await this.#around.client.create({ ...PODS, plural: `pods/${name}/binding` }, binding as KubeObject);
  }

  /** Placed, started, running: what an endpoint is when its runner begins. */
  async run(): Promise<void> {
    if (this.kind === 'Pod') await this.bind();
    await this.status({ phase: 'Running' });
  }

  /** Merges into the object's status. */
  async status(status: object): Promise<void> {
    const at = { namespace: this.namespace, name: this.name };
    const { client } = this.#around;
    await this.#insist(() =>
      this.kind === 'Pod' ? client.patchStatus(PODS, at, status) : client.patch(VMIS, at, { status }),
    );
  }

  /** As KubeVirt does: a VM stays until its launcher is gone. */
  async keep(): Promise<void> {
    if (this.kind === 'VirtualMachineInstance') await this.#finalize([FINALIZER]);
  }

  async letGo(): Promise<void> {
    await this.#finalize([]);
  }

  async #finalize(finalizers: string[]): Promise<void> {
    const at = { namespace: this.namespace, name: this.name };
    await this.#insist(() => this.#around.client.patch(VMIS, at, { metadata: { finalizers } }));
  }

  /** The launcher pod that KubeVirt makes of a VM, as it is once webhooks have seen it; it goes with its VM. */
  async launcher(requests: Record<string, string>): Promise<void> {
    const { namespace, name } = this;
    const { labels, uid = '' } = this.object.metadata;
    const owner = { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachineInstance', name, uid, controller: true };
    const resources = { requests, limits: requests };
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `virt-launcher-${uid.slice(0, 8)}`,
        namespace,
        labels: { ...labels, [LABEL_CREATED_BY]: uid },
        ownerReferences: [owner],
      },
      spec: { containers: [{ name: 'compute', image: 'virt-launcher', resources }] },
    };
    await this.#around.client.create(PODS, pod as KubeObject);
  }

  /** What a kubelet tells of a pod, virt-handler of a VM. */
  async event(reason: string, message: string): Promise<void> {
    const { namespace, name, object } = this;
    const apiVersion = this.kind === 'Pod' ? 'v1' : 'kubevirt.io/v1';
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { namespace, name: `${name}.1` },
      involvedObject: { apiVersion, kind: this.kind, namespace, name, uid: object.metadata.uid },
      reason,
      message,
      firstTimestamp: timestamp(Date.now()),
      type: 'Warning',
    };
    await this.#around.client.create(CORE_EVENTS, event as KubeObject);
  }

  /** As a user would, and without waiting for a kubelet. */
  async remove(): Promise<void> {
    const type = this.kind === 'Pod' ? PODS : VMIS;
    await this.#around.client.remove(type, { namespace: this.namespace, name: this.name }, { gracePeriodSeconds: 0 });
  }

  async register(change: (registration: Registration) => Registration = (same) => same): Promise<TrialPlan> {
    const config = await this.config();
    return this.call<TrialPlan>(config, '/v1/register', change(registrationOf(config)));
  }

  async deliver(document: ResultDocument): Promise<void> {
    await this.call(await this.config(), '/v1/result', document);
  }

  /** An API server that is away comes back. */
  async #insist<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof TransportError)) throw error;
        await delay(200, undefined, { signal: this.#around.signal });
      }
    }
  }

  /** Repeats a call until it is answered with 200, as a runner does. @throws Error for a refusal, with its text. */
  async call<T>(config: EndpointConfig, path: string, body: object): Promise<T> {
    const { signal } = this.#around;
    for (;;) {
      signal.throwIfAborted();
      const answer = await this.post(config, path, body).catch(() => null);
      if (answer?.status === 200) return answer.body as T;
      if (answer !== null && answer.status >= 400)
        throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      if (answer === null) await delay(100);
    }
  }

  /** One call; `body` is sent as it is where it is bytes, else as packed JSON. */
  post({ collector, token }: EndpointConfig, path: string, body: object | Buffer): Promise<Answer> {
    const url = new URL(path, this.#around.collectorUrl ?? collector.url);
    const packed = !Buffer.isBuffer(body);
    const payload = packed ? gzipSync(JSON.stringify(body), { level: 1 }) : body;
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-encoding': packed ? 'gzip' : 'identity',
      'content-length': payload.length,
    };
    const options = { method: 'POST', agent: this.#around.agent, ca: collector.ca, servername: COLLECTOR_SERVER_NAME };
    return new Promise((resolve, reject) => {
      const call = request(url, { ...options, headers }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => {
          const text = Buffer.concat(parts).toString();
          resolve({ status: response.statusCode ?? 0, body: text === '' ? null : JSON.parse(text) });
        });
        response.on('error', reject);
      });
      call.on('error', reject);
      call.end(payload);
    });
  }
}
