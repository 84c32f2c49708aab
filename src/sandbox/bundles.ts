/** The project's own programs as single files in the cache, named by their content: a running sandbox keeps its version. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { buildOperator, buildRunner } from '../../scripts/build.ts';
import { type Cache, openCache } from './assets/cache.ts';
import { keepNewest } from './guest/prune.ts';

const KEPT = 3;

/** The program inside pods and guests. */
export const runnerBundle = (cache: Cache): Promise<string> => bundle(cache, 'runner', buildRunner);

let operator: Promise<string> | undefined;

/** The operator, built once per process: bundled it takes little more than half the memory, as in its image. */
export function operatorBundle(): Promise<string> {
  operator ??= bundle(openCache(), 'operator', buildOperator);
  return operator;
}

async function bundle(cache: Cache, name: string, build: (outfile: string) => Promise<void>): Promise<string> {
  await mkdir(cache.root, { recursive: true });
  const fresh = join(cache.root, `new-${name}-${process.pid}.mjs`);
  await build(fresh);
  const digest = createHash('sha256')
    .update(await readFile(fresh))
    .digest('hex')
    .slice(0, 12);
  const file = join(cache.root, `${name}-${digest}.mjs`);
  await rename(fresh, file);
  await keepNewest(cache.root, `${name}-`, file, KEPT);
  return file;
}
