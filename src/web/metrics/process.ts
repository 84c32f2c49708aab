/** The process itself, under the names that other programs on Node give these. */
import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge } from './family.ts';

const gauge = (name: string, help: string): Gauge => new Gauge({ name, help });

export class ProcessMetrics {
  readonly #cpu = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Total user and system CPU time spent in seconds.',
  });
  readonly #start = gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.');
  readonly #memory = gauge('process_resident_memory_bytes', 'Resident memory size in bytes.');
  readonly #files = gauge('process_open_fds', 'Number of open file descriptors.');
  readonly #heap = gauge('nodejs_heap_size_used_bytes', 'Process heap size used from Node.js in bytes.');
  readonly #lag = gauge(
    'nodejs_eventloop_lag_p99_seconds',
    'The 99th percentile of the event loop delays since the last scrape.',
  );
  readonly #master = new Gauge({
    name: 'leader_election_master_status',
    help: 'Gauge of if the reporting system is master of the relevant lease, 0 indicates backup, 1 indicates master.',
    labels: ['name'],
  });
  readonly #delay = monitorEventLoopDelay({ resolution: 20 });
  readonly #lease: string;
  #seconds = 0;

  constructor(lease: string) {
    this.#lease = lease;
    this.#delay.enable();
    this.#start.set(Math.round((Date.now() - performance.now()) / 1000));
    this.leads(false);
  }

  /** Whether this process leads. */
  leads(is: boolean): void {
    this.#master.set(is ? 1 : 0, [this.#lease]);
  }

  families(): (Counter | Gauge)[] {
    const { user, system } = process.cpuUsage();
    const seconds = (user + system) / 1e6;
    this.#cpu.inc([], seconds - this.#seconds);
    this.#seconds = seconds;
    this.#memory.set(process.memoryUsage.rss());
    this.#heap.set(process.memoryUsage().heapUsed);
    const lag = this.#delay.percentile(99) / 1e9;
    this.#lag.set(Number.isFinite(lag) ? lag : 0);
    this.#delay.reset();
    const files = openFiles();
    if (files !== null) this.#files.set(files);
    return [this.#master, this.#cpu, this.#start, this.#memory, this.#files, this.#heap, this.#lag];
  }
}

function openFiles(): number | null {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return null;
  }
}
