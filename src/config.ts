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
  logLevel: string;
  kubeconfig: string;
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'];

function parseListen(text: string): { host: string; port: number } | null {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:]*)):(\d{1,5})$/.exec(text);
  if (match === null || Number(match[3]) > 65535) return null;
  return { host: match[1] ?? match[2] ?? '', port: Number(match[3]) };
}

/** @throws Error that lists every variable that is wrong, and what it should be. */
export function readConfig(env: Record<string, string | undefined>): Config {
  const problems: string[] = [];
  const listen = (name: string, fallback: string): { host: string; port: number } => {
    const parsed = parseListen(env[name] ?? fallback);
    if (parsed === null) problems.push(`${name}=${env[name]}: want HOST:PORT, such as ${fallback}`);
    return parsed ?? { host: '', port: 0 };
  };
  const namespace = env['VFBENCH_NAMESPACE'] ?? 'vfbench-system';
  const logLevel = env['LOG_LEVEL'] ?? 'info';
  if (!LEVELS.includes(logLevel)) problems.push(`LOG_LEVEL=${logLevel}: want one of ${LEVELS.join(', ')}`);
  const url = env['VFBENCH_COLLECTOR_URL'] ?? `https://vfbench-collector.${namespace}.svc:7443`;
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:')
    problems.push(`VFBENCH_COLLECTOR_URL=${url}: want https://HOST:PORT`);
  const election = env['VFBENCH_LEADER_ELECTION'] ?? 'true';
  if (election !== 'true' && election !== 'false')
    problems.push(`VFBENCH_LEADER_ELECTION=${election}: want true or false`);
  const [service = '', ip = ''] = [env['VFBENCH_COLLECTOR_SERVICE'], env['VFBENCH_POD_IP']];
  if (service !== '' && isIP(ip) === 0) problems.push(`VFBENCH_POD_IP=${ip}: want the IP address of this pod`);
  const config: Config = {
    namespace,
    watchNamespace: env['VFBENCH_WATCH_NAMESPACE'] ?? '',
    identity: env['VFBENCH_IDENTITY'] ?? `${env['POD_NAME'] ?? hostname()}-${process.pid}`,
    leaderElection: election === 'true',
    collector: { ...listen('VFBENCH_COLLECTOR_LISTEN', '0.0.0.0:7443'), url },
    announce: service === '' ? null : { service, ip },
    health: listen('VFBENCH_HEALTH_LISTEN', '0.0.0.0:8080'),
    logLevel,
    kubeconfig: env['KUBECONFIG'] ?? '',
  };
  if (problems.length > 0) throw new Error(`The configuration is wrong:\n  ${problems.join('\n  ')}`);
  return Object.freeze(config);
}
