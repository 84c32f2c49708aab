/** Chooses kernel modules with all they depend on, out of the kernel package's compressed tree, and unpacks them. */
import { spawn } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What the initrd needs to reach the root file system, without dependencies, in no order. */
export const INITRD_MODULES = ['virtio_blk', 'crc32c_generic', 'erofs', 'overlay'];
/** What a running guest may need: seed, NICs (virtio, and the VF drivers of common hardware), power button. */
export const ROOT_MODULES = 'isofs virtio_net igb igbvf ixgbevf iavf mlx5_core button evdev'.split(' ');

export interface Module {
  name: string;
  /** Path below the kernel's module folder, without compression suffix. */
  path: string;
  content: Buffer;
}

/** Modules by name; a missing name throws. `busybox` unpacks .xz. */
export class ModuleTree {
  readonly #root: string;
  readonly #busybox: string;
  readonly #paths: ReadonlyMap<string, string>;
  readonly #loaded = new Map<string, Module>();

  private constructor(root: string, busybox: string, paths: ReadonlyMap<string, string>) {
    this.#root = root;
    this.#busybox = busybox;
    this.#paths = paths;
  }

  /** `root`: a folder such as /usr/lib/modules/6.12.1-amd64. */
  static async open(root: string, busybox: string): Promise<ModuleTree> {
    const files = await readdir(root, { recursive: true });
    const paths = files.filter((file) => /\.ko(\.xz)?$/.test(file)).map((file) => [moduleName(file), file] as const);
    return new ModuleTree(root, busybox, new Map(paths));
  }

  /** The named modules and their dependencies, dependencies first, each once. */
  async closure(names: readonly string[]): Promise<Module[]> {
    const order = new Map<string, Module>();
    for (const name of names) await this.#add(name, order);
    return [...order.values()];
  }

  async #add(name: string, order: Map<string, Module>): Promise<void> {
    if (order.has(name)) return;
    const module = await this.#load(name);
    for (const dependency of moduleDependencies(module.content)) await this.#add(dependency, order);
    order.set(name, module);
  }

  async #load(name: string): Promise<Module> {
    const known = this.#loaded.get(name);
    if (known !== undefined) return known;
    const path = this.#paths.get(name);
    if (path === undefined) throw new Error(`the kernel package has no module ${name}`);
    const content = await output([this.#busybox, path.endsWith('.xz') ? 'xzcat' : 'cat', join(this.#root, path)]);
    const module = { name, path: path.replace(/\.xz$/, ''), content };
    this.#loaded.set(name, module);
    return module;
  }
}

/** Name of a module as dependencies spell it: file name without suffixes, `-` read as `_`. */
export function moduleName(file: string): string {
  return basename(file)
    .replace(/\.ko(\.xz)?$/, '')
    .replaceAll('-', '_');
}

/** Names in the `depends=` entry of a module's .modinfo section. */
export function moduleDependencies(content: Buffer): string[] {
  const start = content.indexOf('\0depends=');
  if (start < 0) return [];
  const value = content.subarray(start + '\0depends='.length, content.indexOf(0, start + 1)).toString('latin1');
  return value
    .split(',')
    .filter((name) => name !== '')
    .map((name) => name.replaceAll('-', '_'));
}

/** Writes modules below `root` at their own paths. */
export async function writeModules(modules: readonly Module[], root: string): Promise<void> {
  for (const module of modules) {
    const file = join(root, module.path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, module.content);
  }
}

function output(argv: string[]): Promise<Buffer> {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(chunks));
      else reject(new Error(`${argv.join(' ')}: exit code ${code}`));
    });
  });
}
