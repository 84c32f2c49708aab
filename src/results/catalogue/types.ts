/** The words in which the catalogue speaks of a kind of test. */
import type { Protocol, Tool } from '../../api/v1alpha1.ts';

export type Unit = 's' | 'bit/s' | '1/s' | '1' | 'B' | 's/B';
export type Better = 'Lower' | 'Higher';

export interface MetricInfo {
  metric: string;
  unit: Unit;
  better: Better;
  /** Has a row in the results, and takes part in convergence. */
  primary: boolean;
  /** Over the pairs of one Trial: throughput adds up, of latency and loss the worst pair counts. Nothing is averaged. */
  combine: 'Sum' | 'Slowest';
  /** Where the metric exists for one protocol only. */
  protocol?: Protocol;
  /** Where only some of the test's tools tell it. */
  tools?: readonly Tool[];
  /** Made by the operator from the counters of both ends; what an endpoint sends under this name is not looked at. */
  derived?: true;
}

export interface TestEntry {
  /** One sentence: what is done. */
  measures: string;
  /** Tools that can do it, the default first; none where nothing is sent. */
  tools: readonly Tool[];
  /** Runs beside the tool, at both ends, in the same time. */
  bulk?: Tool;
  /** A test that names no protocol has the first. */
  protocols: readonly Protocol[];
  /** What may be swept, and the value where the test lists none; 0 leaves the size to the tool. */
  sweeps: {
    messageBytes?: number;
    streams?: number;
    rates?: { unit: 'bit/s' | '1/s'; required: boolean };
  };
  metrics: MetricInfo[];
  /** What the numbers do not say; the documentation repeats each. */
  limits: readonly string[];
}
