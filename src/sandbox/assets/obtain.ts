/** Gets one program of the control plane into the cache: downloaded, or built where no download is possible. */
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BinaryName, ObtainOptions } from './binaries.ts';
import { workDirectory } from './cache.ts';
import { MachineLacksError } from './errors.ts';
import { buildBinary, findGo } from './gobuild.ts';
import { downloadBinary, releaseIsReachable } from './download.ts';

/** Puts the program at `target`, whole or not at all. Throws one sentence that names both ways where neither works. */
export async function obtainBinary(name: BinaryName, target: string, options: ObtainOptions): Promise<void> {
  const { cache, signal } = options;
  const work = await workDirectory(cache, name);
  try {
    const file = join(work, name);
    const problem = await tryDownload(name, work, options);
    if (problem !== undefined) await build(name, file, problem, options);
    signal?.throwIfAborted();
    await mkdir(dirname(target), { recursive: true });
    await rename(file, target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Undefined when it worked, else why not. */
async function tryDownload(name: BinaryName, work: string, options: ObtainOptions): Promise<string | undefined> {
  const problem = await releaseIsReachable(name, options);
  if (problem !== undefined) return problem;
  const step = options.progress.step(`Downloading ${name}`, { expectedSeconds: 20 });
  try {
    await downloadBinary(name, work, step, options);
    step.done('checksum right');
    return undefined;
  } catch (error) {
    options.signal?.throwIfAborted();
    step.fail((error as Error).message);
    return (error as Error).message;
  }
}

async function build(name: BinaryName, file: string, problem: string, options: ObtainOptions): Promise<void> {
  const go = await findGo(options.env, options.goCandidates);
  if (go === undefined) {
    throw new MachineLacksError(
      `${name} is needed: allow its download (${problem}), or install Go >= 1.21 so that it can be built from source; ` +
        'or point KUBEBUILDER_ASSETS to a folder that holds it.',
    );
  }
  await buildBinary(go, name, file, options);
}
