/**
 * Takes out of both sides alike what has nothing to do with who starts a tool: where the scheduler puts the ends, and how
 * fast this machine copies memory.
 */
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import type { PodSandbox } from '../../src/sandbox/substrate/types.ts';

export const WIRE_GBITS = 1;
/** A queue as a NIC has it: the sender is held back, nothing is dropped. */
const WIRE = `root tbf rate ${WIRE_GBITS}gbit burst 128k latency 20ms`.split(' ');

export interface Place {
  /** Put before every command in a pod, the runner's own included: what it starts stays there too. */
  prefix: string[];
  /** For people. */
  words: string;
}

/**
 * Both ends, tools and runners, on the last CPU; this process and all it starts otherwise on the others. On two CPUs a
 * round trip would be mostly the wake-up of an idle one (p99 varied by half and more from run to run, on one by a tenth),
 * and on one CPU whatever a runner does takes time from its tool: none of it is hidden.
 */
export function place(busybox: string): Place {
  const last = cpus().length - 1;
  if (last > 0) keepOff(busybox, last);
  const ends = `both ends on CPU ${last}`;
  return {
    prefix: ['/usr/bin/busybox', 'taskset', maskOf([last])],
    words: last > 0 ? `${ends}, the benchmark on the others` : `${ends}, and the benchmark too: there is no other`,
  };
}

function keepOff(busybox: string, cpu: number): void {
  const others = maskOf(Array.from({ length: cpu }, (_, i) => i));
  const { status, stderr } = spawnSync(busybox, ['taskset', '-ap', others, `${process.pid}`], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`The benchmark could not be kept off CPU ${cpu}: ${stderr}`);
}

const maskOf = (list: readonly number[]): string =>
  list.reduce((mask, cpu) => mask | (1n << BigInt(cpu)), 0n).toString(16);

/** Holds what a pod sends to the rate of a wire. */
export async function wire(pod: PodSandbox, nic: string): Promise<void> {
  const lines: string[] = [];
  const command = ['/usr/sbin/tc', 'qdisc', 'add', 'dev', nic, ...WIRE];
  const child = await pod.startRunner({ files: {}, command, onOutput: (line) => lines.push(line) });
  const { code } = await child.exited;
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${lines.join(' ')}`);
}
