// Generated from crds/ by `npm run gen`. Do not edit.

/** The part of metav1.ObjectMeta that vfbench reads or writes. */
export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
}

/** metav1.OwnerReference. */
export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/**
 * Testbed names the nodes, the wire, the networks and the images that Experiments of its namespace run on. It is
 * written once per cluster; Experiments refer to it by name and stay portable.
 */
export interface Testbed {
  apiVersion: 'vfbench.io/v1alpha1';
  kind: 'Testbed';
  metadata: ObjectMeta;
  spec: TestbedSpec;
  status?: TestbedStatus;
}

/**
 * Experiment compares modes of attaching a workload to the network. The controller expands it into blocks of Trials, in
 * seeded random order, and writes results and verdicts into status. It runs once; to run it again, create a new one.
 */
export interface Experiment {
  apiVersion: 'vfbench.io/v1alpha1';
  kind: 'Experiment';
  metadata: ObjectMeta;
  spec: ExperimentSpec;
  status?: ExperimentStatus;
}

/**
 * Trial measures one cell (mode x placement x pairs) of an Experiment once, on fresh endpoints. The controller creates
 * Trials and follows each from grant to verified clean-up.
 */
export interface Trial {
  apiVersion: 'vfbench.io/v1alpha1';
  kind: 'Trial';
  metadata: ObjectMeta;
  spec: TrialSpec;
  status?: TrialStatus;
}

/** What there is to measure on. */
export interface TestbedSpec {
  /**
   * Candidates for the two ends. The controller picks one server node and one client node for each Experiment, the
   * first ones that can run all its modes, and keeps to them once one of its Trials has started there.
   */
  nodes: {
    /** Nodes that may run the servers. SameNode trials run both ends here. */
    server: NodeSet;
    /** Nodes that may run the clients. Must offer one besides the server's for CrossNode. */
    client: NodeSet;
  };
  /** The wire between the nodes: the physical bound of every result. CrossNode results above it are invalid. */
  link: Link;
  /**
   * Data addresses in CIDR notation, IPv4 (/8 to /29) or IPv6 (/32 to /125). The controller hands them out statically,
   * two to each pair of endpoints; nothing else may use them but Testbeds whose subnets overlap: those share them.
   */
  subnet: string;
  /**
   * Data networks, by name; a mode uses the one it names, by default native, virtio or passthrough after its type. 1 to
   * 16.
   */
  networks: Network[];
  /** How endpoints that are pods are made (mode Native, and peer Native). */
  pod: PodTemplate;
  /** How endpoints that are VMs are made (modes Virtio and Passthrough). Absent: the Testbed runs Native only. */
  vm?: VmTemplate;
  /**
   * Trials that may run at once, over all Experiments. 1 to 1024, default 1; more than 1 only for functional runs,
   * since trials disturb each other.
   */
  concurrency: number;
  /** How long each wait of a Trial may take, in seconds. When one passes, the Trial fails with its reason. */
  timeouts: Timeouts;
}

export interface NodeSet {
  /** Names of Nodes, in order of preference. 1 to 64, each once. Not together with selector. */
  names?: string[];
  /** Chooses Nodes by their labels. Not together with names. */
  selector?: {
    /** Labels that a Node must carry, all of them. 1 to 16. */
    matchLabels: Record<string, string>;
  };
}

/** The wire between the nodes: the physical bound of every result. CrossNode results above it are invalid. */
export interface Link {
  /**
   * Signalling rate of the wire in bit/s, as a quantity: 10G is 10 Gbit/s. From 1M to 10T. Mind the case: 10m is a
   * hundredth of a bit.
   */
  bitsPerSecond: string | number;
  /** Largest IP packet on the data network, in bytes. 576 to 65535, default 1500. */
  mtu: number;
}

/** A data network that endpoints are attached to by Multus. */
export interface Network {
  /** Name by which modes refer to it. A DNS label of at most 63 characters. */
  name: string;
  /** Name of a NetworkAttachmentDefinition in the Testbed's namespace. */
  attachment: string;
  /**
   * Extended resource that each endpoint takes one of, such as openshift.io/vfnet. Default: the annotation
   * k8s.v1.cni.cncf.io/resourceName of the attachment; none where that is missing too.
   */
  resource?: string;
}

/** How endpoints that are pods are made (mode Native, and peer Native). */
export interface PodTemplate {
  /** Image of the runner. At most 512 characters, no spaces. */
  image: string;
  /** When the image is pulled. Default IfNotPresent. */
  imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  /**
   * Compute resources of an endpoint. VFs are added by the controller and may not be named here. Huge pages stand in
   * requests and limits alike, with cpu or memory beside them.
   */
  resources?: PodResources;
}

export interface PodResources {
  /** Amount asked for by name: cpu, memory, ephemeral-storage, hugepages-2Mi, hugepages-1Gi. */
  requests?: Record<string, string | number>;
  /**
   * Most that may be used by name: cpu, memory, ephemeral-storage, hugepages-2Mi, hugepages-1Gi. Equal requests and
   * limits of whole CPUs pin the pod where the node's CPU manager is static.
   */
  limits?: Record<string, string | number>;
}

