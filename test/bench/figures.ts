/** The figures themselves: each takes a Lab and says what it measured. */
import { setTimeout as delay } from 'node:timers/promises';
import { EXPERIMENTS, TRIALS } from '../../src/api/kinds.ts';
import type { KubeObject } from '../../src/kube/index.ts';
import type { AuditEntry } from '../support/audit.ts';
import { experimentManifest, labManifests } from '../support/fleet.ts';
import { ceiling } from './ceiling.ts';
import { type Lab, median, residentMiB } from './lab.ts';

export interface Figure {
  what: string;
  value: string;
  goal: string;
  met: boolean;
}

/** A Trial and what is made for it; an Experiment's own requests are for all of its Trials. */
const OF_A_TRIAL = new Set(['trials', 'pods', 'virtualmachineinstances', 'secrets']);

const isLease = (entry: AuditEntry): boolean => entry.resource === 'leases';
const isWrite = (entry: AuditEntry): boolean =>
  ['create', 'update', 'patch', 'delete', 'deletecollection'].includes(entry.verb);

/** Requests of the operator between two moments, about trials and their children; the Experiment's own apart. */
export async function requestsPerTrial(lab: Lab): Promise<Figure[]> {
  const blocks = 10;
  const namespace = await lab.cluster.namespace('requests');
  await lab.cluster.apply(...labManifests(namespace));
  await delay(1000);
  const from = Date.now();
  await lab.cluster.apply(experimentManifest(namespace, 'exp', { blocks: { min: blocks, max: blocks } }));
  await lab.finished(namespace, 'exp');
  await delay(500);
  const during = (await lab.requests()).filter((entry) => entry.at >= from && !isLease(entry));
  const trials = blocks * 3;
  const own = during.filter((entry) => entry.verb !== 'watch' && OF_A_TRIAL.has(entry.resource));
  const reads = own.filter((entry) => entry.verb === 'get' || entry.verb === 'list');
  return [
    {
      what: `API requests per two-endpoint trial, create to cleaned up (${trials} trials, audit log)`,
      value: (own.length / trials).toFixed(2),
      goal: '<= 10',
      met: own.length / trials <= 10,
    },
    { what: 'GET and LIST requests among them', value: String(reads.length), goal: '0', met: reads.length === 0 },
    {
      what: 'writes to the Experiment per trial, besides',
      value: (during.filter((e) => e.resource === 'experiments').length / trials).toFixed(2),
      goal: '',
      met: true,
    },
  ];
}

export async function atRest(lab: Lab, seconds: number): Promise<Figure[]> {
  await delay(2000);
  const from = Date.now();
  await delay(seconds * 1000);
  const during = (await lab.requests()).filter((entry) => entry.at >= from);
  const writes = during.filter((entry) => isWrite(entry) && !isLease(entry));
  const lists = during.filter((entry) => entry.verb === 'list');
  return [
    {
      what: `writes and lists at rest over ${seconds} s, renewals of the leader's Lease aside`,
      value: String(writes.length + lists.length),
      goal: '0',
      met: writes.length + lists.length === 0,
    },
    {
      what: "renewals of the leader's Lease in that time",
      value: String(during.filter(isLease).length),
      goal: '',
      met: true,
    },
  ];
}

/** One Experiment of one trial, from the moment before apply to Finished seen by a watch; the stand-in takes no time. */
export async function applyToFinished(lab: Lab, count: number): Promise<Figure[]> {
  const namespace = await lab.cluster.namespace('latency');
  await lab.cluster.apply(...labManifests(namespace));
  await delay(1000);
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const manifest = experimentManifest(namespace, `exp-${i}`, {
      modes: [{ name: 'native', type: 'Native' }],
      blocks: { min: 1, max: 1 },
      tests: [{ name: 'bandwidth', type: 'Stream', protocol: 'TCP' }],
    });
    const from = Date.now();
    await lab.fleet.client.create(EXPERIMENTS, manifest as KubeObject);
    times.push(((await lab.finished(namespace, `exp-${i}`)) - from) / 1000);
  }
  const p50 = median(times);
  return [
    {
      what: `apply to finished beyond the work itself, p50 of ${count} (s)`,
      value: p50.toFixed(3),
      goal: '<= 0.4',
      met: p50 <= 0.4,
    },
  ];
}

