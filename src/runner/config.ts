/** Where the runner learns who it is: an EndpointConfig as a file (pods), or inside a NoCloud seed (VMs). */
import { ENDPOINT_CONFIG_PATH } from '../api/labels.ts';
import { PROTOCOL_VERSION, type DataNic, type EndpointConfig } from '../api/protocol.ts';
import { EndpointError } from './failure.ts';

/** A configuration that cannot be used; the message says what is wrong with it. */
export class ConfigError extends EndpointError {
  constructor(message: string, options?: ErrorOptions) {
    super('InvalidConfiguration', message, options);
    this.name = 'ConfigError';
  }
}

export interface Source {
  kind: 'config' | 'seed';
  file: string;
}

const USAGE = 'usage: runner --config FILE | --seed FILE';
const CLOUD_CONFIG = '#cloud-config';
/** A seed for several guests of one Trial holds a file for each. */
const ENDPOINT_FILE = /^\/etc\/vfbench\/endpoints\/[a-z0-9-]+\.json$/;
const ENDPOINT = /^(?:server|client)-[0-9]{1,4}$/;
const MODES: readonly string[] = ['Native', 'Virtio', 'Passthrough'];

/** Reads the command line (without node and script). */
export function parseArguments(args: readonly string[]): Source {
  const [flag, file, ...rest] = args;
  if (file === undefined || rest.length > 0) throw new ConfigError(USAGE);
  if (flag === '--config') return { kind: 'config', file };
  if (flag === '--seed') return { kind: 'seed', file };
  throw new ConfigError(USAGE);
}

/** An EndpointConfig from its JSON text. */
export function parseConfig(text: string): EndpointConfig {
  const config = parseObject(text, 'The endpoint configuration') as Partial<EndpointConfig>;
  if (config.version !== PROTOCOL_VERSION) {
    throw new ConfigError(`This runner speaks protocol version ${PROTOCOL_VERSION}, not ${String(config.version)}`);
  }
  demand(typeof config.trial?.uid === 'string', 'trial.uid');
  demand(typeof config.endpoint === 'string' && ENDPOINT.test(config.endpoint), 'endpoint');
  demand(typeof config.collector?.url === 'string' && URL.canParse(config.collector.url), 'collector.url');
  demand(typeof config.collector?.ca === 'string', 'collector.ca');
  demand(filled(config.token), 'token');
  demand(filled(config.controlKey), 'controlKey');
  demandDataNic(config.dataNic);
  return config as EndpointConfig;
}

/**
 * The EndpointConfigs in a NoCloud user-data file: a line `#cloud-config` and a JSON object with `write_files`.
 * (JSON is YAML; other YAML is not read.) A file at ENDPOINT_CONFIG_PATH stands for all.
 */
export function parseSeed(text: string): EndpointConfig[] {
  const body = text.startsWith(CLOUD_CONFIG) ? text.slice(CLOUD_CONFIG.length) : text;
  const { write_files: files } = parseObject(body, 'The seed') as { write_files?: unknown };
  if (!Array.isArray(files)) throw new ConfigError('The seed has no list write_files');
  const written = files.filter(isFile);
  const own = written.filter(({ path }) => path === ENDPOINT_CONFIG_PATH);
  const chosen = own.length > 0 ? own : written.filter(({ path }) => ENDPOINT_FILE.test(path));
  if (chosen.length === 0) throw new ConfigError(`The seed writes no file ${ENDPOINT_CONFIG_PATH}`);
  return chosen.map(({ content }) => parseConfig(content));
}

/** Which of several configurations is this machine's: the one with a MAC that it has. Null while none is there. */
export function ownConfig(configs: readonly EndpointConfig[], macs: ReadonlySet<string>): EndpointConfig | null {
  if (configs.length === 1) return configs[0] ?? null;
  const isOurs = (mac: string | undefined): boolean => mac !== undefined && macs.has(mac.toLowerCase());
  return configs.find(({ dataNic, managementMac }) => isOurs(dataNic.mac) || isOurs(managementMac)) ?? null;
}

function demandDataNic(nic: DataNic | undefined): void {
  demand(nic !== undefined && MODES.includes(nic.mode), 'dataNic.mode');
  demand(filled(nic?.mac) || filled(nic?.interface), 'dataNic.mac or dataNic.interface');
  demand(typeof nic?.address === 'string' && /^[0-9A-Fa-f.:]+\/[0-9]{1,3}$/.test(nic.address), 'dataNic.address');
  demand(typeof nic?.peer === 'string' && /^[0-9A-Fa-f.:]+$/.test(nic.peer), 'dataNic.peer');
  demand(Number.isInteger(nic?.mtu), 'dataNic.mtu');
  demand(typeof nic?.configure === 'boolean', 'dataNic.configure');
}

function demand(holds: boolean, field: string): void {
  if (!holds) throw new ConfigError(`The endpoint configuration lacks a usable ${field}`);
}

const filled = (value: unknown): boolean => typeof value === 'string' && value.length > 0;

function parseObject(text: string, what: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ConfigError(`${what} is not JSON`, { cause: error });
  }
  if (typeof value !== 'object' || value === null) throw new ConfigError(`${what} is not a JSON object`);
  return value;
}

function isFile(value: unknown): value is { path: string; content: string } {
  if (typeof value !== 'object' || value === null) return false;
  return 'path' in value && typeof value.path === 'string' && 'content' in value && typeof value.content === 'string';
}