export interface VmTemplate {
  /**
   * Image of the guest. Without runnerDisk it holds the kernel of vfbench's own guest and its disk; with runnerDisk it
   * is any containerDisk of a cloud image that runs cloud-init. At most 512 characters, no spaces.
   */
  image: string;
  /**
   * Image of a containerDisk whose file system holds runner and tools, such as vfbench's own guest image. Set it to
   * boot image from its own disk: the runner disk is attached beside it and started by cloud-init, which installs
   * nothing (see docs/guests.md). At most 512 characters. Default: image is vfbench's own guest.
   */
  runnerDisk?: string;
  /** When the images of a guest are pulled. Default IfNotPresent. */
  imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  /** Virtual CPUs of a guest. 1 to 256, default 2. */
  cores: number;
  /** Memory of a guest in bytes, as a quantity. 64Mi to 4Ti, default 2Gi. */
  memory: string | number;
  /** Size of the huge pages that back the guest's memory, which must be a multiple of it. Default: ordinary pages. */
  hugepages?: '2Mi' | '1Gi';
  /**
   * Pins each virtual CPU to a CPU of its own. Needs nodes with the label kubevirt.io/cpumanager=true. Default false.
   */
  dedicatedCPU: boolean;
  /**
   * Gives the guest the NUMA topology of the CPUs and huge pages that it got. Needs dedicatedCPU and hugepages. Default
   * false.
   */
  numaPassthrough?: boolean;
  /** One queue pair of virtio-net for each virtual CPU. Default true. */
  multiqueue: boolean;
}

/** How long each wait of a Trial may take, in seconds. When one passes, the Trial fails with its reason. */
export interface Timeouts {
  /**
   * From the grant until every endpoint is bound to its node; and how long a known trouble of image, network, volume or
   * KubeVirt may last after that, within startSeconds. 1 to 3600, default 120.
   */
  scheduleSeconds: number;
  /** From the binding of an endpoint until it has reported in: image, CNI, boot. 1 to 3600, default 300. */
  startSeconds: number;
  /** What measuring may take beyond the planned time of its tests. 1 to 3600, default 60. */
  marginSeconds: number;
  /**
   * From the end of measuring until every endpoint is seen gone. 1 to 3600, default 180. Past it the Trial says who
   * holds what; its grant stays taken.
   */
  cleanupSeconds: number;
}

/** What the controller found. Written by the controller only. */
export interface TestbedStatus {
  /** The metadata.generation that this status speaks of. */
  observedGeneration?: number;
  /**
   * Ready: True where all that the Testbed describes can be used; False names each failure and its cure. NativeReady,
   * VirtioReady, PassthroughReady: the same for the network of that name and the modes of that type, so that what is
   * not affected can run while Ready is False. At most 16.
   */
  conditions?: Condition[];
  /** The candidate Nodes as last seen, the first 128 by name. */
  nodes?: NodeStatus[];
  /** What was found of each network of the spec, in its order. */
  networks?: NetworkStatus[];
  /** The KubeVirt that makes the VMs. Absent where there is none. */
  kubevirt?: KubeVirtStatus;
  /**
   * All that is wrong or doubtful, errors first. An error holds the Experiments that it concerns; a warning holds none.
   * The first 64.
   */
  findings?: TestbedFinding[];
}

/** One aspect of the object's state. */
export interface Condition {
  /** Name of the aspect, in CamelCase. */
  type: string;
  /** Whether it holds. */
  status: 'True' | 'False' | 'Unknown';
  /** Why, in one CamelCase word. */
  reason: string;
  /** Why, in a sentence that says what to do. At most 4096 characters. */
  message: string;
  /** When status last changed. */
  lastTransitionTime: string;
  /** The metadata.generation that this condition speaks of. */
  observedGeneration?: number;
}

/** A candidate Node. */
export interface NodeStatus {
  /** Name of the Node. */
  name: string;
  /** The ends it is a candidate for. */
  roles: ('Server' | 'Client')[];
  /** Whether endpoints can be placed there. */
  state?: NodeState;
  /** Kernel release of the Node. */
  kernel?: string;
  /** The Node's label vfbench.io/environment; emulated where figures prove the plumbing only. */
  environment?: string;
  /** The Node's stock of each resource that the networks take. At most 16. */
  resources: {
    /** Name of the resource, such as openshift.io/vfnet. */
    name: string;
    /** How many the Node offers, those in use included. */
    allocatable: number;
    /** How many are asked for by live pods, those of Trials aside. */
    inUse: number;
    /**
     * What the resource's VFs are bound to: Netdevice, a network driver, VFIO, vfio-pci, or Mixed, some to the one and
     * some to the other, which is fit for no mode. Absent where the cluster does not tell (SriovNetworkNodeState).
     */
    device?: DeviceKind;
  }[];
}

/** Whether endpoints can be placed there. */
export type NodeState = 'Ready' | 'NotReady' | 'Cordoned' | 'Tainted';

/**
 * What the resource's VFs are bound to: Netdevice, a network driver, VFIO, vfio-pci, or Mixed, some to the one and some
 * to the other, which is fit for no mode. Absent where the cluster does not tell (SriovNetworkNodeState).
 */
export type DeviceKind = 'Netdevice' | 'VFIO' | 'Mixed';

/** A network as found. */
export interface NetworkStatus {
  /** Its name in the spec. */
  name: string;
  /** CNI plugin that makes the attachment, such as sriov or bridge. */
  plugin?: string;
  /** Extended resource that each endpoint takes one of; absent where none is needed. */
  resource?: string;
  /** Types of modes that this network can carry as things are. */
  modes: ('Native' | 'Virtio' | 'Passthrough')[];
  /** Most pairs of endpoints that devices and subnet allow at once, pods of others not considered. */
  pairs?: {
    /** In placement CrossNode. */
    crossNode: number;
    /** In placement SameNode. */
    sameNode: number;
  };
}