/** Many trials at once on one Testbed whose concurrency allows it. */
export async function throughput(lab: Lab, experiments: number, modes: number): Promise<Figure[]> {
  const namespace = await lab.cluster.namespace('many');
  await lab.cluster.apply(...labManifests(namespace, { concurrency: 1000 }));
  await delay(1000);
  const from = Date.now();
  const type = EXPERIMENTS;
  const names = Array.from({ length: experiments }, (_, i) => `exp-${i}`);
  await Promise.all(
    names.map((name) =>
      lab.fleet.client.create(
        type,
        experimentManifest(namespace, name, {
          modes: Array.from({ length: modes }, (_, m) => ({ name: `native-${m}`, type: 'Native', network: 'native' })),
          baseline: 'native-0',
          blocks: { min: 1, max: 1 },
          tests: [{ name: 'bandwidth', type: 'Stream', protocol: 'TCP' }],
        }) as KubeObject,
      ),
    ),
  );
  const ends = await Promise.all(names.map((name) => lab.finished(namespace, name)));
  const total = experiments * modes;
  const rate = total / ((Math.max(...ends) - from) / 1000);
  await lab.fleet.killOperators();
  const most = await ceiling(lab, total);
  return [
    {
      what: `trials per second with ${total} at once and stand-in endpoints`,
      value: rate.toFixed(1),
      goal: '>= 40',
      met: rate >= 40,
    },
    {
      what: "the same trials' writes by a bare client, without watches and endpoints: what the API server can do here",
      value: most.toFixed(1),
      goal: '',
      met: true,
    },
  ];
}

async function seedTrials(lab: Lab, namespace: string, count: number): Promise<void> {
  const { client } = lab.fleet;
  const condition = (type: string): object => ({
    type,
    status: 'True',
    reason: 'Completed',
    message: 'Results are stored and every endpoint is gone',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  });
  const measurement = (metric: string, test: string): object => ({
    test,
    point: { messageBytes: 64 },
    pair: 0,
    metric,
    unit: 's',
    value: 0.0000312,
  });
  const endpoint = (name: string): object => ({
    name,
    interface: 'data0',
    mac: '02:00:00:00:00:01',
    driver: 'veth',
    bus: 'virtual',
    mtu: 1500,
    kernel: '6.12.0',
    tools: [{ name: 'iperf3', version: '3.18' }],
  });
  const status = {
    conditions: ['Granted', 'EndpointsReady', 'Measured', 'CleanedUp', 'Finished', 'Succeeded'].map(condition),
    endpoints: ['server-0', 'client-0'].map(endpoint),
    measurements: ['rttP50', 'rttP90', 'rttP99', 'rttP999', 'rttMean', 'transactionRate']
      .map((m) => measurement(m, 'latency'))
      .concat([measurement('throughput', 'bandwidth')]),
    raw: ['server-0', 'client-0'].map((name) => ({
      endpoint: name,
      digest: `sha256:${'0'.repeat(64)}`,
      data: Buffer.alloc(1500, name).toString('base64'),
    })),
    completionTime: '2026-01-01T00:00:00Z',
  };
  // An owner that exists: the garbage collector removes what has none. Suspended: it makes no Trials of its own.
  const old = experimentManifest(namespace, 'old', { suspend: true }) as KubeObject;
  const { metadata: made } = await client.create<KubeObject>(EXPERIMENTS, old);
  const owner = { apiVersion: old.apiVersion, kind: old.kind, name: made.name, uid: made.uid ?? '', controller: true };
  const one = async (i: number): Promise<void> => {
    const name = `old-b${Math.floor(i / 3)}-native-${i}`;
    const metadata = {
      name,
      namespace,
      labels: { 'vfbench.io/experiment': 'old' },
      ownerReferences: [owner],
    };
    const spec = {
      experiment: 'old',
      testbed: 'lab',
      mode: 'native',
      placement: 'CrossNode',
      pairs: 1,
      block: i % 1000,
      attempt: 0,
    };
    await client.create(TRIALS, { apiVersion: 'vfbench.io/v1alpha1', kind: 'Trial', metadata, spec } as KubeObject);
    await client.patchStatus(TRIALS, { namespace, name }, status);
  };
  for (let i = 0; i < count; i += 64)
    await Promise.all(Array.from({ length: Math.min(64, count - i) }, (_, j) => one(i + j)));
}

/** Resident memory: a fresh operator at rest, and a fresh one that found `count` finished Trials, each after 20 s. */
export async function memory(lab: Lab, count: number): Promise<Figure[]> {
  const settle = async (name: string): Promise<number> => {
    const operator = await lab.fleet.operator(name, { leaderElection: false });
    await delay(20_000);
    const rss = await residentMiB(operator.pid);
    await operator.stop();
    return rss;
  };
  const idle = await settle('memory-idle');
  const namespace = await lab.cluster.namespace('memory');
  await seedTrials(lab, namespace, count);
  const full = await settle('memory-full');
  return [
    { what: 'RSS of the operator, idle (MiB)', value: idle.toFixed(0), goal: '<= 160', met: idle <= 160 },
    { what: `RSS with ${count} finished Trials (MiB)`, value: full.toFixed(0), goal: '<= 220', met: full <= 220 },
  ];
}
