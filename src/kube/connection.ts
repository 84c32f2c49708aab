/**
 * How to reach and persuade the API server: its connection pools and the authorization headers, from a kubeconfig.
 * Credentials that rotate (token files, certificates, exec plugins) are read anew at most every 30 s; when the TLS
 * material changed, new requests use new pools and the old ones end with their last request.
 */
import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { Agent, ProxyAgent, Socks5ProxyAgent, type Dispatcher } from 'undici';
import { parse } from 'yaml';
import { systemClock, type Clock } from './clock.ts';

export interface Connection {
  /** URL of the API server, without a slash at the end. */
  readonly server: string;
  /** Namespace of the current context, if it names one. */
  readonly namespace: string | undefined;
  /** The pools and the headers for the next request. */
  access(): Promise<Access>;
  /** The server refused the credentials: the next `access` reads them anew. */
  expire(): void;
  close(): Promise<void>;
}

export interface Access {
  /** For what is answered at once. */
  calls: Dispatcher;
  /** For watches: each keeps a connection for as long as it lasts. */
  streams: Dispatcher;
  headers: Record<string, string>;
}

export interface ConnectionOptions {
  http2?: boolean;
  clock?: Clock;
}

const CREDENTIALS_TTL_MS = 30_000;
/** Below the API server's idle timeout of 90 s, so that it is us who close. */
const KEEP_ALIVE_MS = 30_000;

/**
 * Calls at once; further ones wait for their turn. Hundreds that begin together (every grant of a large Testbed) would
 * else open a connection each, whose handshakes cost both sides more than the calls do.
 */
const CALLS_AT_ONCE = 32;

type Tls = Pick<RequestOptions, 'ca' | 'cert' | 'key' | 'pfx' | 'passphrase' | 'servername' | 'rejectUnauthorized'>;

/**
 * Loads a kubeconfig: the file at `path`, or else KUBECONFIG, ~/.kube/config, the Pod's service account.
 * @throws Error where none is found, or the context is unknown.
 */
export function loadKubeConfig(path?: string, context?: string): KubeConfig {
  const config = new KubeConfig();
  if (path === undefined) {
    config.loadFromDefault();
    if (isPlaceholder(config)) throw new Error('No kubeconfig: set KUBECONFIG, or run inside a Pod');
  } else {
    config.loadFromFile(path);
    adoptTokenFiles(config, path);
  }
  if (context !== undefined) config.setCurrentContext(context);
  if (!config.getCurrentCluster())
    throw new Error(`The kubeconfig has no cluster for context ${config.currentContext}`);
  return config;
}

/** What client-node makes up where it finds nothing. */
function isPlaceholder(config: KubeConfig): boolean {
  return config.currentContext === 'loaded-context' && config.getCurrentCluster()?.server === 'http://localhost:8080';
}

/** client-node overlooks `tokenFile` of a kubeconfig's user; its file authenticator handles it once told. */
function adoptTokenFiles(config: KubeConfig, path: string): void {
  const raw = parse(readFileSync(path, 'utf8')) as { users?: { name: string; user?: { tokenFile?: string } }[] };
  for (const { name, user } of raw.users ?? []) {
    if (user?.tokenFile === undefined) continue;
    const tokenFile = isAbsolute(user.tokenFile) ? user.tokenFile : resolve(dirname(path), user.tokenFile);
    const index = config.users.findIndex((known) => known.name === name);
    const known = config.users[index];
    if (known) config.users[index] = { ...known, authProvider: { name: 'tokenFile', config: { tokenFile } } };
  }
}

export class KubeConfigConnection implements Connection {
  readonly server: string;
  readonly namespace: string | undefined;
  readonly #config: KubeConfig;
  readonly #proxyUrl: string | undefined;
  readonly #http2: boolean;
  readonly #clock: Clock;
  #current: (Access & { tls: string; readAt: number }) | undefined;
  #reading: Promise<void> | undefined;
  readonly #pools = new Set<Dispatcher>();

