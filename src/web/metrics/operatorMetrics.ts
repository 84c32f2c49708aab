/** All metrics of an operator as one text, made when somebody scrapes. */
import { BenchMetrics, type BenchSource } from './bench.ts';
import { ControllerMetrics } from './controllers.ts';
import { Counter, Gauge } from './family.ts';
import { ProcessMetrics } from './process.ts';
import { metricsText } from './text.ts';

export interface OperatorMetricsOptions {
  /** Name of the Lease that is led by. */
  lease: string;
  /** URL of the API server. */
  server: () => string;
  source: BenchSource;
  now?: () => number;
}

export class OperatorMetrics {
  readonly controllers: ControllerMetrics;
  readonly bench: BenchMetrics;
  readonly process: ProcessMetrics;
  readonly #pageRequests = new Counter({
    name: 'vfbench_page_requests_total',
    help: 'Requests to the live page that were answered, by route and status',
    labels: ['route', 'code'],
  });
  readonly #pageStreams = new Gauge({ name: 'vfbench_page_streams', help: 'Live pages that are open' });
  /** Open pages; null where there is no page. */
  #streams: (() => number) | null = null;

  constructor({ lease, server, source, now }: OperatorMetricsOptions) {
    this.controllers = new ControllerMetrics(server);
    this.bench = new BenchMetrics(source, now);
    this.process = new ProcessMetrics(lease);
  }

  /** What controllers are to call. */
  get instruments() {
    const { controllers, bench } = this;
    return {
      controller: controllers.controller.bind(controllers),
      trialEnded: bench.trialEnded.bind(bench),
      experimentEnded: bench.experimentEnded.bind(bench),
    };
  }

  pageAnswered(route: string, status: number): void {
    this.#pageRequests.inc([route, `${status}`]);
  }

  pageServed(streams: () => number): void {
    this.#streams = streams;
  }

  text(): string {
    if (this.#streams !== null) this.#pageStreams.set(this.#streams());
    return metricsText([
      ...this.controllers.families(),
      ...this.bench.families(),
      this.#pageRequests,
      this.#pageStreams,
      ...this.process.families(),
    ]);
  }
}
