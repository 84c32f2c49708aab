/** What controllers, queues and API requests count, under the names that controller-runtime and client-go gave them. */
import { Counter, Gauge, Histogram } from './family.ts';

/** Seconds; controller-runtime's buckets. */
const RECONCILE = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2,
  2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];
/** Seconds; client-go's buckets, from 10 ns by tens. */
const QUEUE = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100, 1000];
const REQUEST = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];

/** How a reconcile ended, in our words and in controller-runtime's. */
const RESULTS = { done: 'success', requeued: 'requeue_after', conflict: 'requeue', terminal: 'error', failed: 'error' };
export type Outcome = keyof typeof RESULTS;

/** What a queue knows of itself at the moment. */
export interface QueueState {
  depth: number;
  running: number;
  adds: number;
  retries: number;
  longestRunningSeconds: number;
  unfinishedSeconds: number;
}

export interface Request {
  verb: string;
  status: number;
  tries: number;
  seconds: number;
}

export class ControllerMetrics {
  readonly #time = new Histogram(
    {
      name: 'controller_runtime_reconcile_time_seconds',
      help: 'Length of time per reconciliation per controller',
      labels: ['controller'],
    },
    RECONCILE,
  );
  readonly #total = new Counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Total number of reconciliations per controller',
    labels: ['controller', 'result'],
  });
  readonly #errors = new Counter({
    name: 'controller_runtime_reconcile_errors_total',
    help: 'Total number of reconciliation errors per controller',
    labels: ['controller'],
  });
  readonly #terminal = new Counter({
    name: 'controller_runtime_terminal_reconcile_errors_total',
    help: 'Total number of terminal reconciliation errors per controller',
    labels: ['controller'],
  });
  readonly #workers = new Gauge({
    name: 'controller_runtime_max_concurrent_reconciles',
    help: 'Maximum number of concurrent reconciles per controller',
    labels: ['controller'],
  });
  readonly #active = new Gauge({
    name: 'controller_runtime_active_workers',
    help: 'Number of currently used workers per controller',
    labels: ['controller'],
  });
  readonly #queued = new Histogram(
    {
      name: 'workqueue_queue_duration_seconds',
      help: 'How long in seconds an item stays in workqueue before being requested',
      labels: ['controller', 'name'],
    },
    QUEUE,
  );
  readonly #worked = new Histogram(
    {
      name: 'workqueue_work_duration_seconds',
      help: 'How long in seconds processing an item from workqueue takes.',
      labels: ['controller', 'name'],
    },
    QUEUE,
  );
  readonly #depth = queueGauge('workqueue_depth', 'Current depth of workqueue');
  readonly #adds = new Counter({
    name: 'workqueue_adds_total',
    help: 'Total number of adds handled by workqueue',
    labels: ['controller', 'name'],
  });
  readonly #retries = new Counter({
    name: 'workqueue_retries_total',
    help: 'Total number of retries handled by workqueue',
    labels: ['controller', 'name'],
  });
  readonly #longest = queueGauge(
    'workqueue_longest_running_processor_seconds',
    'How many seconds has the longest running processor for workqueue been running.',
  );
  readonly #unfinished = queueGauge(
    'workqueue_unfinished_work_seconds',
    'How many seconds of work has been done that is in progress and has not been observed by work_duration.',
  );
  readonly #requests = new Counter({
    name: 'rest_client_requests_total',
    help: 'Number of HTTP requests, partitioned by status code, method, and host.',
    labels: ['code', 'host', 'method'],
  });
  readonly #requestTime = new Histogram(
    {
      name: 'rest_client_request_duration_seconds',
      help: 'Request latency in seconds. Broken down by verb, and host.',
      labels: ['host', 'verb'],
    },
    REQUEST,
  );
  readonly #requestRetries = new Counter({
    name: 'rest_client_request_retries_total',
    help: 'Number of request retries, partitioned by verb, and host.',
    labels: ['host', 'verb'],
  });
  readonly #queues = new Map<string, () => QueueState>();
  readonly #told = new Map<string, { adds: number; retries: number }>();
  readonly #server: () => string;

  /** @param server URL of the API server. */
  constructor(server: () => string) {
    this.#server = server;
  }

  /** What one controller is to call. Its queue is asked when somebody scrapes. */
  controller(name: string, workers: number, queue: () => QueueState) {
    this.#workers.set(workers, [name]);
    this.#errors.inc([name], 0);
    this.#terminal.inc([name], 0);
    for (const result of new Set(Object.values(RESULTS))) this.#total.inc([name, result], 0);
    this.#queues.set(name, queue);
    return {
      reconciled: (outcome: Outcome, seconds: number): void => {
        this.#total.inc([name, RESULTS[outcome]]);
        this.#time.observe(seconds, [name]);
        if (RESULTS[outcome] === 'error') this.#errors.inc([name]);
        if (outcome === 'terminal') this.#terminal.inc([name]);
      },
      queued: (seconds: number): void => this.#queued.observe(seconds, [name, name]),
      worked: (seconds: number): void => this.#worked.observe(seconds, [name, name]),
    };
  }

  requested({ verb, status, tries, seconds }: Request): void {
    const { host } = new URL(this.#server());
    this.#requests.inc([status === 0 ? '<error>' : `${status}`, host, verb]);
    this.#requestTime.observe(seconds, [host, verb]);
    if (tries > 1) this.#requestRetries.inc([host, verb], tries - 1);
  }

  families(): (Counter | Gauge | Histogram)[] {
    for (const [name, queue] of this.#queues) this.#look(name, queue());
    return [
      [this.#total, this.#errors, this.#terminal, this.#time, this.#workers, this.#active],
      [this.#depth, this.#adds, this.#queued, this.#worked, this.#retries, this.#longest, this.#unfinished],
      [this.#requests, this.#requestTime, this.#requestRetries],
    ].flat();
  }

  #look(name: string, now: QueueState): void {
    const at = [name, name];
    const { adds, retries } = this.#told.get(name) ?? { adds: 0, retries: 0 };
    this.#told.set(name, { adds: now.adds, retries: now.retries });
    this.#adds.inc(at, now.adds - adds);
    this.#retries.inc(at, now.retries - retries);
    this.#active.set(now.running, [name]);
    this.#depth.set(now.depth, at);
    this.#longest.set(now.longestRunningSeconds, at);
    this.#unfinished.set(now.unfinishedSeconds, at);
  }
}

function queueGauge(name: string, help: string): Gauge {
  return new Gauge({ name, help, labels: ['controller', 'name'] });
}