/** The KubeVirt that makes the VMs. Absent where there is none. */
export interface KubeVirtStatus {
  /** Its version, such as v1.9.0. Absent where it does not tell. */
  version?: string;
  /** State of its installation, such as Deployed. */
  phase?: string;
  /**
   * Its developerConfiguration.memoryOvercommit, in percent: what guests get of the memory that their pods ask for,
   * unless it is huge pages. Absent where it is 100, the default.
   */
  memoryOvercommit?: number;
}

/** One thing that is wrong or doubtful, and its cure. */
export interface TestbedFinding {
  /** Whether it keeps Experiments from running. */
  severity: 'Error' | 'Warning';
  /** What it is, in one CamelCase word. */
  reason: string;
  /** What is wrong, where, and what to do. At most 1024 characters. */
  message: string;
  /** It concerns modes that use this network only. Absent means all. */
  network?: string;
  /** It concerns modes of these types only. Absent means all. */
  modes?: ('Native' | 'Virtio' | 'Passthrough')[];
}

/** What to measure. Immutable once the first Trial is granted, suspend and ttlSecondsAfterFinished aside. */
export interface ExperimentSpec {
  /** Name of a Testbed in the same namespace. At most 63 characters. */
  testbed: string;
  /**
   * What is compared: ways to attach the workload to the network. 1 to 16, by name. Variants of a type are modes of
   * their own; two equal modes show what is noise.
   */
  modes: Mode[];
  /** Name of the mode that the others are compared with. */
  baseline: string;
  /**
   * Where the two ends run. CrossNode: on two nodes, over the wire. SameNode: both on the server node (the inter-VM
   * case). Default [CrossNode], each once.
   */
  placements: Placement[];
  /**
   * Pairs of client and server at once, started together; a sweep. Each 1 to 64 and once, at most 16 values, default
   * [1].
   */
  pairs: number[];
  /** What every Trial measures. 1 to 32, by name. */
  tests: Test[];
  /**
   * Repetition. Every block runs each cell (mode x placement x pairs) once, in seeded random order. Blocks are added
   * from min to max until the precision is reached.
   */
  blocks: Blocks;
  /** Measured time of each test point in seconds, warm-up excluded. 1 to 3600, default 10. */
  durationSeconds: number;
  /** Time before the measured time of each test point, in seconds, left out of results. 0 to 60, default 1. */
  warmupSeconds: number;
  /**
   * How long measuring may take, in seconds. A schedule that is longer is refused: Trials (modes x placements x pairs x
   * blocks.max) times the seconds of their tests (duration, warm-up and the tools' own time), starting and removing
   * endpoints left out. One that has run for longer, from the grant of its first Trial on, pauses and waits included,
   * is ended: no Trial starts, those without results are cancelled, Finished has the reason DeadlineExceeded, and
   * results so far are kept. 1 to 31536000, default none.
   */
  deadlineSeconds?: number;
  /** How modes are judged against the baseline. */
  comparison: Comparison;
  /**
   * What must hold for the verdict Passed; at most 64. An expectation passes where the whole interval satisfies it,
   * fails where none of it does, and is inconclusive between. Default: none, verdict None.
   */
  expectations?: Expectation[];
  /**
   * Seed of every random order, 0 to 9007199254740991. The same seed and spec give the same order. Default: derived
   * from the UID; recorded in status.
   */
  seed?: number;
  /** True starts no further Trials; those that were granted run to their end. Default false. */
  suspend: boolean;
  /**
   * Seconds after which the finished Experiment and all that belongs to it is deleted. 0 to 315360000 (10 years).
   * Default: never.
   */
  ttlSecondsAfterFinished?: number;
}

/** One way to attach the workload to the network. */
export interface Mode {
  /** Name of the mode in results and reports. A DNS label of at most 63 characters. */
  name: string;
  /**
   * Native: a pod with the attachment as it is. Virtio: a VM whose data NIC is virtio-net, bridged to the attachment.
   * Passthrough: a VM that owns a VF through vfio-pci.
   */
  type: ModeType;
  /** Name of a network of the Testbed. Default: the type in lower case. At most 63 characters. */
  network?: string;
  /**
   * Name of another network of the Testbed for the client end, such as that of the NIC's other PF. With peer, the
   * network of the client's pod. Default: both ends alike; with peer, native. At most 63 characters.
   */
  clientNetwork?: string;
  /**
   * SameNode placements: Same wants the two VFs of a pair on one PF, Different on two. It is verified when the
   * endpoints have reported in; where it does not hold, or nobody tells the PF, the Trial fails. To bring it about,
   * give each PF a network of its own, see network and clientNetwork. Default: as it comes, recorded.
   */
  pf?: WantedPhysicalFunctions;
  /**
   * Native puts a pod at the client end, on the network native, for the cost of one VM instead of two. Virtio and
   * Passthrough only. Default: both ends alike.
   */
  peer?: 'Native';
  /** What differs from the Testbed's vm for this mode. Virtio and Passthrough only. Default: nothing. */
  vm?: VmOverrides;
}

/**
 * Native: a pod with the attachment as it is. Virtio: a VM whose data NIC is virtio-net, bridged to the attachment.
 * Passthrough: a VM that owns a VF through vfio-pci.
 */
