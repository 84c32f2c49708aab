/** Root file systems of the three images, each in a folder of its own. */
import { existsSync } from 'node:fs';
import { chmod, copyFile, cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { licenceTexts } from '../licences.ts';
import type { Cache } from '../../src/sandbox/assets/cache.ts';
import { debianTree } from '../../src/sandbox/assets/debian.ts';
import type { Progress } from '../../src/sandbox/assets/progress.ts';
import { guestImage } from '../../src/sandbox/guest/image.ts';
import { BUNDLE_PATH, linkRoot } from '../../src/sandbox/guest/root.ts';
import { sandboxTools } from '../../src/sandbox/substrate/tools.ts';
import { INITRD_PATH, KERNEL_PATH } from '../../src/plan/render/vm.ts';
import type { GuestImage } from '../../src/sandbox/substrate/types.ts';

export interface BuildOptions {
  cache: Cache;
  progress: Progress;
  signal: AbortSignal;
  /** Bundles `runner.mjs` and `operator.mjs`. */
  runner: string;
  operator: string;
}

const ROOT = join(import.meta.dirname, '../..');
export const OPERATOR_PATH = '/opt/vfbench/operator.mjs';
/** What Node needs, and the C library's own parts; the cluster's CA comes with the ServiceAccount. */
const OPERATOR_PACKAGES = ['base-files', 'libstdc++6', 'libatomic1'];
const NOT_NEEDED = ['usr/share/man', 'usr/share/locale', 'usr/share/info', 'usr/share/lintian'];
const USERS = 'root:x:0:0:root:/root:/sbin/nologin\nvfbench:x:65532:65532:vfbench:/:/sbin/nologin\n';

/** Node and the operator, nothing to log in with. */
export async function operatorRoot(folder: string, options: BuildOptions): Promise<void> {
  const tree = await debianTree({ ...options, name: 'operator', packages: OPERATOR_PACKAGES });
  const filter = (path: string): boolean => isKept(relative(tree, path));
  await cp(tree, folder, { recursive: true, verbatimSymlinks: true, filter });
  await place(process.execPath, join(folder, 'usr/bin/node'), 0o755);
  await place(options.operator, join(folder, OPERATOR_PATH), 0o644);
  await placeLicences(folder);
  await writeFile(join(folder, 'etc/passwd'), USERS);
  await writeFile(join(folder, 'etc/group'), 'root:x:0:\nvfbench:x:65532:\n');
}

/** Of the packages' documentation their licences alone. */
function isKept(path: string): boolean {
  const [, , , , file, ...deeper] = path.split('/');
  const isDocumentation = path.startsWith('usr/share/doc/');
  return (
    !NOT_NEEDED.includes(path) && !(isDocumentation && (deeper.length > 0 || (file ?? 'copyright') !== 'copyright'))
  );
}

const NODE_PACKAGES = ['node_modules/node/node_modules', 'node_modules'];

/** Of the Node that npm installed. @throws Error where it is not there. */
function nodeLicence(): string {
  const name = `node-${process.platform}-${process.arch}/LICENSE`;
  const found = NODE_PACKAGES.map((folder) => join(ROOT, folder, name)).find((file) => existsSync(file));
  if (found === undefined) throw new Error(`There is no licence of Node in ${NODE_PACKAGES.join(', ')}: npm ci`);
  return found;
}

/** Our licence, that of Node, and those of what is bundled. */
async function placeLicences(folder: string): Promise<void> {
  await place(nodeLicence(), join(folder, 'usr/share/doc/nodejs/LICENSE'), 0o644);
  const to = join(folder, 'usr/share/doc/vfbench');
  await place(join(ROOT, 'LICENSE'), join(to, 'LICENSE'), 0o644);
  await writeFile(join(to, 'third-party-licences.txt'), licenceTexts());
}

export async function guestOf(options: BuildOptions): Promise<GuestImage> {
  const tools = await sandboxTools(options);
  return guestImage({ ...options, runnerBundle: options.runner, tools });
}

/** The guest's root as a pod's, without its kernel modules. */
export async function runnerRoot(folder: string, guest: GuestImage, { runner }: BuildOptions): Promise<void> {
  await linkRoot(guest.rootDir, folder, { [BUNDLE_PATH]: runner });
  await rm(join(folder, 'usr/lib/modules'), { recursive: true, force: true });
  await placeLicences(folder);
}

/** A containerDisk that boots by kernelBoot: the kernel beside the one disk, and nothing that runs. */
export async function guestRoot(folder: string, guest: GuestImage): Promise<void> {
  await place(guest.vmlinuz, join(folder, KERNEL_PATH), 0o644);
  await place(guest.initrd, join(folder, INITRD_PATH), 0o644);
  await place(guest.rootImage, join(folder, 'disk/root.img'), 0o644);
}

async function place(from: string, to: string, mode: number): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
  await chmod(to, mode);
}
