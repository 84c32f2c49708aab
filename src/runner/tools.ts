/** Versions of the measuring tools on this machine. */
import { CATALOGUE } from '../results/catalogue.ts';
import { run } from './child.ts';

const VERSION_MS = 10_000;

/** Version by name of every tool in the catalogue; null where it is missing. */
export async function toolVersions(signal: AbortSignal): Promise<Record<string, string | null>> {
  const tools = [...new Set(Object.values(CATALOGUE).map(({ tool }) => tool))];
  const versions = await Promise.all(tools.map((tool) => version(tool, signal)));
  return Object.fromEntries(tools.map((tool, index) => [tool, versions[index] ?? null]));
}

/** `iperf 3.18 (cJSON 1.7.15)`, `sockperf, version 3.7-no.git`: the first thing that looks like a version. */
async function version(tool: string, signal: AbortSignal): Promise<string | null> {
  const { stdout, failure } = await run([tool, '--version'], VERSION_MS, signal);
  if (failure !== null) return null;
  return /\d+\.\d+[\w.~+-]*/.exec(stdout)?.[0].slice(0, 64) ?? 'unknown';
}