export type ModeType = 'Native' | 'Virtio' | 'Passthrough';

/**
 * SameNode placements: Same wants the two VFs of a pair on one PF, Different on two. It is verified when the endpoints
 * have reported in; where it does not hold, or nobody tells the PF, the Trial fails. To bring it about, give each PF a
 * network of its own, see network and clientNetwork. Default: as it comes, recorded.
 */
export type WantedPhysicalFunctions = 'Same' | 'Different';

/** What differs from the Testbed's vm for this mode. Virtio and Passthrough only. Default: nothing. */
export interface VmOverrides {
  /** Virtual CPUs of a guest. 1 to 256, default: as in the Testbed. */
  cores?: number;
  /** Memory of a guest in bytes, as a quantity. 64Mi to 4Ti, default: as in the Testbed. */
  memory?: string | number;
  /** Size of the huge pages that back the guest's memory; None for ordinary pages. Default: as in the Testbed. */
  hugepages?: 'None' | '2Mi' | '1Gi';
  /** Pins each virtual CPU to a CPU of its own. Default: as in the Testbed. */
  dedicatedCPU?: boolean;
  /**
   * Gives the guest the NUMA topology of the CPUs and huge pages that it got. Needs dedicatedCPU and hugepages.
   * Default: as in the Testbed.
   */
  numaPassthrough?: boolean;
  /**
   * Moves all threads of QEMU but its virtual CPUs to one more CPU of their own. vhost shares that one CPU, which
   * bounds a virtio NIC and not a VF: a factor of this mode, never of a whole Testbed. Needs dedicatedCPU. Default
   * false.
   */
  isolateEmulatorThread?: boolean;
  /** One queue pair of virtio-net for each virtual CPU. Default: as in the Testbed. */
  multiqueue?: boolean;
}

export type Placement = 'CrossNode' | 'SameNode';

/** One measurement, at each value of its sweeps. */
export interface Test {
  /** Name of the test in results and reports. A DNS label of at most 63 characters. */
  name: string;
  /**
   * RequestResponse: one message at a time, there and back; full round trip in seconds. ConnectRequestResponse: the
   * same with a new TCP connection each time. Stream: as much as goes through; bit/s. PacketRate: small UDP datagrams
   * in several flows, counted at the receiver. LoadedLatency: round trips at an offered rate (open loop).
   * LatencyUnderBulk: round trips while a TCP stream runs. RateSearch: the highest rate without loss and with 0.5 % of
   * it. FixedRate: a stream paced to a rate, for its cost in CPU. Idle: nothing is sent.
   */
  type: TestType;
  /**
   * Transport protocol; of the round trips for LatencyUnderBulk. ConnectRequestResponse is TCP, PacketRate and
   * RateSearch are UDP and need not say so.
   */
  protocol?: Protocol;
  /**
   * What measures. RequestResponse: sockperf (default), netperf, qperf. Stream: iperf3 (default), netperf. Other types
   * have one tool each. Results of different tools are not comparable.
   */
  tool?: Tool;
  /**
   * Payload of a message in bytes; a sweep. Of a TCP stream, the size of its writes. sockperf sends 14 to 65507 bytes,
   * iperf3 datagrams of 16 and more, netperf and qperf 1 and more; RequestResponse up to 65536, TCP streams up to
   * 1048576. Default 64, ConnectRequestResponse 1, PacketRate 18, Stream and FixedRate what the tool takes. Each once,
   * at most 16 values.
   */
  messageBytes?: number[];
  /**
   * Parallel streams in one pair; a sweep. Stream, PacketRate, LatencyUnderBulk (of the bulk), RateSearch and
   * FixedRate. Each 1 to 16 (PacketRate and RateSearch: 64) and once, at most 16 values, default one stream, PacketRate
   * 4.
   */
  streams?: number[];
  /**
   * Offered rates of one pair, as quantities; a sweep. LoadedLatency: messages per second. FixedRate: bit/s over all
   * streams. LatencyUnderBulk: bit/s of the bulk, default unlimited. Whole numbers from 1 to 1T, each once, at most 16
   * values.
   */
  rates?: (string | number)[];
  /**
   * Which way the bytes go; of the bulk for LatencyUnderBulk. Forward: client to server. Reverse: server to client.
   * Bidirectional: both at once. Stream and LatencyUnderBulk; PacketRate and FixedRate not Bidirectional. Default
   * Forward.
   */
  direction: Direction;
  /**
   * RateSearch: how close the rates on both sides of a goal must be, in percent of the higher one. 1 to 50, default 1.
   */
  widthPercent?: number;
}

/**
 * RequestResponse: one message at a time, there and back; full round trip in seconds. ConnectRequestResponse: the same
 * with a new TCP connection each time. Stream: as much as goes through; bit/s. PacketRate: small UDP datagrams in
 * several flows, counted at the receiver. LoadedLatency: round trips at an offered rate (open loop). LatencyUnderBulk:
 * round trips while a TCP stream runs. RateSearch: the highest rate without loss and with 0.5 % of it. FixedRate: a
 * stream paced to a rate, for its cost in CPU. Idle: nothing is sent.
 */
export type TestType = 'RequestResponse' | 'ConnectRequestResponse' | 'Stream' | 'PacketRate' | 'LoadedLatency' | 'LatencyUnderBulk' | 'RateSearch' | 'FixedRate' | 'Idle';

