/** One pod: a network namespace with what runs in it. */
import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ENDPOINT_CONFIG_PATH } from '../../api/labels.ts';
import { inNamespace, ipBatch, podFolder, type Context } from './context.ts';
import * as net from './network.ts';
import type { AttachOptions, Child, PodSandbox, RunnerOptions, VmOptions, Wire } from './types.ts';
import { startVm } from './vm.ts';

const KILL_TIMEOUT_MS = 10_000;
const POD_PATH = '/usr/sbin:/usr/bin';
/** What a pod runs unless told otherwise. */
export const RUNNER = ['/usr/bin/node', '/opt/vfbench/runner.mjs', '--config', ENDPOINT_CONFIG_PATH];

export class Pod implements PodSandbox {
  readonly ip: string;
  readonly #context: Context;
  readonly #index: number;
  readonly #node: number;
  readonly #onDestroyed: () => void;
  readonly #children: Child[] = [];
  /** MTUs of the data NICs, by number. */
  readonly #nics: number[] = [];
  #wire: Wire = 'Whole';
  #adding: Promise<unknown> = Promise.resolve();
  #destroyed: Promise<void> | undefined;

  private constructor(context: Context, place: { index: number; node: number; onDestroyed: () => void }) {
    this.#context = context;
    this.#index = place.index;
    this.#node = place.node;
    this.#onDestroyed = place.onDestroyed;
    this.ip = net.podAddress(place.index);
  }

  /** Makes the namespace with eth0 and an empty folder. `index` is unique in the substrate, `node` its number. */
  static async create(context: Context, place: { index: number; node: number; onDestroyed: () => void }): Promise<Pod> {
    const pod = new Pod(context, place);
    try {
      await mkdir(podFolder(context, place.index));
      await ipBatch(context, null, net.podHubBatch(place.index));
      await ipBatch(context, net.podNamespace(place.index), net.podBatch(place.index));
    } catch (error) {
      await pod.destroy();
      throw error;
    }
    return pod;
  }

  async attach(opts: AttachOptions): Promise<{ mac: string; mtu: number }> {
    const mac = opts.mac ?? randomMac();
    await this.#addNic(opts.interface, mac, opts.mtu);
    await ipBatch(this.#context, this.#namespace, net.dataPodBatch(opts.interface, opts.addresses));
    return { mac, mtu: opts.mtu };
  }

  async setWire(wire: Wire): Promise<void> {
    this.#wire = wire;
    // A NIC that is being made gets the new one by itself.
    await this.#adding.catch(() => undefined);
    await this.#layWire();
  }

  async carried(): Promise<number> {
    const { namespaces, options } = this.#context;
    const show = [...options.tools.ip, '-n', net.nodeNamespace(this.#node), '-s', '-j', 'link', 'show', 'dev'];
    const ports = this.#nics.map((_, nic) => namespaces.check([...show, net.dataLink(this.#index, nic)]));
    return (await Promise.all(ports)).map(net.carriedBytes).reduce((sum, bytes) => sum + bytes, 0);
  }

  async startRunner(opts: RunnerOptions): Promise<Child> {
    const { tools, guest, runnerBundle } = this.#context.options;
    const folder = podFolder(this.#context, this.#index);
    await writeFiles(join(folder, 'files'), opts.files);
    await mkdir(join(folder, 'root'), { recursive: true });
    const isolated = ['--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child=KILL'];
    const script = join(import.meta.dirname, 'pod.sh');
    const setUp = [tools.busybox, 'sh', script, guest.rootDir, folder, runnerBundle];
    const command = opts.command ?? RUNNER;
    const argv = inNamespace(this.#context, this.#namespace, [...tools.unshare, ...isolated, ...setUp, ...command]);
    const env = { PATH: POD_PATH, HOME: '/root', ...opts.env };
    return this.#keep(await this.#context.namespaces.spawn(argv, { env, inner: true, onLine: opts.onOutput }));
  }

  async startVm(opts: VmOptions): Promise<Child> {
    const place = { pod: this.#index, namespace: this.#namespace, folder: podFolder(this.#context, this.#index) };
    await this.#addNic(net.VM_NIC, randomMac(), this.#context.options.mtu);
    if (this.#context.dataPath === 'packet')
      await this.#switchOffloadsOff(net.dataLink(this.#index, this.#nics.length - 1));
    const { vm, helpers } = await startVm(this.#context, place, opts);
    helpers.forEach((helper) => this.#keep(helper));
    return this.#keep(vm);
  }

  destroy(): Promise<void> {
    this.#destroyed ??= this.#destroy();
    return this.#destroyed;
  }

  get #namespace(): string {
    return net.podNamespace(this.#index);
  }

  #keep(child: Child): Child {
    this.#children.push(child);
    // A pod destroyed while the child was starting must not keep it.
    if (this.#destroyed !== undefined) child.kill();
    return child;
  }

  async #addNic(name: string, mac: string, mtu: number): Promise<void> {
    const nic = this.#nics.push(mtu) - 1;
    const data = { pod: this.#index, nic, interface: name, mac, mtu };
    this.#adding = ipBatch(this.#context, net.nodeNamespace(this.#node), net.dataNodeBatch(data));
    await this.#adding;
    if (this.#wire !== 'Whole') await this.#layWire();
  }

  async #layWire(): Promise<void> {
    const batch = this.#nics.map((mtu, nic) => net.wireNodeBatch(this.#index, nic, this.#wire, mtu)).join('');
    if (batch !== '') await ipBatch(this.#context, net.nodeNamespace(this.#node), batch);
  }

  /**
   * A packet socket must get frames as they are on a wire, checksums filled in and no larger than the MTU. So the
   * node's end of the NIC sends them that way.
   */
  async #switchOffloadsOff(link: string): Promise<void> {
    const ethtool = [...this.#context.options.tools.ethtool, '-K', link, 'tx', 'off', 'tso', 'off', 'gso', 'off'];
    await this.#context.namespaces.check(inNamespace(this.#context, net.nodeNamespace(this.#node), ethtool));
  }

  async #destroy(): Promise<void> {
    for (const child of this.#children) child.kill();
    await Promise.race([Promise.all(this.#children.map((child) => child.exited)), delay(KILL_TIMEOUT_MS)]);
    await this.#removeNetwork();
    await rm(podFolder(this.#context, this.#index), { recursive: true, force: true, maxRetries: 3 });
    this.#onDestroyed();
  }

  /** Each link is removed by name first: the namespace itself goes when the kernel gets round to it. */
  async #removeNetwork(): Promise<void> {
    const { ip } = this.#context.options.tools;
    const run = (argv: string[], input: string) =>
      this.#context.namespaces.run([...ip, ...argv, '-force', '-batch', '-'], input);
    const nics = this.#nics.map((_, nic) => `link del ${net.dataLink(this.#index, nic)}\n`);
    if (nics.length > 0) await run(['-n', net.nodeNamespace(this.#node)], nics.join(''));
    await run([], `link del ${net.managementLink(this.#index)}\nnetns del ${this.#namespace}\n`);
  }
}

async function writeFiles(root: string, files: Record<string, string>): Promise<void> {
  await mkdir(root, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    if (path.split('/').includes('..')) throw new Error(`a file of a pod may not lie at ${path}`);
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content, { mode: 0o600 });
  }
}

/** A locally administered unicast MAC. */
function randomMac(): string {
  return ['02', ...randomBytes(5).toString('hex').match(/../g)!].join(':');
}

const delay = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
