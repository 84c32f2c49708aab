/**
 * The one machine that plays a cluster's nodes: namespaces, bridges, pods as processes, VMs as QEMU.
 * Knows nothing of Kubernetes; the kubelet and KubeVirt stand-ins in `../agents` drive it.
 */
import type { Logger } from '../../log.ts';

/** Command lines (argv prefixes) of the programs the substrate runs. All independent of the host's libraries. */
export interface HostTools {
  /** util-linux `unshare`. */
  unshare: string[];
  /** iproute2 `ip`. */
  ip: string[];
  /** `ethtool`; used where TAPs are missing, to switch offloads off. */
  ethtool: string[];
  /** `qemu-system-x86_64` including `-L` with its firmware. */
  qemu: string[];
  /** `socat`; used where TAPs are missing. */
  socat: string[];
  /** One static busybox (a path, not a command line): mount, chroot, nsenter. */
  busybox: string;
}

/** What guests boot and pods run on; made by `../guest`. Paths are absolute. */
export interface GuestImage {
  vmlinuz: string;
  /** The same kernel unpacked (ELF with a PVH entry): QEMU starts it 1.5 s sooner under emulation. */
  vmlinux: string;
  initrd: string;
  /** erofs file system with the runner inside. */
  rootImage: string;
  /** The same root unpacked, for native pods; never written to. */
  rootDir: string;
  /** Version of the kernel's package, for reports. */
  version: string;
}

export interface SubstrateOptions {
  /** The sandbox's own directory; short (unix sockets live in it), made if missing. */
  dir: string;
  tools: HostTools;
  guest: GuestImage;
  /** The bundle `runner.mjs` that native pods run (guests have theirs in the root image). */
  runnerBundle: string;
  /** Names of the nodes. */
  nodes: string[];
  /** Bytes; of the wire between the nodes. */
  mtu: number;
  /** How VMs reach their node's bridge. Default: `tap` where it works. */
  dataPath?: 'tap' | 'packet';
  log: Logger;
  /** Aborting it closes the substrate. */
  signal: AbortSignal;
}

export interface Substrate {
  readonly accelerator: 'kvm' | 'tcg';
  /** How VMs reach their node's bridge: `tap`, or `packet` (socat on a packet socket) where /dev/net/tun is closed. */
  readonly dataPath: 'tap' | 'packet';
  /** Address on which `openPortal` makes ports reachable for pods and guests. */
  readonly gateway: string;
  /** Settles once the holder of the namespaces is gone, whoever ended it; nothing runs any more then. */
  readonly lost: Promise<void>;
  /** Makes gateway:port inside reach host:port outside (such as the operator's collector on the host's loopback). */
  openPortal(port: number, target: { host: string; port: number }): Promise<void>;
  /** Throws when the id is taken or the node unknown. */
  createPod(opts: { id: string; node: string }): Promise<PodSandbox>;
  /** What of this substrate still exists (netns, links, processes, mounts, files); for tests. */
  listLeftovers(): Promise<string[]>;
  /** Ends everything and removes the directory's contents made here; idempotent. */
  close(): Promise<void>;
}

export interface PodSandbox {
  /** Address of eth0 on the management network. */
  readonly ip: string;
  /** Data NIC of a native pod: a veth into its node's data bridge, with MAC, MTU and addresses set, up. */
  attach(opts: AttachOptions): Promise<{ mac: string; mtu: number; pciAddress?: string }>;
  /** Changes the wire behind the pod's data NICs, those included that are yet to come; it is `Whole` at first. */
  setWire(wire: Wire): Promise<void>;
  /** Bytes that the pod's data NICs have sent and received so far, by the counters of their ports at the node. */
  carried(): Promise<number>;
  /**
   * Runs the runner bundle in the pod as its process 1, `node runner.mjs --config ENDPOINT_CONFIG_PATH`. Again and at the
   * same time if asked: each has its own file system and processes, all have the pod's network.
   */
  startRunner(opts: RunnerOptions): Promise<Child>;
  /** Boots a guest inside the pod's network namespace, as KubeVirt's launcher does. One per pod. */
  startVm(opts: VmOptions): Promise<Child>;
  /** Ends what runs, removes namespace, veths, TAPs, files; idempotent. */
  destroy(): Promise<void>;
}

/** `Cut`: no frame comes through. `Narrow`: none above 1280 bytes. Neither shows at the NIC. */
export type Wire = 'Whole' | 'Cut' | 'Narrow';

export interface AttachOptions {
  interface: string;
  kind: 'Bridge' | 'Vf';
  mac?: string;
  /** With prefix length. */
  addresses: string[];
  mtu: number;
}

export interface RunnerOptions {
  /** Absolute path inside the pod -> content. */
  files: Record<string, string>;
  env?: Record<string, string>;
  /** What runs in place of the runner, argv; looked for among the pod's own programs. */
  command?: string[];
  onOutput: (line: string) => void;
}

export interface VmOptions {
  cores: number;
  memoryMiB: number;
  data: { kind: 'Virtio'; mac: string; multiqueue: boolean } | { kind: 'Vf'; mac: string };
  managementMac?: string;
  /** Further disks with the guest's root image, by serial number. */
  disks?: { serial: string }[];
  /** NoCloud files of the seed. */
  userData: string;
  networkData: string;
  onConsole: (line: string) => void;
}

export interface Child {
  /** Process id as the host sees it. */
  readonly pid: number;
  readonly exited: Promise<{ code: number | null; signal: string | null }>;
  /** Asks for a graceful end: SIGTERM for a runner, the power button for a guest. Does not wait. */
  powerDown(): Promise<void>;
  kill(): void;
}