/**
 * Transport protocol; of the round trips for LatencyUnderBulk. ConnectRequestResponse is TCP, PacketRate and RateSearch
 * are UDP and need not say so.
 */
export type Protocol = 'TCP' | 'UDP';

/**
 * What measures. RequestResponse: sockperf (default), netperf, qperf. Stream: iperf3 (default), netperf. Other types
 * have one tool each. Results of different tools are not comparable.
 */
export type Tool = 'sockperf' | 'iperf3' | 'netperf' | 'qperf';

/**
 * Which way the bytes go; of the bulk for LatencyUnderBulk. Forward: client to server. Reverse: server to client.
 * Bidirectional: both at once. Stream and LatencyUnderBulk; PacketRate and FixedRate not Bidirectional. Default
 * Forward.
 */
export type Direction = 'Forward' | 'Reverse' | 'Bidirectional';

/**
 * Repetition. Every block runs each cell (mode x placement x pairs) once, in seeded random order. Blocks are added from
 * min to max until the precision is reached.
 */
export interface Blocks {
  /**
   * Complete blocks to run in any case. 1 to 1000, default 6: fewer give no 95 % interval of a median. Raised, up to
   * max, to what telling a difference from chance needs among all comparisons of the Experiment:
   * status.family.fewestBlocks.
   */
  min: number;
  /** Blocks to run at most. 1 to 1000, not below min, default 30. */
  max: number;
  /**
   * Enough is measured when the interval of every primary metric lies within this many percent of its median. 1 to 100,
   * default 3.
   */
  precisionPercent: number;
  /** Times that a failed Trial is repeated within its block. 0 to 10, default 2. */
  retries: number;
}

/** How modes are judged against the baseline. */
export interface Comparison {
  /** Confidence of all intervals in percent. 80 to 99, default 95. */
  confidencePercent: number;
  /**
   * Differences up to this many percent are of no practical matter: an interval of the ratio that lies within is
   * Equivalent. 1 to 50, default 5.
   */
  equivalencePercent: number;
}

/** Bounds of one metric in one mode, over all points of the test, placements and pairs. */
export interface Expectation {
  /** Name of a test. */
  test: string;
  /** Name of a metric of that test, such as rttP99 or throughput. At most 63 characters. */
  metric: string;
  /** Name of a mode. */
  mode: string;
  /** Upper bound of the ratio to the baseline, a decimal number such as "1.25". */
  ratioAtMost?: string;
  /** Lower bound of the ratio to the baseline, a decimal number such as "0.95". */
  ratioAtLeast?: string;
  /** Upper bound of the value in the metric's unit (s, bit/s, 1/s), a decimal number such as "0.00005". */
  atMost?: string;
  /** Lower bound of the value in the metric's unit (s, bit/s, 1/s), a decimal number such as "9000000000". */
  atLeast?: string;
}

/** How far it is and what came out. Written by the controller only. */
export interface ExperimentStatus {
  /** The metadata.generation that this status speaks of. */
  observedGeneration?: number;
  /**
   * Finished: True at any end. Succeeded: Unknown while it runs, True where every cell has its results and no
   * expectation failed. Converged: Unknown while it runs, False where it ended before the precision was reached.
   * Stationary: False where a metric drifts over the blocks. Comparable: False where Trials differ in more than their
   * mode, with the fields. ReportStored: False where the report could not be stored. Admitted: False while nothing may
   * run, with the shortage in numbers. Reconciling and Stalled: present only when abnormal. At most 16.
   */
  conditions?: Condition[];
  /** Seed in use. Never changes. */
  seed?: number;
  /** The nodes chosen for all its Trials. */
  nodes?: {
    /** Node of the servers. */
    server: string;
    /** Node of the clients in CrossNode trials. */
    client: string;
  };
  /**
   * Place of its next Trial among the Trials that wait for the same nodes, while it waits for its grant. Namespaces
   * take turns, so a place may also grow. Absent while nothing waits.
   */
  queue?: {
    /** Its place, from 1. */
    position: number;
    /** How many wait for the same node, this one included. */
    length: number;
  };
  /** emulated where a node is labelled so: results prove the plumbing, they do not measure hardware. */
  environment?: string;
  /** How far it is. */
  progress?: Progress;
  /**
   * One row for each test point, primary metric, placement, pairs and mode. At most 2000; further rows are in the
   * report.
   */
  results?: ResultRow[];
  /** All comparisons with the baseline. Verdicts keep their error over them together. */
  family?: ComparisonFamily;
  /**
   * For each test of several points: the ratio to the baseline as its geometric mean over the points, per primary
   * metric, placement, pairs and mode. No verdict rests on it. At most 500.
   */
  geometricMeans?: GeometricMean[];
  /**
   * Whether a primary metric rises or falls from block to block, per test, metric and mode: Kendall's tau with time of
   * what is left beside each row's median. At most 500.
   */
  drifts?: Drift[];
  /** What became of each of spec.expectations, in their order. At most 64. */
  expectations?: JudgedExpectation[];
  /** The sealed report, which outlives the Trials. */
  report?: Report;
  /** Outcome of the expectations; None where there are none. Passed only where every interval satisfies its bound. */
  verdict?: Outcome;
  /**
   * When the operator first took it up, admitted or not. What it waited for until its first Trial was granted is no
   * part of spec.deadlineSeconds.
   */
  startTime?: string;
  /** When it ended. */
  completionTime?: string;
}

