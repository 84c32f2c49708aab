/**
 * What endpoints and the collector say to each other (docs/architecture.md, "One trial").
 * Everything here that comes from an endpoint is untrusted until `collector/` has checked it.
 */
import type { Direction, ModeType, Protocol, TestType, Tool } from './v1alpha1.ts';

export const PROTOCOL_VERSION = 1;
/** TLS server name in the collector's certificate, whatever address it is reached by. */
export const COLLECTOR_SERVER_NAME = 'collector.vfbench.io';
/** Port on the data network on which a server's runner takes the client's orders. */
export const CONTROL_PORT = 7475;
/** First port of the measuring tools, see `toolPort`. */
export const TOOL_PORT = 7480;
/** Points of one Trial at most; each kind of port has room for so many. */
const MOST_POINTS = 1024;

/**
 * Port of the tool for the plan's point at this position. Each has its own: a closed connection keeps its port busy
 * for a minute at the end that closed it, and sockperf's TCP server cannot bind such a port.
 */
export const toolPort = (position: number): number => TOOL_PORT + position;

/** Ports of a point beside its tool's: of the bulk's server, and of the data connection of tools that take two. */
export const bulkPort = (position: number): number => TOOL_PORT + MOST_POINTS + position;
export const dataPort = (position: number): number => TOOL_PORT + 2 * MOST_POINTS + position;

/** One endpoint's name in a Trial: role and pair, `server-0`, `client-3`. */
export type EndpointName = `${'server' | 'client'}-${number}`;

/** Written into the Trial's Secret; all that an endpoint knows when it starts. */
export interface EndpointConfig {
  version: number;
  trial: { namespace: string; name: string; uid: string };
  endpoint: EndpointName;
  /** Collector's base URL (https), its CA (PEM). The TLS server name is COLLECTOR_SERVER_NAME. */
  collector: { url: string; ca: string };
  /** Bearer token, valid for this endpoint of this Trial only. */
  token: string;
  /** Shared by the two endpoints of a pair: authenticates the client's orders to the server's runner. */
  controlKey: string;
  /** VMs: pinned MAC of the management NIC. By it a guest whose data NIC is missing can say so in its own name. */
  managementMac?: string;
  dataNic: DataNic;
}

export interface DataNic {
  mode: ModeType;
  /** VMs: the pinned MAC by which the NIC is found. Absent for pods, whose MAC is read back. */
  mac?: string;
  /** Pods: the interface name asked of Multus. Absent for VMs. */
  interface?: string;
  /** Own data address with prefix length, `192.168.50.11/24`, and the peer's without. */
  address: string;
  peer: string;
  /** Bytes. */
  mtu: number;
  /** True where no CNI plugin configures the NIC: the runner sets address, MTU and link itself (VMs). */
  configure: boolean;
}

/** Body of `POST /v1/register`: what the endpoint is. */
export interface Registration {
  version: number;
  nic: NicFacts;
  kernel: string;
  /** Version by tool name; null where the tool is missing. */
  tools: Record<string, string | null>;
  runner: string;
  /** What else may move a number, by field (`cpu.model`, `offload.tso`), see docs/report.md. Absent: not collected. */
  fingerprint?: Record<string, string>;
}

/** Bounds of what was not checked: entries, characters of each. */
export const UNCHECKED_LIMITS = { entries: 8, text: 256 } as const;

/** Bounds of a fingerprint: fields, characters of a field's name, characters of its value. */
export const FINGERPRINT_LIMITS = { fields: 128, name: 64, value: 512 } as const;

export interface NicFacts extends DeviceFacts {
  interface: string;
  mac: string;
  /** Kernel driver, such as `virtio_net`, `igbvf`, `veth`. */
  driver: string;
  /** `pci`, `virtio` or `virtual` (no device behind it). */
  bus: 'pci' | 'virtio' | 'virtual';
  pciAddress: string | null;
  mtu: number;
  /** Address as configured, with prefix length. */
  address: string;
}

/** The device behind a NIC, as far as this endpoint sees it. */
export interface DeviceFacts {
  /** Absent where the machine has none or does not tell. */
  numaNode?: number;
  /** PCI address of its PF, where the NIC is a VF of this machine. Inside a VM: of the VM's own buses, not the host's. */
  pfPciAddress?: string;
  /** What the PF keeps for the VF, where the PF is visible. */
  vf?: VfSettings;
}

export interface VfSettings {
  /** Number of the VF among its PF's. */
  index: number;
  /** 0: none. */
  vlan: number;
  /** Rate limits in Mbit/s, as iproute2 has them. 0: none. */
  maxTxMbps: number;
  minTxMbps: number;
  spoofCheck?: boolean;
  trust?: boolean;
  linkState?: string;
}

/** Reply to a registration once every endpoint of the Trial has reported in (200); 202 asks to call again. */
export interface TrialPlan {
  points: TestPoint[];
  /** Clients of one Trial; above 1 they meet at the barrier before each point. */
  pairs: number;
}

