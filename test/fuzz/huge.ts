/** Shapes of text that make careless parsers slow; each makes about so many characters. */
import { sample } from '../support/results/samples.ts';

type Make = (size: number) => string;

const repeat =
  (unit: string): Make =>
  (size) =>
    unit.repeat(Math.ceil(size / unit.length));

export const HUGE: readonly (readonly [string, Make])[] = [
  ['noise', repeat('a1 \n')],
  ['one line', repeat('x')],
  ['open brackets', repeat('[')],
  ['open objects', repeat('{"a":')],
  ['objects', (size) => `{"a":[${repeat('{"b":1},')(size)}0]}`],
  ['spaces after a percentile', (size) => `---> percentile ${' '.repeat(size)}`],
  ['percentiles', repeat('---> percentile 50.000 = 1.000\n')],
  ['colour codes', repeat('\u001b[')],
  ['colour digits', (size) => `\u001b[${'1;'.repeat(size / 2)}`],
  ['errors', repeat('sockperf: ')],
  ['newlines', repeat('\n')],
  ['keys', repeat('A=1\n')],
  ['fields', repeat(' a = 1 ')],
  ['quotes', repeat('"a",')],
  ['an iperf3 report over and over', repeat(sample('iperf3/tcp.json'))],
  ['sockperf reports', repeat(sample('sockperf/pp-udp.txt'))],
  ['netperf reports', repeat(sample('netperf/own-rr-tcp.txt'))],
  ['qperf reports', repeat(sample('qperf/vv.txt'))],
];