/** How far it is. */
export interface Progress {
  /** Complete blocks. */
  blocks: number;
  /** Blocks that will have run when it ends, as far as is known. */
  plannedBlocks: number;
  /** Trials measured. */
  trials: number;
  /** Trials that will have been measured when it ends, as far as is known. */
  plannedTrials: number;
  /** Trials that failed, repeated ones included. */
  failed: number;
  /** Blocks that are over with a cell whose every attempt failed. They are left out of comparisons. */
  incompleteBlocks?: number;
  /** Name of a Trial that runs now. */
  running?: string;
}

/** One metric of one mode at one test point, over the blocks, against the baseline. */
export interface ResultRow {
  /** Name of the test. */
  test: string;
  /** Values of the test's sweeps; those it does not sweep are absent. */
  point: Point;
  /** Where the two ends ran. */
  placement: Placement;
  /** Pairs at once. */
  pairs: number;
  /** Name of the metric. */
  metric: string;
  /** Unit of median, low and high, an SI base unit or a quotient of them (s, bit/s, 1/s, 1). */
  unit: string;
  /** Which direction is the better one. */
  better: 'Lower' | 'Higher';
  /** Name of the mode. */
  mode: string;
  /** Trials that count in. */
  n: number;
  /** Median over the Trials; absent where none has a value. */
  median?: number;
  /** Lower end of the median's interval; absent where there are too few Trials for one. */
  low?: number;
  /** Upper end of the median's interval; absent where there are too few Trials for one. */
  high?: number;
  /** Ratio to the baseline, paired by block. Absent for the baseline itself and without pairs. */
  ratio?: {
    /** Complete blocks that it rests on. */
    n?: number;
    /** Hodges-Lehmann estimate of the ratio, on the logarithmic scale. */
    median: number;
    /** Lower end of its interval; absent where there are too few pairs for one. */
    low?: number;
    /** Upper end of its interval; absent where there are too few pairs for one. */
    high?: number;
  };
  /** Two-sided p of Wilcoxon's signed-rank test that the ratio is 1, exact; of this row alone. */
  p?: number;
  /**
   * The same adjusted by Holm for all comparisons in status.family. Better and Worse need at most 1 minus the
   * confidence, 0.05 by default.
   */
  pAdjusted?: number;
  /**
   * Trials whose value stands apart from the others (modified z above 3.5). They are kept, and count in. Absent where
   * there are none.
   */
  outliers?: number;
  /**
   * Jain's index of the pairs, median over the blocks: 1 where all pairs got the same, 1/pairs where one got all. Only
   * with several pairs, of metrics that add up.
   */
  fairness?: number;
  /** The longest that a pair started after the first of its Trial, in seconds. Only with several pairs. */
  startSkewSeconds?: number;
  /**
   * What may be concluded. Baseline: it is the reference. Better, Worse: the interval of the ratio lies on that side of
   * 1 and reaches beyond equivalence, and pAdjusted is small enough. Equivalent: it lies within. Inconclusive: more is
   * needed, or the two are not comparable (CPU that a guest sees with CPU that a pod sees): message says which.
   */
  verdict: Verdict;
  /** The verdict's reason in words. At most 512 characters. */
  message?: string;
}

/** Values of the test's sweeps; those it does not sweep are absent. */
export interface Point {
  /** Payload of a message in bytes. */
  messageBytes?: number;
  /** Parallel streams. */
  streams?: number;
  /** Offered rate, messages per second or bit/s as the type of test has it. */
  rate?: number;
}

/**
 * What may be concluded. Baseline: it is the reference. Better, Worse: the interval of the ratio lies on that side of 1
 * and reaches beyond equivalence, and pAdjusted is small enough. Equivalent: it lies within. Inconclusive: more is
 * needed, or the two are not comparable (CPU that a guest sees with CPU that a pod sees): message says which.
 */
export type Verdict = 'Baseline' | 'Better' | 'Worse' | 'Equivalent' | 'Inconclusive';

/** All comparisons with the baseline. Verdicts keep their error over them together. */
export interface ComparisonFamily {
  /** Comparisons among the rows, those without a result included. */
  comparisons: number;
  /**
   * Complete blocks below which no verdict of Better or Worse is possible among so many comparisons. So many are run
   * where blocks.max allows it.
   */
  fewestBlocks: number;
}

/** One ratio for a whole sweep. */
export interface GeometricMean {
  /** Name of the test. */
  test: string;
  /** Name of the metric. */
  metric: string;
  /** Which direction is the better one. */
  better: 'Lower' | 'Higher';
  /** Where the two ends ran. */
  placement: 'CrossNode' | 'SameNode';
  /** Pairs at once. */
  pairs: number;
  /** Name of the mode. */
  mode: string;
  /** Points of the test. */
  points: number;
  /** Geometric mean over the points of the ratio to the baseline, one a block. */
  ratio: {
    /** Complete blocks in which every point has its ratio. */
    n: number;
    /** Hodges-Lehmann estimate over the blocks, on the logarithmic scale. */
    median: number;
    /** Lower end of its interval; absent where there are too few blocks for one. */
    low?: number;
    /** Upper end of its interval; absent where there are too few blocks for one. */
    high?: number;
  };
}

