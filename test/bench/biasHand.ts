/** Side A: a point's own commands, started in the two pods without a runner, and the figures that the tools print. */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { bulkPort, dataPort, type TestPoint, toolPort } from '../../src/api/protocol.ts';
import { toolOf } from '../../src/results/catalogue.ts';
import { clientCommand, serverCommands, type ServerCommand } from '../../src/results/commands.ts';
import { plain } from '../../src/results/parse/outcome.ts';
import { parserOf } from '../../src/results/parse/parserOf.ts';
import { hasSocket } from '../../src/runner/listening.ts';
import type { Child, PodSandbox } from '../../src/sandbox/substrate/types.ts';
import type { Reading } from './biasEstimate.ts';

export interface End {
  pod: PodSandbox;
  /** Data address without prefix length. */
  address: string;
  /** Before every command: see `place`. */
  prefix: readonly string[];
}

export interface Ends {
  server: End;
  client: End;
}

const LISTEN_MS = 10_000;
const POLL_MS = 20;
/** As procfs has it: TCP_LISTEN, and what an unconnected UDP socket shows. */
const STATE = { tcp: '0A', udp: '07' } as const;
const ENVIRONMENT = { LC_ALL: 'C' };

/** Measures every point, in their order. */
export async function byHand({ server, client }: Ends, points: readonly TestPoint[]): Promise<Reading> {
  let reading: Reading = { throughput: null, rttP99: null };
  for (const [position, point] of points.entries()) {
    const path = {
      own: client.address,
      peer: server.address,
      port: toolPort(position),
      dataPort: dataPort(position),
    };
    const ports = { tool: path.port, bulk: bulkPort(position) };
    const serving = await Promise.all(serverCommands(point, server.address, ports).map((one) => serve(server, one)));
    const finished = await toItsEnd(client.pod, [...client.prefix, ...clientCommand(point, path)]);
    for (const child of serving) child.kill();
    await Promise.all(serving.map((child) => child.exited));
    reading = { ...reading, ...printed(point, finished) };
  }
  return reading;
}

/** Starts a server and waits until it listens. */
async function serve({ pod, address, prefix }: End, server: ServerCommand): Promise<Child> {
  const { port, listens } = server;
  const lines: string[] = [];
  const command = [...prefix, ...server.command];
  const child = await pod.startRunner({ files: {}, env: ENVIRONMENT, command, onOutput: (line) => lines.push(line) });
  const deadline = Date.now() + LISTEN_MS;
  let ended = false;
  void child.exited.then(() => (ended = true));
  while (!hasSocket(await sockets(child.pid, listens), STATE[listens], { address, port })) {
    if (ended || Date.now() > deadline) {
      child.kill();
      const how = ended ? 'ended before it listened' : `did not listen within ${LISTEN_MS / 1000} s`;
      throw new Error(`${command.join(' ')} ${how}: ${lines.join('\n')}`);
    }
    await delay(POLL_MS);
  }
  return child;
}

/** The sockets of the network namespace that a process of this machine is in. */
const sockets = (pid: number, protocol: 'tcp' | 'udp'): Promise<string> =>
  readFile(`/proc/${pid}/net/${protocol}`, 'utf8').catch(() => '');

interface Finished {
  stdout: string;
  exitCode: number | null;
}

async function toItsEnd(pod: PodSandbox, command: string[]): Promise<Finished> {
  const lines: string[] = [];
  const child = await pod.startRunner({ files: {}, env: ENVIRONMENT, command, onOutput: (line) => lines.push(line) });
  const { code } = await child.exited;
  return { stdout: lines.join('\n'), exitCode: code };
}

/**
 * The figure as a person reads it off the tool's output. Whether the run counts at all is asked of vfbench's own rules:
 * runs that one side would throw away and the other keep were a difference of rules, not of measuring.
 */
export function printed(point: TestPoint, { stdout, exitCode }: Finished): Partial<Reading> {
  const outcome = parserOf(toolOf(point) ?? '', point.type)?.({ stdout, stderr: '', exitCode, point });
  const metric = point.type === 'Stream' ? 'throughput' : 'rttP99';
  if (outcome?.ok !== true) return notCounted(metric, outcome?.problem.message ?? 'nothing reads it');
  const found = outcome.measurements.find((each) => each.metric === metric);
  if (!found?.value) return notCounted(metric, found?.reason ?? 'not reported');
  return { [metric]: metric === 'throughput' ? rateOfIperf3(stdout) : p99OfSockperf(stdout) };
}

function notCounted(metric: keyof Reading, why: string): Partial<Reading> {
  console.error(`By hand, ${metric} not counted: ${why}`);
  return { [metric]: null };
}

/** Bit/s that the receiver saw. */
function rateOfIperf3(stdout: string): number | null {
  const report = JSON.parse(stdout) as { end?: { sum_received?: { bits_per_second?: number } } };
  return report.end?.sum_received?.bits_per_second ?? null;
}

/** Seconds; sockperf prints microseconds. */
function p99OfSockperf(stdout: string): number | null {
  const found = /percentile 99\.000\s*=\s*([0-9.]+)/.exec(plain(stdout));
  return found === null ? null : Number(found[1]) / 1e6;
}
