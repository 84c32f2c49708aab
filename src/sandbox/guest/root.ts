/** Puts the guest's root folder together. */
import { chmod, copyFile, cp, link, mkdir, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { writeModules, type Module } from './modules.ts';

/** Where the runner's bundle lies in guests and pods. */
export const BUNDLE_PATH = '/opt/vfbench/runner.mjs';
export const UDHCPC_SCRIPT_PATH = '/usr/share/vfbench/udhcpc.sh';
/** What plays cloud-init where a guest plays a cloud image. */
export const CLOUD_INIT_PATH = '/usr/share/vfbench/cloud-init.mjs';

/** Folders of Debian's packages that no guest needs. */
const LEFT_OUT = ['boot', 'usr/share/doc', 'usr/share/man', 'usr/share/locale', 'usr/share/info', 'usr/share/lintian'];
const MOUNT_POINTS = ['dev', 'proc', 'sys', 'run', 'tmp', 'root', 'var/tmp', 'etc/vfbench', 'opt/vfbench'];

export interface RootContents {
  /** Node binary. */
  node: string;
  /** Kernel version; names the module folder. */
  version: string;
  modules: readonly Module[];
  /** Absolute path in the root -> text of an executable. */
  files: Record<string, string>;
}

/** Copies the packages' tree `from` to the new folder `to`, less what is not needed, and adds the contents. */
export async function copyRoot(from: string, to: string, contents: RootContents): Promise<void> {
  const filter = (path: string): boolean => !LEFT_OUT.includes(relative(from, path));
  await cp(from, to, { recursive: true, verbatimSymlinks: true, filter });
  for (const folder of MOUNT_POINTS) await mkdir(join(to, folder), { recursive: true });
  await writeFile(join(to, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n');
  await writeFile(join(to, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n');
  await writeFile(join(to, 'etc/hosts'), '127.0.0.1 localhost\n::1 localhost\n');
  await rm(join(to, 'usr/bin/sh'), { force: true });
  await symlink('busybox', join(to, 'usr/bin/sh'));
  await writeModules(contents.modules, join(to, 'usr/lib/modules', contents.version));
  await copyFile(contents.node, join(to, 'usr/bin/node'));
  await chmod(join(to, 'usr/bin/node'), 0o755);
  for (const [path, text] of Object.entries(contents.files)) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    await rm(join(to, path), { force: true });
    await writeFile(join(to, path), text, { mode: 0o755 });
  }
}

/** The folder `from` again at `to` by hard links, with copies of further files added (path in the root -> file). */
export async function linkRoot(from: string, to: string, files: Record<string, string>): Promise<void> {
  await linkFolder(from, to);
  for (const [path, file] of Object.entries(files)) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    await rm(join(to, path), { force: true });
    await copyFile(file, join(to, path));
  }
}

async function linkFolder(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await linkFolder(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else await link(source, target);
  }
}
