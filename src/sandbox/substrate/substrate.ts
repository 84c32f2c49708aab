/** Makes a substrate: namespaces, network, portals, pods; see `types.ts` for what it promises. */
import { link, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { probe } from './check.ts';
import { ipBatch, type Context } from './context.ts';
import { leftovers } from './leftovers.ts';
import { Namespaces } from './namespaces.ts';
import { GATEWAY, hubBatch, nodeBatch, nodeNamespace } from './network.ts';
import { Pod } from './pod.ts';
import { openOuterPortal, type OuterPortal } from './portal.ts';
import { namespaceOf, processesIn } from './processes.ts';
import { claim, recordHolder, release } from './state.ts';
import type { PodSandbox, Substrate, SubstrateOptions } from './types.ts';

/** Longest directory in which a pod's unix sockets still fit the kernel's 107 bytes. */
const LONGEST_DIR = 80;

/** Throws one sentence where namespaces are refused (`checkSubstrate` says more) or the directory is unfit or in use. */
export async function openSubstrate(options: SubstrateOptions): Promise<Substrate> {
  options.signal.throwIfAborted();
  const dir = fitDirectory(options.dir);
  await mkdir(dir, { recursive: true });
  await claim(dir);
  const substrate = await Machine.start({ ...options, dir });
  const close = (): void => void substrate.close();
  options.signal.addEventListener('abort', close, { once: true });
  if (options.signal.aborted) await substrate.close();
  return substrate;
}

/** Namespaces have a /run of their own, and socket paths are short. */
function fitDirectory(dir: string): string {
  const path = resolve(dir);
  if (path.startsWith('/run/') || path.startsWith('/proc/')) throw new Error(`the sandbox can't live in ${path}`);
  if (path.length > LONGEST_DIR)
    throw new Error(`the sandbox's directory must be at most ${LONGEST_DIR} long: ${path}`);
  return path;
}

class Machine implements Substrate {
  readonly gateway = GATEWAY;
  readonly accelerator: 'kvm' | 'tcg';
  readonly dataPath: 'tap' | 'packet';
  readonly lost: Promise<void>;
  readonly #context: Context;
  readonly #pods = new Map<string, Pod | null>();
  readonly #portals: OuterPortal[] = [];
  readonly #userNamespace: string | null;
  /** Processes that are there from the start. */
  readonly #fixed: number[];
  #nextPod = 0;
  #closed: Promise<void> | undefined;

  private constructor(context: Context) {
    this.#context = context;
    this.accelerator = context.accelerator;
    this.dataPath = context.dataPath;
    this.lost = context.namespaces.gone;
    this.#userNamespace = namespaceOf(context.namespaces.pid, 'user');
    this.#fixed = this.#userNamespace === null ? [] : processesIn(this.#userNamespace);
  }

  static async start(options: SubstrateOptions): Promise<Machine> {
    const { dir, tools, nodes, mtu, log } = options;
    let namespaces: Namespaces | undefined;
    try {
      namespaces = await Namespaces.create(tools);
      await recordHolder(dir, namespaces.pid);
      const found = await probe(namespaces, tools);
      const rootImage = await ownLink(options.guest.rootImage, join(dir, 'root.img'));
      const dataPath = options.dataPath ?? found.dataPath;
      const context: Context = { options, namespaces, accelerator: found.accelerator, dataPath, rootImage };
      await ipBatch(context, null, hubBatch(nodes.length, mtu));
      for (const node of nodes.keys()) {
        await ipBatch(context, nodeNamespace(node), nodeBatch(node, nodes.length, mtu));
      }
      log.debug({ dir, dataPath, accelerator: found.accelerator }, 'Made the substrate');
      return new Machine(context);
    } catch (error) {
      await namespaces?.close();
      await release(dir);
      throw error;
    }
  }

  async openPortal(port: number, target: { host: string; port: number }): Promise<void> {
    const path = join(this.#context.options.dir, 'portals', String(port));
    const portal = await openOuterPortal(path, target);
    this.#portals.push(portal);
    await this.#context.namespaces.portal(GATEWAY, port, path);
  }

  async createPod({ id, node }: { id: string; node: string }): Promise<PodSandbox> {
    const number = this.#context.options.nodes.indexOf(node);
    if (number < 0) throw new Error(`there is no node ${node}`);
    if (this.#pods.has(id)) throw new Error(`there is a pod ${id} already`);
    if (this.#closed !== undefined) throw new Error('the substrate is closed');
    this.#pods.set(id, null);
    const onDestroyed = (): void => void this.#pods.delete(id);
    const pod = await Pod.create(this.#context, { index: this.#nextPod++, node: number, onDestroyed });
    this.#pods.set(id, pod);
    return pod;
  }

  listLeftovers(): Promise<string[]> {
    const isClosed = this.#closed !== undefined;
    return leftovers(this.#context, { userNamespace: this.#userNamespace, fixed: this.#fixed, isClosed });
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** The kernel removes what is in the namespaces; only files and outer sockets are ours to remove. */
  async #close(): Promise<void> {
    await this.#context.namespaces.close();
    await Promise.all(this.#portals.map((portal) => portal.close()));
    await release(this.#context.options.dir);
  }
}

/** A second name for the image where one file system allows it: a cache that forgets its own then takes nothing. */
function ownLink(file: string, name: string): Promise<string> {
  return link(file, name).then(
    () => name,
    () => file,
  );
}
