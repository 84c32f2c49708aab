/** Configuration of the operator: the only reader of its environment. All errors are reported together. */
import { isIP } from 'node:net';
import { hostname } from 'node:os';

export interface Config {
  /** Namespace of the operator itself: Lease, Secret. */
  namespace: string;
  /** Namespace to watch; all where empty. */
  watchNamespace: string;
  identity: string;
  leaderElection: boolean;
  collector: { host: string; port: number; url: string };
  /** The collector's Service, and the address that the leader sends its traffic to; null: others route to the collector. */
  announce: { service: string; ip: string } | null;
  health: { host: string; port: number };
  /** The live page, and whom it serves: callers with a token, or whoever reaches loopback. Null: there is none. */
  page: { host: string; port: number; access: 'Token' | 'AnonymousLoopback' } | null;
  logLevel: string;
  kubeconfig: string;
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'];

function parseListen(text: string): { host: string; port: number } | null {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:]*)):(\d{1,5})$/.exec(text);
  if (match === null || Number(match[3]) > 65535) return null;
  return { host: match[1] ?? match[2] ?? '', port: Number(match[3]) };
}

type Env = Record<string, string | undefined>;

/** Reads variables, and gathers what is wrong with them. */
class Reader {
  readonly problems: string[] = [];
  readonly #env: Env;

  constructor(env: Env) {
    this.#env = env;
  }

  text(name: string, fallback = ''): string {
    return this.#env[name] ?? fallback;
  }

  /** One of `allowed`. */
  choice(name: string, allowed: readonly string[], fallback: string): string {
    const value = this.text(name, fallback);
    const last = allowed.at(-1) ?? '';
    const wanted =
      allowed.length > 2 ? `one of ${allowed.join(', ')}` : `${allowed.slice(0, -1).join(', ')} or ${last}`;
    if (!allowed.includes(value)) this.#wrong(name, value, wanted);
    return value;
  }

  listen(name: string, fallback: string): { host: string; port: number } {
    const parsed = parseListen(this.text(name, fallback));
    if (parsed === null) this.#wrong(name, this.text(name), `HOST:PORT, such as ${fallback}`);
    return parsed ?? { host: '', port: 0 };
  }

  httpsUrl(name: string, fallback: string): string {
    const url = this.text(name, fallback);
    if (!URL.canParse(url) || new URL(url).protocol !== 'https:') this.#wrong(name, url, 'https://HOST:PORT');
    return url;
  }

  /** Without a token nobody but this machine may be served. */
  page(): Config['page'] {
    if (this.text('VFBENCH_PAGE_LISTEN') === '') return null;
    const listen = this.listen('VFBENCH_PAGE_LISTEN', '127.0.0.1:8090');
    const access = this.choice('VFBENCH_PAGE_ACCESS', ['Token', 'AnonymousLoopback'], 'Token');
    if (access === 'Token') return { ...listen, access };
    if (!/^(?:127(?:\.\d{1,3}){3}|::1)$/.test(listen.host))
      this.#wrong('VFBENCH_PAGE_LISTEN', this.text('VFBENCH_PAGE_LISTEN'), '127.0.0.1:PORT with AnonymousLoopback');
    return { ...listen, access: 'AnonymousLoopback' };
  }

  announce(): Config['announce'] {
    const [service, ip] = [this.text('VFBENCH_COLLECTOR_SERVICE'), this.text('VFBENCH_POD_IP')];
    if (service === '') return null;
    if (isIP(ip) === 0) this.#wrong('VFBENCH_POD_IP', ip, 'the IP address of this pod');
    return { service, ip };
  }

  #wrong(name: string, value: string, wanted: string): void {
    this.problems.push(`${name}=${value}: want ${wanted}`);
  }
}

/** @throws Error that lists every variable that is wrong, and what it should be. */
export function readConfig(env: Env): Config {
  const read = new Reader(env);
  const namespace = read.text('VFBENCH_NAMESPACE', 'vfbench-system');
  const config: Config = {
    namespace,
    watchNamespace: read.text('VFBENCH_WATCH_NAMESPACE'),
    identity: read.text('VFBENCH_IDENTITY', `${read.text('POD_NAME', hostname())}-${process.pid}`),
    leaderElection: read.choice('VFBENCH_LEADER_ELECTION', ['true', 'false'], 'true') === 'true',
    collector: {
      ...read.listen('VFBENCH_COLLECTOR_LISTEN', '0.0.0.0:7443'),
      url: read.httpsUrl('VFBENCH_COLLECTOR_URL', `https://vfbench-collector.${namespace}.svc:7443`),
    },
    announce: read.announce(),
    health: read.listen('VFBENCH_HEALTH_LISTEN', '0.0.0.0:8080'),
    page: read.page(),
    logLevel: read.choice('LOG_LEVEL', LEVELS, 'info'),
    kubeconfig: read.text('KUBECONFIG'),
  };
  if (read.problems.length > 0) throw new Error(`The configuration is wrong:\n  ${read.problems.join('\n  ')}`);
  return Object.freeze(config);
}