  constructor(config: KubeConfig, options: ConnectionOptions = {}) {
    const cluster = config.getCurrentCluster();
    if (!cluster) throw new Error(`The kubeconfig has no cluster for context ${config.currentContext}`);
    this.server = cluster.server.replace(/\/+$/, '');
    this.namespace = config.getContextObject(config.currentContext)?.namespace;
    this.#config = config;
    this.#proxyUrl = cluster.proxyUrl;
    this.#http2 = options.http2 ?? false;
    this.#clock = options.clock ?? systemClock;
  }

  async access(): Promise<Access> {
    const fresh = this.#current && this.#clock.now() - this.#current.readAt < CREDENTIALS_TTL_MS;
    if (!fresh) await (this.#reading ??= this.#read().finally(() => (this.#reading = undefined)));
    if (!this.#current) throw new Error('No credentials were read');
    return this.#current;
  }

  expire(): void {
    if (this.#current) this.#current.readAt = -Infinity;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools].map((pool) => pool.destroy()));
  }

  async #read(): Promise<void> {
    const options: RequestOptions = {};
    await readable(this.#config).applyToHTTPSOptions(options);
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(options.headers ?? {})) headers[name] = String(value).trim();
    if (options.auth) headers['Authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
    const tls = tlsOf(options);
    const fingerprint = JSON.stringify(tls);
    const previous = this.#current;
    const pools =
      previous?.tls === fingerprint ? { calls: previous.calls, streams: previous.streams } : this.#newPools(tls);
    this.#current = { ...pools, headers, tls: fingerprint, readAt: this.#clock.now() };
    if (previous === undefined || previous.calls === pools.calls) return;
    for (const pool of new Set([previous.calls, previous.streams])) void this.#retire(pool);
  }

  /** Lets what is under way on a pool end. */
  async #retire(pool: Dispatcher): Promise<void> {
    await pool.close();
    this.#pools.delete(pool);
  }

  /** One for all over HTTP/2, where calls and watches share a connection. */
  #newPools(tls: Tls): Pick<Access, 'calls' | 'streams'> {
    const streams = this.#pool(tls);
    return { streams, calls: this.#http2 ? streams : this.#pool(tls, CALLS_AT_ONCE) };
  }

  #pool(tls: Tls, connections?: number): Dispatcher {
    const pool = this.#newPool(tls, connections);
    this.#pools.add(pool);
    return pool;
  }

  #newPool(tls: Tls, connections: number | null = null): Dispatcher {
    const common = {
      connections,
      allowH2: this.#http2,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // Bounds of ours are per call (headers) and per watch (silence), see transport.ts and watch.ts.
      headersTimeout: 0,
      bodyTimeout: 0,
    };
    // Probes after 30 s of silence, every second, ten times (libuv): a dead peer is noticed in 40 s.
    const connect = { ...defined(tls), keepAlive: true, keepAliveInitialDelay: 30_000, timeout: 10_000 };
    const proxy = this.#proxyUrl;
    if (proxy === undefined || proxy === null || proxy === '') return new Agent({ ...common, connect });
    if (proxy.startsWith('socks')) return new Socks5ProxyAgent(proxy, { ...common, requestTls: defined(tls) });
    return new ProxyAgent({ ...common, uri: proxy, requestTls: defined(tls) });
  }
}

/** client-node refuses plain http without skipTLSVerify; a test server or `kubectl proxy` speaks plain http. */
function readable(config: KubeConfig): KubeConfig {
  const cluster = config.getCurrentCluster();
  if (!cluster?.server.startsWith('http:') || cluster.skipTLSVerify) return config;
  const clusters = config.clusters.map((known) => (known === cluster ? { ...known, skipTLSVerify: true } : known));
  config.clusters = clusters;
  return config;
}

function tlsOf(options: RequestOptions): Tls {
  const { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized } = options;
  return { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized };
}

function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
