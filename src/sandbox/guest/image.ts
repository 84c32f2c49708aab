/**
 * The guest: kernel, initrd and root file system that every VM boots, and the same root as a folder for native
 * pods. Made from Debian packages, the running Node and the runner's bundle; cached by all that goes into it.
 */
import { createHash } from 'node:crypto';
import { copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheEntry, type Cache } from '../assets/cache.ts';
import { debianTree } from '../assets/debian.ts';
import { runCommand } from '../assets/process.ts';
import type { Progress } from '../assets/progress.ts';
import type { GuestImage } from '../substrate/types.ts';
import { unpackKernel } from './bzimage.ts';
import { cpioArchive, type CpioEntry } from './cpio.ts';
import { INITRD_MODULES, ModuleTree, ROOT_MODULES, type Module } from './modules.ts';
import { keepNewest } from './prune.ts';
import { BUNDLE_PATH, CLOUD_INIT_PATH, copyRoot, linkRoot, UDHCPC_SCRIPT_PATH } from './root.ts';

const ROOT_PACKAGES =
  'base-files busybox-static iperf3 sockperf netperf qperf iproute2 ethtool kmod libstdc++6 libatomic1'.split(' ');
/** The full flavour: the cloud one lacks igb, igbvf and iavf. */
const KERNEL_PACKAGES = ['linux-image-amd64'];
const IMAGES_KEPT = 3;

export interface GuestOptions {
  cache: Cache;
  progress: Progress;
  signal?: AbortSignal;
  /** The bundle `runner.mjs` to put in. */
  runnerBundle: string;
  /** Command line of `mkfs.erofs`, and a static busybox. */
  tools: { mkfsErofs: string[]; busybox: string };
  /** Node binary to put in; the one that runs by default. */
  node?: string;
}

/** Root of the guest's Debian packages: the measuring tools are the same ones wherever they are run from. */
export function guestPackages(options: Pick<GuestOptions, 'cache' | 'progress' | 'signal'>): Promise<string> {
  return debianTree({ ...options, name: 'guest', packages: ROOT_PACKAGES });
}

/** Makes what is missing in the cache (seconds once packages are there) and returns the paths. */
export async function guestImage(options: GuestOptions): Promise<GuestImage> {
  const { cache, progress, signal } = options;
  const build = { cache, progress, ...(signal && { signal }) };
  const root = await guestPackages(build);
  const kernel = await debianTree({ ...build, name: 'kernel', packages: KERNEL_PACKAGES });
  const version = await kernelVersion(kernel);
  const node = options.node ?? process.execPath;
  const scripts = await readScripts();
  const key = digest([root, kernel, version, process.version, ...Object.values(scripts), ...ROOT_MODULES]);
  const base = await cacheEntry(cache, `guest-base-${key}`, { progress, signal }, (folder) =>
    makeBase(folder, { root, kernel, version, node, scripts, busybox: options.tools.busybox }),
  );
  const bundle = await readFile(options.runnerBundle);
  const image = await cacheEntry(cache, `guest-root-${key}-${digest([bundle])}`, { progress, signal }, (folder) =>
    makeRootImage(folder, base, options),
  );
  await keepNewest(cache.root, 'guest-base-', base, IMAGES_KEPT);
  await keepNewest(cache.root, 'guest-root-', image, IMAGES_KEPT);
  return {
    vmlinuz: join(base, 'vmlinuz'),
    vmlinux: join(base, 'vmlinux'),
    initrd: join(base, 'initrd'),
    rootImage: join(image, 'root.img'),
    rootDir: join(base, 'root'),
    version,
  };
}

interface Scripts {
  initrd: string;
  init: string;
  udhcpc: string;
  cloudInit: string;
}

async function readScripts(): Promise<Scripts> {
  const read = (name: string) => readFile(join(import.meta.dirname, name), 'utf8');
  return {
    initrd: await read('initrd.sh'),
    init: await read('init.sh'),
    udhcpc: await read('udhcpc.sh'),
    cloudInit: await read('cloud-init.mjs'),
  };
}

async function kernelVersion(kernel: string): Promise<string> {
  const [version, ...others] = await readdir(join(kernel, 'usr/lib/modules'));
  if (version === undefined || others.length > 0) throw new Error('the kernel package holds no single kernel');
  return version;
}

interface BaseParts {
  root: string;
  kernel: string;
  version: string;
  node: string;
  scripts: Scripts;
  busybox: string;
}

async function makeBase(folder: string, parts: BaseParts): Promise<void> {
  const { kernel, version, scripts, busybox } = parts;
  const tree = await ModuleTree.open(join(kernel, 'usr/lib/modules', version), busybox);
  const rootFolder = join(folder, 'root');
  await copyRoot(parts.root, rootFolder, {
    node: parts.node,
    version,
    modules: await tree.closure([...INITRD_MODULES, ...ROOT_MODULES]),
    files: {
      '/usr/sbin/init': scripts.init,
      [UDHCPC_SCRIPT_PATH]: scripts.udhcpc,
      [CLOUD_INIT_PATH]: scripts.cloudInit,
    },
  });
  await runCommand([busybox, 'depmod', '-b', rootFolder, version]);
  const vmlinuz = join(kernel, 'boot', `vmlinuz-${version}`);
  await copyFile(vmlinuz, join(folder, 'vmlinuz'));
  await writeFile(join(folder, 'vmlinux'), unpackKernel(await readFile(vmlinuz)));
  const archive = initrd(await readFile(busybox), await tree.closure(INITRD_MODULES), scripts.initrd);
  await writeFile(join(folder, 'initrd'), archive);
}

/** The initrd: busybox, the init script, and the modules in loading order. Uncompressed: that boots fastest. */
export function initrd(busybox: Buffer, modules: readonly Module[], init: string): Buffer {
  const folders = ['bin', 'dev', 'proc', 'lower', 'upper', 'root', 'modules'];
  const order = modules.map((module) => `${module.name}.ko\n`).join('');
  const entries: CpioEntry[] = [
    ...folders.map((path) => ({ path, kind: 'directory' as const })),
    { path: 'dev/console', kind: 'device', major: 5, minor: 1 },
    { path: 'init', kind: 'file', content: Buffer.from(init) },
    { path: 'bin/busybox', kind: 'file', content: busybox },
    { path: 'modules/order', kind: 'file', content: Buffer.from(order) },
    ...modules.map(({ name, content }) => ({ path: `modules/${name}.ko`, kind: 'file' as const, content })),
  ];
  return cpioArchive(entries);
}

async function makeRootImage(folder: string, base: string, options: GuestOptions): Promise<void> {
  const staging = join(folder, 'root');
  await linkRoot(join(base, 'root'), staging, { [BUNDLE_PATH]: options.runnerBundle });
  const reproducible = ['-T0', '-U00000000-0000-0000-0000-000000000000', '--all-root', '--quiet'];
  const command = [...options.tools.mkfsErofs, ...reproducible, join(folder, 'root.img'), staging];
  await runCommand(command, { signal: options.signal });
  await rm(staging, { recursive: true, force: true });
}

const digest = (parts: readonly (string | Buffer)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 12);
};
