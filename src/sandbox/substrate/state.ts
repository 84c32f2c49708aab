/** What a substrate writes down about itself, so that the next start can clear away what a killed one left. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive, ownIdentity, startTicks, type ProcessIdentity } from '../assets/procfs.ts';

const STATE_FILE = 'substrate.json';
/** Everything a substrate makes in its directory. */
const CONTENTS = ['pods', 'portals', 'root.img', STATE_FILE];

interface State {
  owner: ProcessIdentity;
  /** `unshare`, the parent of the namespaces' process 1. */
  holder?: ProcessIdentity;
}

/** Takes the directory for this process. Throws where another live process has it. */
export async function claim(dir: string): Promise<void> {
  await sweepSubstrate(dir);
  if ((await readState(dir)) !== undefined) throw new Error(`${dir} is in use by another sandbox`);
  await mkdir(join(dir, 'pods'), { recursive: true });
  await mkdir(join(dir, 'portals'));
  await writeState(dir, { owner: await ownIdentity() });
}

/** Adds the holder to what is written down. */
export async function recordHolder(dir: string, pid: number): Promise<void> {
  const holder = { pid, startTicks: await startTicks(pid) };
  await writeState(dir, { owner: await ownIdentity(), holder });
}

/**
 * Removes what a dead process left in `dir`: its holder, should that still be ending, and its files. True when there
 * was something. A live process's directory is left alone.
 */
export async function sweepSubstrate(dir: string): Promise<boolean> {
  const state = await readState(dir);
  if (state === undefined || (await isAlive(state.owner))) return false;
  if (state.holder?.startTicks !== undefined && (await isAlive(state.holder)))
    process.kill(state.holder.pid, 'SIGKILL');
  await release(dir);
  return true;
}

/** Removes all that a substrate made in `dir`. */
export async function release(dir: string): Promise<void> {
  for (const name of CONTENTS) await rm(join(dir, name), { recursive: true, force: true, maxRetries: 3 });
}

async function readState(dir: string): Promise<State | undefined> {
  try {
    return JSON.parse(await readFile(join(dir, STATE_FILE), 'utf8')) as State;
  } catch {
    return undefined;
  }
}

async function writeState(dir: string, state: State): Promise<void> {
  await writeFile(join(dir, STATE_FILE), JSON.stringify(state));
}
