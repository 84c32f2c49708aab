/** One endpoint's whole life: data NIC, registration, its role, results handed in. */
import { readFile } from 'node:fs/promises';
import { release } from 'node:os';
import {
  CONTROL_PORT,
  PROTOCOL_VERSION,
  type EndpointConfig,
  type Registration,
  type ResultDocument,
  type TrialPlan,
} from '../api/protocol.ts';
import { measureAll } from './client.ts';
import { CollectorClient } from './collector.ts';
import { ConfigError, ownConfig, parseConfig, parseSeed, type Source } from './config.ts';
import { NIC_MS, POD_NIC_MS } from './deadlines.ts';
import { answerProbes } from './echo.ts';
import { EndpointError } from './failure.ts';
import { fingerprint } from './fingerprint.ts';
import { configureNic, findNic, interfacesByMac, nicFacts } from './nic.ts';
import { listenForOrders } from './order-server.ts';
import { bounded } from './record.ts';
import { ServerRole, type ServerRecord } from './server.ts';
import { toolVersions } from './tools.ts';
import { RUNNER_VERSION } from './version.ts';
import { pause } from './wait.ts';

export type Progress = (event: string, details?: object) => void;

const SEED_POLL_MS = 200;
/** The word why an endpoint cannot register is not worth minutes. */
const PROBLEM_PATIENCE_MS = 30_000;

/** The configuration of this machine; a seed for several guests is told apart by their MACs. */
export async function loadConfig(source: Source, signal: AbortSignal): Promise<EndpointConfig> {
  const text = await readFile(source.file, 'utf8').catch((error: unknown) => {
    throw new ConfigError(`Cannot read ${source.file}`, { cause: error });
  });
  if (source.kind === 'config') return parseConfig(text);
  const configs = parseSeed(text);
  const deadline = Date.now() + NIC_MS;
  for (;;) {
    const macs = await interfacesByMac();
    const own = ownConfig(configs, new Set(macs.keys()));
    if (own !== null) return own;
    if (Date.now() > deadline)
      throw new ConfigError(`No NIC of this machine is in the seed: ${[...macs.keys()].join(', ')}`);
    await pause(SEED_POLL_MS, signal);
  }
}

/** Runs one endpoint to the end; resolves once its results are acknowledged. */
export async function runEndpoint(config: EndpointConfig, signal: AbortSignal, progress: Progress): Promise<void> {
  const collector = new CollectorClient(config, signal);
  const { nic, registration } = await describe(config, signal).catch(async (error: unknown) => {
    if (!(error instanceof EndpointError)) throw error;
    await collector.problem(bounded(error.problem), PROBLEM_PATIENCE_MS);
    throw error;
  });
  progress('registering', { ...registration.nic, tools: registration.tools });
  const play = config.endpoint.startsWith('server-') ? playServer : playClient;
  const record = await play({ config, nic, registration, collector, signal, progress });
  const document: ResultDocument = { version: PROTOCOL_VERSION, registration, ...record };
  progress('posting', { points: record.points.length, error: record.error });
  await collector.result(document);
  progress('acknowledged');
}

interface Stage {
  config: EndpointConfig;
  /** Interface of the data NIC. */
  nic: string;
  registration: Registration;
  collector: CollectorClient;
  signal: AbortSignal;
  progress: Progress;
}

async function describe(
  config: EndpointConfig,
  signal: AbortSignal,
): Promise<{ nic: string; registration: Registration }> {
  const { dataNic } = config;
  const tools = toolVersions(signal);
  const nic = await findNic(dataNic, dataNic.configure ? NIC_MS : POD_NIC_MS, signal);
  if (dataNic.configure) await configureNic(dataNic, nic, NIC_MS, signal);
  const registration: Registration = {
    version: PROTOCOL_VERSION,
    nic: await nicFacts(nic, dataNic.address, signal),
    kernel: release(),
    tools: await tools,
    runner: RUNNER_VERSION,
    fingerprint: await fingerprint(nic, signal),
  };
  return { nic, registration };
}

async function playServer(stage: Stage): Promise<ServerRecord> {
  const { config, nic, registration, signal, progress } = stage;
  const { address } = own(config);
  const at = { address, port: CONTROL_PORT, key: config.controlKey };
  const role = new ServerRole({ endpoint: config.endpoint, nic, address, tools: registration.tools, signal, progress });
  const probes = await answerProbes(at);
  const orders = await listenForOrders({
    ...at,
    obey: async (order) => ({ ...(await role.obey(order)), mac: registration.nic.mac }),
  });
  try {
    const plan = await registered(stage);
    role.begin(plan);
    return await role.finished(plan);
  } finally {
    await orders.close();
    probes.close();
  }
}

async function playClient(stage: Stage): Promise<ServerRecord> {
  const { config, nic, registration, collector, signal, progress } = stage;
  const plan = await registered(stage);
  const { address, peer } = own(config);
  return measureAll(plan, {
    peer: { address: peer, own: address, port: CONTROL_PORT, key: config.controlKey },
    nic,
    mtu: config.dataNic.mtu,
    tools: registration.tools,
    collector,
    signal,
    progress,
  });
}

async function registered({ collector, registration, progress }: Stage): Promise<TrialPlan> {
  const plan = await collector.register(registration);
  progress('registered', { points: plan.points.length, pairs: plan.pairs });
  return plan;
}

const own = ({ dataNic }: EndpointConfig): { address: string; peer: string } => ({
  address: dataNic.address.split('/')[0] ?? '',
  peer: dataNic.peer,
});
