/** Everything the sandbox needs on disk: made or fetched once, then found in the cache. */
import { createHash } from 'node:crypto';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { buildRunner } from '../../scripts/build.ts';
import { type Binaries, controlPlaneBinaries } from './assets/binaries.ts';
import { MachineLacksError } from './assets/errors.ts';
import { type Cache, openCache } from './assets/cache.ts';
import type { Progress } from './assets/progress.ts';
import { guestImage } from './guest/image.ts';
import { keepNewest } from './guest/prune.ts';
import { type SandboxTools, sandboxTools } from './substrate/tools.ts';
import type { GuestImage } from './substrate/types.ts';
import { checkSubstrate } from './substrate/check.ts';

export interface SandboxAssets {
  cache: Cache;
  binaries: Binaries;
  tools: SandboxTools;
  guest: GuestImage;
  runnerBundle: string;
}

/** @throws Error that names what this machine lacks, before anything long is begun. */
export async function prepareAssets(options: { progress: Progress; signal: AbortSignal }): Promise<SandboxAssets> {
  const cache = openCache();
  const runnerBundle = await bundleRunner(cache);
  const tools = await sandboxTools({ cache, ...options });
  const check = await checkSubstrate(tools);
  if (!check.ok) throw new MachineLacksError(`The sandbox cannot run here: ${check.missing.join('; ')}`);
  check.notes.forEach((note) => options.progress.note(note));
  const guest = await guestImage({ cache, ...options, runnerBundle, tools });
  const binaries = await controlPlaneBinaries({ cache, ...options });
  return { cache, binaries, tools, guest, runnerBundle };
}

/** Named by its content: a running sandbox of another version keeps its own. */
async function bundleRunner(cache: Cache): Promise<string> {
  const fresh = join(cache.root, `new-runner-${process.pid}.mjs`);
  await buildRunner(fresh);
  const digest = createHash('sha256')
    .update(await readFile(fresh))
    .digest('hex')
    .slice(0, 12);
  const bundle = join(cache.root, `runner-${digest}.mjs`);
  await rename(fresh, bundle);
  await keepNewest(cache.root, 'runner-', bundle, 3);
  return bundle;
}
