/** Debian packages with all they depend on, verified and unpacked into the cache. Nothing is installed on the machine. */
import { copyFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aptConfig, aptSources, chooseMirror, debianArchitecture, type PrivateApt } from './apt-config.ts';
import { cacheEntry, type Cache } from './cache.ts';
import { MachineLacksError } from './errors.ts';
import { CommandError, runCommand } from './process.ts';
import type { Progress, Step } from './progress.ts';
import { DEBIAN_SUITE } from './versions.ts';

const KEYRING = 'debian-archive-trixie-stable.asc';
const APT_TIMEOUT_MS = 900_000;

export interface DebianTreeOptions {
  /** What the tree is for; part of its path in the cache. */
  name: string;
  packages: string[];
  cache: Cache;
  progress: Progress;
  signal?: AbortSignal;
}

/**
 * Root directory of a tree with `packages` of the pinned suite and what they depend on, for this machine's architecture.
 * Made at the first call, from the cache later; another list of packages makes another tree. The maintainer scripts do
 * not run. The suite's signature is checked against the key that comes with vfbench, each package against the suite.
 * Throws one clear sentence where apt or dpkg are missing or the mirror cannot be reached.
 */
export async function debianTree(options: DebianTreeOptions): Promise<string> {
  const { cache, progress, signal, packages } = options;
  return cacheEntry(cache, treeName(options.name, packages), { progress, signal }, async (root) => {
    const step = progress.step(`Debian packages for ${options.name}`, { expectedSeconds: 15 });
    const dir = await mkdtemp(join(tmpdir(), 'vfbench-apt-'));
    try {
      const count = await fillTree(root, { dir, packages, step, signal });
      step.done(`${count} packages`);
    } catch (error) {
      step.fail();
      throw explain(error);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
}

/** Name of a tree in the cache: readable, and another one for other packages. */
export function treeName(
  name: string,
  packages: readonly string[],
  architecture: string = debianArchitecture(),
): string {
  const digest = createHash('sha256')
    .update([...packages].sort().join(' '))
    .digest('hex')
    .slice(0, 8);
  return `debian-${DEBIAN_SUITE}-${architecture}-${name}-${digest}`;
}

interface FillOptions {
  dir: string;
  packages: readonly string[];
  step: Step;
  signal: AbortSignal | undefined;
}

async function fillTree(root: string, { dir, packages, step, signal }: FillOptions): Promise<number> {
  const env = await privateApt(dir, signal);
  const run = (args: string[], onLine?: (line: string) => void) =>
    runCommand(['apt-get', ...args], { env, signal, timeoutMs: APT_TIMEOUT_MS, ...(onLine && { onLine }) });
  step.detail('package index');
  // A failed download of the index is only a warning to apt otherwise.
  await run(['update', '--error-on=any', '-q']);
  const downloading = (line: string) => {
    const match = /^Get:(\d+) \S+ \S+ \S+ (\S+)/.exec(line);
    if (match !== null) step.detail(`downloading ${match[1]}: ${match[2]}`);
  };
  await run(['install', '--download-only', '--yes', '--no-install-recommends', '-q', ...packages], downloading);
  return unpackAll(join(dir, 'archives'), root, step, signal);
}

/** Writes the private apt's files; returns the environment that makes apt-get use them alone. */
async function privateApt(dir: string, signal: AbortSignal | undefined): Promise<NodeJS.ProcessEnv> {
  const keyring = join(dir, KEYRING);
  const host = (argv: string[]) => runCommand(argv, { signal, timeoutMs: 30_000 }).then((result) => result.stdout);
  const repositories = await host(['apt-get', 'indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages']);
  const apt: PrivateApt = {
    dir,
    keyring,
    suite: DEBIAN_SUITE,
    architecture: debianArchitecture(),
    mirror: chooseMirror(process.env.VFBENCH_DEBIAN_MIRROR, repositories),
    hostConfig: await host(['apt-config', 'dump']),
  };
  for (const child of ['state', 'lists/partial', 'cache', 'archives/partial', 'log', 'etc/none.d']) {
    await mkdir(join(dir, child), { recursive: true });
  }
  await copyFile(join(import.meta.dirname, KEYRING), keyring);
  await writeFile(join(dir, 'status'), '');
  await writeFile(join(dir, 'etc/sources.list'), aptSources(apt));
  await writeFile(join(dir, 'apt.conf'), aptConfig(apt));
  return { ...process.env, APT_CONFIG: join(dir, 'apt.conf'), LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
}

async function unpackAll(archives: string, root: string, step: Step, signal: AbortSignal | undefined): Promise<number> {
  // Packages differ in whether they ship /lib or /usr/lib: with these links first, both end in the same place.
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    await mkdir(join(root, 'usr', name), { recursive: true });
    await symlink(`usr/${name}`, join(root, name));
  }
  const files = (await readdir(archives)).filter((file) => file.endsWith('.deb')).sort();
  for (const [index, file] of files.entries()) {
    step.detail(`unpacking ${index + 1} of ${files.length}`);
    await runCommand(['dpkg-deb', '--extract', join(archives, file), root], { signal });
  }
  return files.length;
}

function explain(error: unknown): unknown {
  if (!(error instanceof CommandError) || error.cancelled) return error;
  const tools = 'The sandbox unpacks Debian packages and needs apt-get and dpkg-deb for that';
  if (error.message.includes('not found on this machine')) {
    return new MachineLacksError(
      `${tools}; on this machine there is no ${error.argv[0]}. Install the packages "apt" and "dpkg".`,
    );
  }
  const hint = 'set VFBENCH_DEBIAN_MIRROR to the URL of a Debian mirror that this machine can reach';
  return new MachineLacksError(`Debian packages could not be fetched (${hint}):\n${error.message}`, { cause: error });
}