/** The trend of one metric in one mode. */
export interface Drift {
  /** Name of the test. */
  test: string;
  /** Name of the metric. */
  metric: string;
  /** Name of the mode. */
  mode: string;
  /** Blocks that it rests on. */
  n: number;
  /** From -1, falling from each block to the next, to 1, always rising. */
  tau: number;
  /** Two-sided p that there is no trend, exact up to 60 blocks; of this metric and mode alone. */
  p: number;
}

/** Outcome of one expectation over all its rows. */
export interface JudgedExpectation {
  /** Name of the test. */
  test: string;
  /** Name of the metric. */
  metric: string;
  /** Name of the mode. */
  mode: string;
  /** Passed: every interval satisfies every bound. Failed: one lies wholly beyond. Inconclusive: neither. */
  outcome: 'Passed' | 'Failed' | 'Inconclusive';
  /** The row, bound and interval that decided it. At most 512 characters. */
  message: string;
}

/** The sealed report, which outlives the Trials. */
export interface Report {
  /** Name of the first ConfigMap that holds it; its index names the others, where there are any. */
  configMap: string;
  /** SHA-256 of its content before packing, sha256 and 64 hexadecimal digits. */
  digest: string;
  /** Trials that it tells of, failed ones included. */
  trials: number;
}

/** Outcome of the expectations; None where there are none. Passed only where every interval satisfies its bound. */
export type Outcome = 'Passed' | 'Failed' | 'Inconclusive' | 'None';

/** Which cell of which Experiment, and which try. Immutable. */
export interface TrialSpec {
  /** Name of the Experiment in the same namespace. At most 63 characters. */
  experiment: string;
  /** Name of the Testbed in the same namespace. At most 63 characters. */
  testbed: string;
  /** Name of a mode of the Experiment. At most 63 characters. */
  mode: string;
  /** Where the two ends run. */
  placement: Placement;
  /** Pairs of client and server, started together. 1 to 64. */
  pairs: number;
  /** Number of the block, from 0. At most 999. */
  block: number;
  /** Which try within the block, from 0. At most 10. */
  attempt: number;
}

/** How far it is and what it measured. Written by the controller only; immutable once Finished is True. */
export interface TrialStatus {
  /** The metadata.generation that this status speaks of. */
  observedGeneration?: number;
  /**
   * Granted: nodes, VFs, addresses and MACs are its own. EndpointsReady: every endpoint reported in with the right data
   * path. Measured: results are stored. CleanedUp: every endpoint is seen gone. Finished: True at any end. Succeeded:
   * Unknown until then. At most 16.
   */
  conditions?: Condition[];
  /**
   * Its place among the Trials that wait for the same nodes, while it waits for its grant. Namespaces take turns, so a
   * place may also grow. Absent while nothing waits.
   */
  queue?: {
    /** Its place, from 1. */
    position: number;
    /** How many wait for the same node, this one included. */
    length: number;
  };
  /**
   * What is the Trial's own, written before anything is created. Free again when every endpoint is seen gone. Never
   * changes.
   */
  grant?: Grant;
  /** What the endpoints said of themselves when they reported in. At most 128. */
  endpoints?: EndpointFacts[];
  /**
   * SameNode with VFs at both ends: whether the two VFs of each pair belong to one PF (traffic may turn round inside
   * the NIC), to two (it takes the wire), or some to one and some to two (Mixed). Absent where nobody tells.
   */
  physicalFunctions?: PhysicalFunctions;
  /**
   * What may move a number beside the mode: kernel, CPU, firmware, NIC settings, versions. One entry for all endpoints
   * that are alike. Trials are compared by these fields, see docs/report.md. At most 16.
   */
  fingerprints?: Fingerprint[];
  /** What was measured, one entry for each test point, pair and metric. At most 8192. */
  measurements?: TrialMeasurement[];
  /** What each endpoint sent, to check every number against. At most 128. */
  raw?: RawDocument[];
  /** When all its endpoints had reported in. */
  startTime?: string;
  /** Seconds from the first test point's start to the last one's end. */
  measuredSeconds?: number;
  /** When it ended. */
  completionTime?: string;
}

/**
 * What is the Trial's own, written before anything is created. Free again when every endpoint is seen gone. Never
 * changes.
 */
export interface Grant {
  /** The nodes it runs on. */
  nodes: {
    /** Node of the servers. */
    server: string;
    /** Node of the clients; that of the servers in SameNode. */
    client: string;
  };
  /**
   * What its endpoints are made from and judged by: the Testbed as it was then, whatever becomes of it later; of pod
   * and vm what it has endpoints of. Absent where an operator granted that did not keep it: then that is the Testbed as
   * it is.
   */
  testbed?: GrantedTestbed;
  /** Its endpoints, two for each pair. At most 128. */
  endpoints: GrantedEndpoint[];
}

/**
 * What its endpoints are made from and judged by: the Testbed as it was then, whatever becomes of it later; of pod and
 * vm what it has endpoints of. Absent where an operator granted that did not keep it: then that is the Testbed as it
 * is.
 */
export interface GrantedTestbed {
  /** The metadata.generation that the Testbed had. */
  generation?: number;
  /** The wire between the nodes: the physical bound of every result. CrossNode results above it are invalid. */
  link: Link;
  /** Trials that might run at once. */
  concurrency: number;
  /** How endpoints that are pods are made (mode Native, and peer Native). */
  pod?: PodTemplate;
  /** How those endpoints are made that are VMs, before what the mode changes. Absent where none is. */
  vm?: VmTemplate;
}

