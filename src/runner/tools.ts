/** Versions of the measuring tools on this machine. */
import type { Tool } from '../api/v1alpha1.ts';
import { run } from './child.ts';

const VERSION_MS = 10_000;

/** What makes each program of a tool say its version; a tool is there where all of its programs are. */
const PROGRAMS: Record<Tool, string[][]> = {
  iperf3: [['iperf3', '--version']],
  sockperf: [['sockperf', '--version']],
  netperf: [
    ['netperf', '-V'],
    ['netserver', '-V'],
  ],
  qperf: [['qperf', '--version']],
};

/** Version by name of every tool that a test can ask for; null where it, or its server, is missing. */
export async function toolVersions(signal: AbortSignal): Promise<Record<string, string | null>> {
  const entries = Object.entries(PROGRAMS).map(async ([tool, programs]) => [tool, await version(programs, signal)]);
  return Object.fromEntries(await Promise.all(entries)) as Record<string, string | null>;
}

/** `iperf 3.18 (cJSON 1.7.15)`, `sockperf, version 3.7-no.git`: the first thing that looks like a version. */
async function version(programs: string[][], signal: AbortSignal): Promise<string | null> {
  const ran = await Promise.all(programs.map((command) => run(command, VERSION_MS, signal)));
  if (ran.some(({ failure }) => failure !== null)) return null;
  return /\d+\.\d+[\w.~+-]*/.exec(ran[0]?.stdout ?? '')?.[0].slice(0, 64) ?? 'unknown';
}
