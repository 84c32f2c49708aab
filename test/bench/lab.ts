/** What the figures are taken on: a real API server with its audit log, a fleet of stand-in endpoints, one operator. */
import { readFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import type { Experiment } from '../../src/api/v1alpha1.ts';
import { isTrue } from '../../src/api/conditions.ts';
import { EXPERIMENTS } from '../../src/api/kinds.ts';
import { Store, Reflector, type KubeObject } from '../../src/kube/index.ts';
import { createLogger } from '../../src/log.ts';
import { type AuditEntry, operatorRequests } from '../support/audit.ts';
import { type Fleet, FLEET_CLUSTER, startFleet } from '../support/fleet.ts';
import { startCluster, type TestCluster } from '../support/start-cluster.ts';

const path = (relative: string): string => new URL(relative, import.meta.url).pathname;

export interface Lab {
  cluster: TestCluster;
  fleet: Fleet;
  /** Resolves with the time (ms) at which the Experiment was seen Finished. */
  finished(namespace: string, name: string): Promise<number>;
  /** Requests of the operator so far. */
  requests(): Promise<AuditEntry[]>;
  stop(): Promise<void>;
}

export function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} x ${cpu?.model ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
}

export async function startLab(): Promise<Lab> {
  const cluster = await startCluster({
    // Pods need a service account, which the controller manager makes.
    ...FLEET_CLUSTER,
    audit: true,
    ampleMemory: true,
    crds: [path('../../crds'), path('../../src/sandbox/agents/crds')],
  });
  const fleet = await startFleet(cluster);
  const stop = new AbortController();
  const store = new Store<Experiment & KubeObject>();
  const log = createLogger('bench', 'silent');
  const reflector = new Reflector<Experiment & KubeObject>({ client: fleet.client, type: EXPERIMENTS, store, log });
  void reflector.run(stop.signal);
  await reflector.synced();
  return {
    cluster,
    fleet,
    finished: (namespace, name) =>
      new Promise((resolve) => {
        const look = (): boolean => {
          const done = isTrue(store.get(`${namespace}/${name}`)?.status?.conditions, 'Finished');
          if (done) resolve(Date.now());
          return done;
        };
        if (look()) return;
        const off = store.subscribe(() => {
          if (look()) off();
        });
      }),
    requests: () => operatorRequests(cluster.controlPlane),
    stop: async () => {
      stop.abort();
      await fleet.stop();
      await cluster.stop();
    },
  };
}

/** Resident memory of a process in MiB, from /proc. */
export async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? NaN) / 1024;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1
    ? (sorted[Math.floor(middle)] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}