/** An endpoint and what it was given. */
export interface GrantedEndpoint {
  /** Role and number of the pair, such as server-0. */
  name: string;
  /** What it is. */
  kind: EndpointKind;
  /** Name of the Pod or VirtualMachineInstance. */
  object: string;
  /** Node it runs on. */
  node: string;
  /** NetworkAttachmentDefinition of its data NIC. */
  attachment: string;
  /** Extended resource that it takes one of. Absent where the attachment has none. */
  resource?: string;
  /** Its data address with prefix length, such as 192.168.50.11/24. */
  address: string;
  /** Unicast MAC address of its data NIC, lower case. VMs only; that of a pod is read back. */
  mac?: string;
  /** Unicast MAC address of its management NIC, lower case. VMs only. */
  managementMac?: string;
}

/** What it is. */
export type EndpointKind = 'Pod' | 'VirtualMachineInstance';

/** Facts of one endpoint; they show which way the traffic went. */
export interface EndpointFacts {
  /** Role and number of the pair, such as server-0. */
  name: string;
  /** Name of the data NIC inside the endpoint. */
  interface: string;
  /** MAC address of the data NIC. */
  mac: string;
  /** Kernel driver of the data NIC, such as virtio_net or iavf. */
  driver: string;
  /** Bus of the data NIC; virtual where no device is behind it. */
  bus: 'pci' | 'virtio' | 'virtual';
  /** PCI address of the data NIC inside the endpoint. */
  pciAddress?: string;
  /** PCI address on its node of the VF behind the data NIC, as Multus or the pod itself tells. */
  hostPciAddress?: string;
  /** PCI address on its node of the PF that the VF belongs to. Absent where nobody tells. */
  pfPciAddress?: string;
  /**
   * NUMA node of the data NIC as the endpoint sees it. Absent where it has none. In a VM, of the VM's own topology;
   * that of the VF on its node is known to its kubelet only and not recorded.
   */
  numaNode?: number;
  /**
   * What the PF keeps for the VF. Only where the endpoint sees the PF; what the attachment does not ask for ends the
   * Trial as VFSettingsLeft.
   */
  vf?: {
    /** Number of the VF among its PF's. */
    index: number;
    /** VLAN that the PF puts its traffic into. 0 for none. */
    vlan: number;
    /** Upper bound of what it sends, in Mbit/s as iproute2 has it. 0 for none. */
    maxTxMbps: number;
    /** Guaranteed rate of what it sends, in Mbit/s. 0 for none. */
    minTxMbps: number;
    /** Whether the PF drops what it sends with another MAC address. */
    spoofCheck?: boolean;
    /** Whether the PF lets it change its MAC address and turn promiscuous. */
    trust?: boolean;
    /** Its link state, such as auto. */
    linkState?: string;
  };
  /** MTU of the data NIC in bytes. */
  mtu: number;
  /** Kernel release of the endpoint. */
  kernel: string;
  /** Measuring tools found there. At most 16. */
  tools: {
    /** Name of the tool. */
    name: string;
    /** Its version as it prints it. */
    version: string;
  }[];
}

/**
 * SameNode with VFs at both ends: whether the two VFs of each pair belong to one PF (traffic may turn round inside the
 * NIC), to two (it takes the wire), or some to one and some to two (Mixed). Absent where nobody tells.
 */
export type PhysicalFunctions = 'Same' | 'Different' | 'Mixed';

/** Endpoints of one node with the same fingerprint. */
export interface Fingerprint {
  /** SHA-256 over the fields in order of their names, sha256 and 64 hexadecimal digits. */
  digest: string;
  /** Node that they run on. */
  node: string;
  /** Their names, such as server-0. At most 128. */
  endpoints: string[];
  /** The fields in order of their names. At most 160. */
  fields: FingerprintField[];
}

/** One field. */
export interface FingerprintField {
  /** Name of the field, such as cpu.model or offload.tso. */
  name: string;
  /** Its value, as the system spells it. */
  value: string;
}

/** One value, or why there is none. Absent is never zero. */
export interface TrialMeasurement {
  /** Name of the test. */
  test: string;
  /** Values of the test's sweeps; those it does not sweep are absent. */
  point: Point;
  /** Number of the pair, from 0. */
  pair: number;
  /** Name of the metric. */
  metric: string;
  /** Unit of the value, an SI base unit or a quotient of them (s, bit/s, 1/s, 1). */
  unit: string;
  /** The value in that unit. Absent where the measurement is not valid. */
  value?: number;
  /** Why there is no value. At most 1024 characters. */
  reason?: string;
  /** Where the value was read. */
  source?: {
    /** The measuring tool. */
    tool: string;
    /** What of the tool's output, in the tool's own words, such as P50_LATENCY. */
    field: string;
    /** The end whose own count it is. Client is the end that timed whole transactions. */
    end: 'Receiver' | 'Sender' | 'Client';
  };
  /**
   * Closed when what is sent next waited for what came back, so that a stall hides the load that would have shown it
   * (coordinated omission). Open when it was sent by a schedule or without limit.
   */
  loop?: 'Closed' | 'Open';
}

/** The result document of one endpoint. */
export interface RawDocument {
  /** Name of the endpoint, such as client-0. */
  endpoint: string;
  /** SHA-256 of the document before packing, sha256 and 64 hexadecimal digits. */
  digest: string;
  /** The document, gzip and base64, at most 128 KiB. Empty where it is larger; the digest stays. */
  data: string;
}
