/** Runs a program of an unpacked Debian tree with the tree's own loader and libraries, whatever the host has. */
import { closeSync, existsSync, lstatSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const PROGRAM_FOLDERS = ['usr/bin', 'usr/sbin', 'bin', 'sbin', 'usr/libexec'];
const LOADERS = [
  { path: 'usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2', triplet: 'x86_64-linux-gnu' },
  { path: 'usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1', triplet: 'aarch64-linux-gnu' },
];

/**
 * Arguments that run `program` (a name, or a path inside the tree) of the tree at `root`: append its own. No environment
 * is set, so what the program itself starts is not touched. Throws when it is not there, or is not an ELF binary.
 */
export function toolCommand(root: string, program: string): string[] {
  const binary = program.includes('/') ? join(root, program) : findProgram(root, program);
  const real = binary === undefined ? undefined : resolveInside(root, binary);
  if (real === undefined || !existsSync(real)) throw new Error(`No program ${program} in ${root}`);
  if (!isElf(real)) throw new Error(`${real} is a script: it can't run with the libraries of ${root}`);
  const loader = LOADERS.find(({ path }) => existsSync(join(root, path)));
  if (loader === undefined) throw new Error(`No dynamic loader in ${root}: the tree lacks libc6`);
  const name = program.slice(program.lastIndexOf('/') + 1);
  const path = libraryPath(root, loader.triplet);
  return [join(root, loader.path), '--inhibit-cache', '--library-path', path, '--argv0', name, real];
}

function findProgram(root: string, program: string): string | undefined {
  return PROGRAM_FOLDERS.map((folder) => join(root, folder, program)).find(isThere);
}

/** Colon-separated library directories of the tree: the main one, and those below it that hold shared libraries too. */
function libraryPath(root: string, triplet: string): string {
  const main = join(root, 'usr/lib', triplet);
  const nested = ['pulseaudio', 'systemd', 'ceph', 'blas', 'lapack'].map((name) => join(main, name));
  return [main, ...nested, join(root, 'usr/lib')].filter(holdsLibraries).join(':');
}

function holdsLibraries(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).some((name) => /^lib.*\.so(\.|$)/.test(name));
}

/** Follows links as if `root` were `/`: packages hold links such as `/bin/kmod`. */
function resolveInside(root: string, path: string): string {
  let current = path;
  for (let hops = 0; hops < 20 && isLink(current); hops++) {
    const target = readlinkSync(current);
    current = target.startsWith('/') ? join(root, target) : resolve(dirname(current), target);
  }
  return current;
}

const isLink = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

function isElf(path: string): boolean {
  const magic = Buffer.alloc(4);
  const file = openSync(path, 'r');
  try {
    readSync(file, magic, 0, 4, 0);
  } finally {
    closeSync(file);
  }
  return magic.equals(Buffer.from('\x7fELF', 'latin1'));
}
