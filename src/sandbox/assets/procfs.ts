/** What /proc says about a process: enough to know that a pid still means the same process. */
import { readFile } from 'node:fs/promises';

/** One process, named so that a pid used again by another one is never taken for it. */
export interface ProcessIdentity {
  pid: number;
  /** Clock ticks since boot at which it started (field 22 of /proc/PID/stat); undefined where there is no /proc. */
  startTicks?: number | undefined;
}

/** Start time out of the text of /proc/PID/stat. The second field may hold spaces and brackets: counting starts after it. */
export function parseStartTicks(stat: string): number | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[19]);
  return fields.length > 19 && Number.isFinite(ticks) ? ticks : undefined;
}

/** Start time of a live process; undefined when there is none of that pid (or a zombie), or no /proc. */
export async function startTicks(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined || / [ZX] /.test(stat.slice(stat.lastIndexOf(')') + 1, stat.lastIndexOf(')') + 4)))
    return undefined;
  return parseStartTicks(stat);
}

/** Arguments of a live process; empty when there is none. */
export async function commandLine(pid: number): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return text.split('\0').slice(0, -1);
}

/** The calling process. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  return { pid: process.pid, startTicks: await startTicks(process.pid) };
}

/** Whether the very process that was written down is still there. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  if (identity.startTicks !== undefined) return (await startTicks(identity.pid)) === identity.startTicks;
  try {
    process.kill(identity.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
