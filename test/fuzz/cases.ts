/** What is mutated: recorded output, each with the parser and the point that it was made for. */
import { readdirSync } from 'node:fs';
import type { TestPoint } from '../../src/api/protocol.ts';
import type { Tool } from '../../src/api/v1alpha1.ts';
import { parseIperf3 } from '../../src/results/parse/iperf3.ts';
import { parseNetperf } from '../../src/results/parse/netperf.ts';
import type { ParseOutcome } from '../../src/results/parse/outcome.ts';
import type { Parser } from '../../src/results/parse/parserOf.ts';
import { parseQperf } from '../../src/results/parse/qperf.ts';
import { parseSockperf } from '../../src/results/parse/sockperf.ts';
import { parseSockperfThroughput } from '../../src/results/parse/sockperfThroughput.ts';
import { parseSockperfUnderLoad } from '../../src/results/parse/sockperfUnderLoad.ts';
import { latencyPoint, output, sample, streamPoint } from '../support/results/samples.ts';

export interface Case {
  name: string;
  text: string;
  parse: Parser;
  point: TestPoint;
  /** What the parser says of the whole text. */
  truth: ParseOutcome;
}

/** The point as a test that names its tool would have it. */
const by = (tool: Tool, point: TestPoint): TestPoint => ({ ...point, tool });
const tcp = { protocol: 'TCP' } as const;
const udp = { protocol: 'UDP' } as const;

export const PARSERS: readonly { name: string; parse: Parser; point: TestPoint }[] = [
  { name: 'iperf3', parse: parseIperf3, point: streamPoint() },
  { name: 'iperf3 UDP', parse: parseIperf3, point: streamPoint(udp) },
  { name: 'sockperf', parse: parseSockperf, point: latencyPoint() },
  { name: 'sockperf under load', parse: parseSockperfUnderLoad, point: latencyPoint() },
  { name: 'sockperf throughput', parse: parseSockperfThroughput, point: streamPoint(udp) },
  { name: 'netperf transactions', parse: parseNetperf, point: by('netperf', latencyPoint(tcp)) },
  { name: 'netperf stream', parse: parseNetperf, point: by('netperf', streamPoint()) },
  { name: 'qperf latency', parse: parseQperf, point: by('qperf', latencyPoint(tcp)) },
  { name: 'qperf bandwidth', parse: parseQperf, point: by('qperf', streamPoint({ ...udp, messageBytes: 1472 })) },
];

const GOOD: [string, Parser, TestPoint][] = [
  ['iperf3/tcp.json', parseIperf3, streamPoint()],
  ['iperf3/tcp-p4.json', parseIperf3, streamPoint({ streams: 4 })],
  ['iperf3/tcp-reverse.json', parseIperf3, streamPoint({ direction: 'Reverse' })],
  ['iperf3/udp-unlim-64.json', parseIperf3, streamPoint({ ...udp, messageBytes: 64 })],
  ['iperf3/udp-omit.json', parseIperf3, streamPoint({ ...udp, messageBytes: 1400, warmupSeconds: 1 })],
  ['iperf3/v3.18/udp-1g.json', parseIperf3, streamPoint(udp)],
  ['iperf3/v3.18/tcp-omit.json', parseIperf3, streamPoint({ durationSeconds: 3, warmupSeconds: 1 })],
  ['sockperf/pp-udp.txt', parseSockperf, latencyPoint()],
  ['sockperf/pp-tcp-fullrtt.txt', parseSockperf, latencyPoint(tcp)],
  ['sockperf/ul-rtt.txt', parseSockperfUnderLoad, latencyPoint()],
  ['sockperf/ul-max.txt', parseSockperfUnderLoad, latencyPoint()],
  ['sockperf/tp-udp.txt', parseSockperfThroughput, streamPoint(udp)],
  ['netperf/own-rr-tcp.txt', parseNetperf, by('netperf', latencyPoint(tcp))],
  ['netperf/own-rr-udp.txt', parseNetperf, by('netperf', latencyPoint())],
  ['netperf/own-crr-tcp.txt', parseNetperf, by('netperf', latencyPoint({ ...tcp, type: 'ConnectRequestResponse' }))],
  ['netperf/tcp_rr-csv.txt', parseNetperf, by('netperf', latencyPoint(tcp))],
  ['netperf/own-stream-tcp.txt', parseNetperf, by('netperf', streamPoint({ messageBytes: 16384 }))],
  ['netperf/own-stream-udp.txt', parseNetperf, by('netperf', streamPoint({ ...udp, messageBytes: 1472 }))],
  ['qperf/own-tcp_lat.txt', parseQperf, by('qperf', latencyPoint(tcp))],
  ['qperf/vv.txt', parseQperf, by('qperf', latencyPoint({ ...tcp, durationSeconds: 1 }))],
  ['qperf/vv.txt', parseQperf, by('qperf', streamPoint({ durationSeconds: 1, messageBytes: 64 }))],
  ['qperf/own-udp_bw.txt', parseQperf, by('qperf', streamPoint({ ...udp, messageBytes: 1472 }))],
];

/** Every recorded file. */
export function sampleNames(): string[] {
  const root = new URL('../../src/results/parse/testdata', import.meta.url);
  return readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => /\.[a-z]+$/.test(name));
}

/** Samples with the very point they were made for: all of them parse. */
export function goodCases(): Case[] {
  return GOOD.map(([name, parse, point]) => {
    const text = sample(name);
    const truth = parse(output(text, point));
    if (!truth.ok) throw new Error(`${name}: ${truth.problem.reason}: ${truth.problem.message}`);
    return { name, text, parse, point, truth };
  });
}

/** Every sample with every parser; nearly all of them are refused. */
export function allCases(): Case[] {
  return sampleNames().flatMap((name) =>
    PARSERS.map(({ name: parser, parse, point }) => {
      const text = sample(name);
      return { name: `${name} as ${parser}`, text, parse, point, truth: parse(output(text, point)) };
    }),
  );
}
