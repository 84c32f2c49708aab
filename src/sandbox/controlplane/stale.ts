/** Writes down which processes belong to a directory, and removes what a killed run left behind. */
import { appendFile, lstat, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { commandLine, isAlive, ownIdentity, startTicks, type ProcessIdentity } from '../assets/procfs.ts';

const RECORD = 'processes.jsonl';
const GONE_TIMEOUT_MS = 5_000;

/** One line of the record: the owner of the directory, or a process that it started. */
export interface ProcessRecord extends ProcessIdentity {
  role: 'owner' | 'child';
  argv: readonly string[];
}

export interface Removed {
  directories: string[];
  processes: number[];
}

/** Where directories of running sandboxes and test clusters of this user are. Short: sockets live below it. */
export function defaultStateRoot(env: NodeJS.ProcessEnv = process.env): string {
  return env.VFBENCH_STATE ?? join(tmpdir(), `vfbench-${userInfo().uid}`);
}

/** A new directory below `root`, for this user alone, owned by this process: its death makes the content stale. */
export async function createStateDirectory(root: string, name: string): Promise<string> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  const { uid, mode } = await lstat(root);
  // Its name is known to everybody: on a shared machine somebody else may have made it first.
  if (uid !== userInfo().uid || (mode & 0o022) !== 0) {
    throw new Error(
      `${root} belongs to somebody else or may be written by others: set VFBENCH_STATE to another folder`,
    );
  }
  const directory = await mkdtemp(join(root, `${name}-`));
  await append(directory, { role: 'owner', argv: [], ...(await ownIdentity()) });
  return directory;
}

/** Notes a process that was just started, so that it is found after a crash. `argv` is what it will finally run as. */
export async function recordProcess(directory: string, pid: number, argv: readonly string[]): Promise<void> {
  await append(directory, { role: 'child', pid, startTicks: await startTicks(pid), argv });
}

/** Ends the processes of dead owners and deletes their directories. Processes whose identity differs are left alone. */
export async function removeStale(root: string): Promise<Removed> {
  const removed: Removed = { directories: [], processes: [] };
  for (const name of await readdir(root).catch(() => [])) {
    const directory = join(root, name);
    const records = parseRecords(await readFile(join(directory, RECORD), 'utf8').catch(() => ''));
    const owner = records.find((record) => record.role === 'owner');
    if (owner === undefined || (await isAlive(owner))) continue;
    for (const record of records) if (await endStale(record)) removed.processes.push(record.pid);
    await rm(directory, { recursive: true, force: true });
    removed.directories.push(directory);
  }
  return removed;
}

/** Records out of a file whose last line may be cut short. */
export function parseRecords(text: string): ProcessRecord[] {
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as ProcessRecord];
    } catch {
      return [];
    }
  });
}

/** Whether a live process is the recorded one: same start, same command line. The pid alone may have been used again. */
export function isSameProcess(
  record: ProcessRecord,
  live: { startTicks?: number | undefined; argv: readonly string[] },
): boolean {
  if (record.startTicks === undefined || live.startTicks !== record.startTicks) return false;
  return record.argv.length === live.argv.length && record.argv.every((arg, index) => arg === live.argv[index]);
}

async function endStale(record: ProcessRecord): Promise<boolean> {
  if (record.role !== 'child') return false;
  const live = { startTicks: await startTicks(record.pid), argv: await commandLine(record.pid) };
  if (!isSameProcess(record, live)) return false;
  process.kill(record.pid, 'SIGKILL');
  const deadline = Date.now() + GONE_TIMEOUT_MS;
  while (Date.now() < deadline && (await isAlive(record))) await delay(20);
  return true;
}

async function append(directory: string, record: ProcessRecord): Promise<void> {
  await appendFile(join(directory, RECORD), `${JSON.stringify(record)}\n`);
}
