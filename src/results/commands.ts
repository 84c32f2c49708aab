/**
 * The commands that runners execute and that the documentation shows: one place, so that both say the same.
 * Options and their reasons are those of the tools' own behaviour, see docs/method.md.
 */
import type { TestPoint } from '../api/protocol.ts';
import { CATALOGUE, toolOf } from './catalogue.ts';
import { iperf3Client, iperf3Server } from './commands/iperf3.ts';
import { netperfClient, netserver } from './commands/netperf.ts';
import type { Path, ServerCommand } from './commands/path.ts';
import { qperfClient, qperfServer } from './commands/qperf.ts';
import { pingPong, sockperfServer, underLoad } from './commands/sockperf.ts';
import { bulkSeconds } from './commands/times.ts';

export type { Path, ServerCommand } from './commands/path.ts';
export * from './commands/times.ts';

/** What the client of a pair runs for a point, argv with the tool's name first; empty where nothing is sent. */
export function clientCommand(point: TestPoint, path: Path): string[] {
  const tool = toolOf(point);
  if (tool === 'netperf') return netperfClient(point, path, point.durationSeconds);
  if (tool === 'qperf') return qperfClient(point, path, point.durationSeconds);
  if (tool === 'iperf3') return iperf3Client(point, path);
  if (tool === null) return [];
  return point.type === 'LoadedLatency' ? underLoad(point, path) : pingPong(point, path);
}

/** What the client runs before, for tools without a warm-up of their own, and throws away; null where there is none. */
export function warmupCommand(point: TestPoint, path: Path): string[] | null {
  const tool = toolOf(point);
  if (point.warmupSeconds <= 0) return null;
  if (tool === 'netperf') return netperfClient(point, path, point.warmupSeconds);
  return tool === 'qperf' ? qperfClient(point, path, point.warmupSeconds) : null;
}

/** The servers of a point: that of its tool, and that of the bulk beside it. None where nothing is sent. */
export function serverCommands(point: TestPoint, own: string, ports: { tool: number; bulk: number }): ServerCommand[] {
  const tool = toolServer(point, own, ports.tool);
  if (tool === null) return [];
  return CATALOGUE[point.type].bulk === undefined ? [tool] : [tool, iperf3(own, ports.bulk, true)];
}

/** The stream of LatencyUnderBulk as a point of its own: TCP, for as long as the probe takes. */
export function bulkOf(point: TestPoint): TestPoint {
  return {
    ...point,
    type: 'Stream',
    protocol: 'TCP',
    tool: 'iperf3',
    messageBytes: 0,
    durationSeconds: bulkSeconds(point),
    warmupSeconds: 0,
  };
}

function toolServer(point: TestPoint, own: string, port: number): ServerCommand | null {
  const tool = toolOf(point);
  if (tool === null) return null;
  const serving = { port, listens: 'tcp', once: false } as const;
  if (tool === 'netperf') return { ...serving, command: netserver(own, port) };
  if (tool === 'qperf') return { ...serving, command: qperfServer(port) };
  if (tool === 'iperf3') return iperf3(own, port, point.type !== 'RateSearch');
  const listens = point.protocol === 'UDP' ? 'udp' : 'tcp';
  return { ...serving, listens, command: sockperfServer(point, own, port) };
}

/** iperf3 takes its tests over TCP whatever they measure. A search makes many, so its server stays. */
const iperf3 = (own: string, port: number, once: boolean): ServerCommand => ({
  command: iperf3Server(own, port, once),
  port,
  listens: 'tcp',
  once,
});
