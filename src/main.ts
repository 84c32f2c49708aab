/** Composition root of the operator: wiring and signals, nothing else. */
import { randomBytes } from 'node:crypto';
import { OPERATOR_LEASE } from './api/labels.ts';
import type { EndpointName } from './api/protocol.ts';
import { createCertificates, createServerCertificate, needsRenewal } from './collector/certificates.ts';
import { Rendezvous } from './collector/rendezvous.ts';
import { startCollector } from './collector/server.ts';
import { issue } from './collector/tokens.ts';
import { type Config, readConfig } from './config.ts';
import { announceCollector, collectorReach } from './control/collectorAddress.ts';
import { createCredentials } from './control/credentials.ts';
import { runControllers } from './control/operator.ts';
import { loadOperatorSecret } from './control/operatorSecret.ts';
import { pageSource } from './control/pageSource.ts';
import { isLive } from './control/trialController.ts';
import { userReviews } from './control/userReviews.ts';
import { vfStock } from './control/vfStock.ts';
import { World } from './control/world.ts';
import { KubeClient, LeaderElector } from './kube/index.ts';
import { createLogger, type Logger } from './log.ts';
import { startHealth } from './web/health.ts';
import type { BenchSource } from './web/metrics/bench.ts';
import { OperatorMetrics } from './web/metrics/operatorMetrics.ts';
import { type PageServer, startPage } from './web/page/server.ts';

async function firstSecret(): Promise<Record<string, string>> {
  const { ca, server } = await createCertificates(new Date());
  return {
    key: randomBytes(32).toString('base64'),
    'ca.crt': ca.cert,
    'ca.key': ca.key,
    'tls.crt': server.cert,
    'tls.key': server.key,
  };
}

async function renewedSecret(data: Record<string, string>): Promise<Record<string, string> | null> {
  const { 'ca.crt': cert = '', 'ca.key': key = '', 'tls.crt': current = '' } = data;
  if (!needsRenewal(current, new Date())) return null;
  const server = await createServerCertificate({ cert, key }, new Date());
  return { 'tls.crt': server.cert, 'tls.key': server.key };
}

interface Parts {
  config: Config;
  client: KubeClient;
  world: World;
  metrics: OperatorMetrics;
  log: Logger;
}

/** Sees all that was there when the lead began: nothing is to be granted again, or taken for lost. False where the signal came first. */
async function caughtUp({ config, world }: Pick<Parts, 'config' | 'world'>, signal: AbortSignal): Promise<boolean> {
  try {
    if (config.leaderElection) await world.catchUp();
    await world.watchGrantedNodes();
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return !signal.aborted;
}

/** What the leader does: answers endpoints and runs the controllers. */
async function lead({ config, client, world, metrics, log }: Parts, signal: AbortSignal): Promise<void> {
  if (!(await caughtUp({ config, world }, signal))) return;
  const secret = await loadOperatorSecret(client, config.namespace, { make: firstSecret, renew: renewedSecret });
  const key = Buffer.from(secret['key'] ?? '', 'base64');
  const rendezvous = new Rendezvous();
  const collector = await startCollector({
    listen: config.collector,
    tls: { cert: secret['tls.crt'] ?? '', key: secret['tls.key'] ?? '' },
    key,
    rendezvous,
    isLive: (trialUid) => isLive(world, trialUid),
    log: log.child({ part: 'collector' }),
  });
  log.info({ port: collector.port, identity: config.identity }, 'Leading');
  try {
    const { namespace, identity } = config;
    const announced = config.announce === null ? null : { namespace, ...config.announce };
    if (announced !== null) await announceCollector(client, { ...announced, port: collector.port });
    const credentials = createCredentials({
      collectorUrl: config.collector.url,
      ca: secret['ca.crt'] ?? '',
      key,
      issue: (trialUid, endpoint) => issue(key, trialUid, endpoint as EndpointName),
    });
    metrics.process.leads(true);
    await runControllers({
      client,
      world,
      meeting: rendezvous,
      credentials,
      collector: collectorReach(config.collector.url, announced),
      identity,
      instruments: metrics.instruments,
      log,
      signal,
    });
  } finally {
    metrics.process.leads(false);
    await collector.close();
  }
}

const benchSource = (world: World): BenchSource => ({
  trials: () => world.trials.size,
  active: () => world.trials.byIndex('active', ''),
  experiments: () => world.experiments.list(),
  testbeds: () => world.testbeds.list(),
  vfs: () => (world.nodePods.isWatching && world.nodePods.refusal === null ? vfStock(world) : null),
});

/** @param client of its own: no call of the operator waits behind its readers'. */
async function servePage(
  config: NonNullable<Config['page']>,
  { client, world, metrics, log }: Omit<Parts, 'config'>,
): Promise<PageServer> {
  const { access, ...listen } = config;
  const source = pageSource(world, client);
  const reviewer = userReviews(client);
  const onAnswer = (route: string, status: number): void => metrics.pageAnswered(route, status);
  const page = await startPage({ listen, access, source, reviewer, onAnswer, log: log.child({ part: 'page' }) });
  metrics.pageServed(() => page.streams());
  log.info({ port: page.port, access }, 'Serving the page');
  return page;
}

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = createLogger('vfbench', config.logLevel);
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
  const clients: KubeClient[] = [];
  const connect = (mayWrite?: () => boolean): KubeClient => {
    const made = KubeClient.fromKubeConfig({
      log,
      onRequest: (request) => metrics.controllers.requested(request),
      ...(config.kubeconfig ? { kubeconfig: config.kubeconfig } : {}),
      ...(mayWrite === undefined ? {} : { mayWrite }),
    });
    clients.push(made);
    return made;
  };
  const client = connect();
  const elector = new LeaderElector({
    client,
    namespace: config.namespace,
    name: OPERATOR_LEASE,
    identity: config.identity,
    log,
  });
  // Apart from the elector's: renewals never wait behind its calls, and it is barred when the Lease is lost.
  const writer = connect(config.leaderElection ? () => elector.isLeading : undefined);
  const world = new World({ client, log, ...(config.watchNamespace ? { namespace: config.watchNamespace } : {}) });
  const metrics = new OperatorMetrics({
    lease: OPERATOR_LEASE,
    server: () => client.server,
    source: benchSource(world),
  });
  let isReady = false;
  const waitsFor = (): string | null => (isReady ? null : world.waitsFor());
  const health = await startHealth({ listen: config.health, waitsFor, metrics: () => metrics.text() });
  let page: PageServer | null = null;
  try {
    await world.start(stop.signal);
    isReady = true;
    const parts = { config, world, metrics, log };
    if (config.page !== null) page = await servePage(config.page, { ...parts, client: connect() });
    const run = (signal: AbortSignal): Promise<void> => lead({ ...parts, client: writer }, signal);
    if (!config.leaderElection) return await run(stop.signal);
    await elector.run(stop.signal, run);
  } finally {
    stop.abort();
    await page?.close();
    await health.close();
    await Promise.all(clients.map((one) => one.close()));
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`vfbench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