/** Body of `POST /v1/barrier/{step}`. */
export interface BarrierRequest {
  /** Clients that meet: the plan's `pairs`. */
  pairs: number;
}

/** Reply once every client has come to the step (200); 202 asks to call again. */
export interface BarrierReply {
  /** Milliseconds from this reply to the common start. */
  startInMs: number;
  /** Collector's clock at this reply, milliseconds since the epoch: lets starts of different guests be compared. */
  now: number;
}

/** Body of a 202: nothing to tell yet, call again after so many seconds. */
export interface RetryReply {
  retryAfterSeconds: number;
}

/** Reply to a result that is stored durably (200). */
export interface ResultReply {
  /** True where the same document was stored before. */
  duplicate: boolean;
}

/** One measurement to make: a test at one value of each of its sweeps. */
export interface TestPoint {
  /** Position in the Experiment's expansion, the same in every Trial. */
  id: number;
  test: string;
  type: TestType;
  protocol: Protocol;
  /** Absent: the default of the type, see the catalogue. */
  tool?: Tool;
  /** Payload bytes of a message, of a TCP stream the size of its writes. 0: the tool's default. */
  messageBytes: number;
  /** Parallel streams; 1 where the type has none. */
  streams: number;
  /** Offered rate: messages per second (LoadedLatency) or bit/s (FixedRate, bulk of LatencyUnderBulk); absent: unlimited. */
  rate?: number;
  direction: Direction;
  /** Measured time, warm-up excluded. */
  durationSeconds: number;
  warmupSeconds: number;
  /** RateSearch: width of its goals in percent; absent: 1. */
  widthPercent?: number;
}

/** Body of `POST /v1/result`: one document per endpoint for the whole Trial. */
export interface ResultDocument {
  version: number;
  registration: Registration;
  points: PointResult[];
  /** Checks of the data path that this endpoint could not make, each with its reason. Absent: it made all of its own. */
  unchecked?: string[];
  /** Why the endpoint gave up before all points were done; null when it did them all. */
  error: Problem | null;
}

/** Also the body of `POST /v1/problem`: an endpoint that cannot even register (no data NIC) says why, then exits. */
export interface Problem {
  /** CamelCase, such as `ToolFailed`, `ToolMissing`, `PeerUnreachable`, `Timeout`. */
  reason: string;
  message: string;
}

export interface PointResult {
  id: number;
  /** Milliseconds since the epoch, this endpoint's clock. */
  startedAt: number;
  endedAt: number;
  /** Client that left a barrier: the start in the collector's clock, comparable between pairs. */
  synchronizedAt?: number;
  /** Client only: what the tool measured; empty on the server. */
  measurements: Measurement[];
  /** Why the point gave nothing; null when it did. */
  error: Problem | null;
  raw: RawOutput;
  /** What ran beside it in the same time (LatencyUnderBulk). */
  bulk?: RawOutput;
  /** What this end's tools counted between the two readings of `nic`. Absent: no tool of this end told. */
  moved?: MovedBytes;
  nic: { before: NicCounters; after: NicCounters };
  cpu: { before: CpuTimes; after: CpuTimes };
}

/** `value` is null exactly when `reason` is not: absent is never zero. SI base units: s, bit/s, 1/s, 1. */
export interface Measurement {
  metric: string;
  unit: string;
  value: number | null;
  reason: string | null;
  /** Where the value was read. */
  source?: MeasurementSource;
  loop?: Loop;
}

export interface MeasurementSource {
  tool: string;
  /** What of the tool's output, in the tool's own words, such as `end.sum_received.bytes` or `P50_LATENCY`. */
  field: string;
  /** The end whose own count it is. Client: it timed whole transactions. */
  end: 'Receiver' | 'Sender' | 'Client';
}

/**
 * Closed: what is sent next waits for what came back, so a stall also holds back the load that would have shown it
 * (coordinated omission). Open: sent by a schedule or without limit, whatever comes back.
 */
export type Loop = 'Closed' | 'Open';

export interface RawOutput {
  tool: string;
  version: string;
  command: string[];
  exitCode: number | null;
  /** Text as printed, cut at 64 KiB each. */
  stdout: string;
  stderr: string;
  /** True where the text was cut. */
  truncated: boolean;
}

/** Payload bytes that are known to have arrived, by direction: at least so many. Warm-up and every trial of a search count. */
export interface MovedBytes {
  toServer: number;
  toClient: number;
}

export interface NicCounters {
  rxBytes: number;
  txBytes: number;
  rxPackets: number;
  txPackets: number;
}

/** Seconds of /proc/stat's first line. */
export interface CpuTimes {
  user: number;
  system: number;
  softirq: number;
  steal: number;
  idle: number;
}

/** Body of every refusal of the collector. `final`: calling again cannot help. */
export interface Refusal {
  reason: string;
  message: string;
  final: boolean;
}
