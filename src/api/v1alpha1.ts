// Generated from crds/ by `npm run gen`. Do not edit.  (DRAFT written by hand: the generator replaces it)
export type ModeType = 'Native' | 'Virtio' | 'Passthrough';
export type Placement = 'CrossNode' | 'SameNode';
export type Protocol = 'TCP' | 'UDP';
export type TestType = 'RequestResponse' | 'Stream';
export type Direction = 'Forward' | 'Reverse' | 'Bidirectional';
export type EndpointKind = 'Pod' | 'VirtualMachineInstance';
export type Verdict = 'Baseline' | 'Better' | 'Worse' | 'Equivalent' | 'Inconclusive';
export type Outcome = 'Passed' | 'Failed' | 'Inconclusive' | 'None';

export interface ObjectMeta {
  name: string; namespace?: string; uid?: string; resourceVersion?: string; generation?: number;
  creationTimestamp?: string; deletionTimestamp?: string; labels?: Record<string, string>;
  annotations?: Record<string, string>; ownerReferences?: OwnerReference[]; finalizers?: string[];
}
export interface OwnerReference { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean; blockOwnerDeletion?: boolean }
export interface Condition { type: string; status: 'True' | 'False' | 'Unknown'; reason: string; message: string; lastTransitionTime: string; observedGeneration?: number }

export interface Testbed { apiVersion: 'vfbench.io/v1alpha1'; kind: 'Testbed'; metadata: ObjectMeta; spec: TestbedSpec; status?: TestbedStatus }
export interface TestbedSpec {
  nodes: { server: NodeSet; client: NodeSet };
  link: { bitsPerSecond: string | number; mtu: number };   // mtu default 1500
  subnet: string;
  networks: Network[];
  pod: PodTemplate;
  vm?: VmTemplate;             // required where an Experiment has a VM mode
  concurrency: number;         // default 1
  timeouts: Timeouts;          // all defaulted
}
export interface NodeSet { names?: string[]; selector?: { matchLabels: Record<string, string> } }
export interface Network { name: string; attachment: string; resource?: string }
export interface PodTemplate { image: string; imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never'; resources?: { requests?: Record<string, string | number>; limits?: Record<string, string | number> } }
export interface VmTemplate { image: string; cores: number; memory: string | number; hugepages?: string; dedicatedCPU: boolean; multiqueue: boolean }
export interface VmOverrides { cores?: number; memory?: string | number; hugepages?: string; dedicatedCPU?: boolean; multiqueue?: boolean }
/** Seconds; each wait of a Trial is bounded by its own. */
export interface Timeouts { scheduleSeconds: number; startSeconds: number; marginSeconds: number; cleanupSeconds: number }
export interface TestbedStatus { observedGeneration?: number; conditions?: Condition[]; nodes?: NodeStatus[] }
export interface NodeStatus { name: string; roles: ('Server' | 'Client')[]; kernel?: string; environment?: string; resources: { name: string; allocatable: number; inUse: number }[] }

export interface Experiment { apiVersion: 'vfbench.io/v1alpha1'; kind: 'Experiment'; metadata: ObjectMeta; spec: ExperimentSpec; status?: ExperimentStatus }
export interface ExperimentSpec {
  testbed: string;
  modes: Mode[];
  baseline: string;
  placements: Placement[];     // default [CrossNode]
  pairs: number[];             // default [1]
  tests: Test[];
  blocks: { min: number; max: number; precisionPercent: number; retries: number };  // 6, 30, 3, 2
  durationSeconds: number;     // default 10
  warmupSeconds: number;       // default 1
  comparison: { confidencePercent: number; equivalencePercent: number };  // 95, 5
  expectations?: Expectation[];
  seed?: number;
  suspend: boolean;
  ttlSecondsAfterFinished?: number;
}
export interface Mode { name: string; type: ModeType; network?: string; peer?: 'Native'; vm?: VmOverrides }
export interface Test { name: string; type: TestType; protocol: Protocol; messageBytes?: number[]; streams?: number[]; direction: Direction }
export interface Expectation { test: string; metric: string; mode: string; ratioAtMost?: string; ratioAtLeast?: string; atMost?: string; atLeast?: string }
export interface ExperimentStatus {
  observedGeneration?: number;
  conditions?: Condition[];
  seed?: number;
  nodes?: { server: string; client: string };
  environment?: string;
  progress?: Progress;
  results?: ResultRow[];
  verdict?: Outcome;
  startTime?: string;
  completionTime?: string;
}
export interface Progress { blocks: number; plannedBlocks: number; trials: number; plannedTrials: number; failed: number; running?: string }
export interface Point { messageBytes?: number; streams?: number }
export interface ResultRow {
  test: string; point: Point; placement: Placement; pairs: number; metric: string; unit: string; better: 'Lower' | 'Higher';
  mode: string; n: number; median: number | null; low?: number; high?: number; ratio?: { median: number; low?: number; high?: number };
  verdict: Verdict; message?: string;
}

export interface Trial { apiVersion: 'vfbench.io/v1alpha1'; kind: 'Trial'; metadata: ObjectMeta; spec: TrialSpec; status?: TrialStatus }
export interface TrialSpec { experiment: string; testbed: string; mode: string; placement: Placement; pairs: number; block: number; attempt: number }
export interface TrialStatus {
  observedGeneration?: number;
  conditions?: Condition[];
  grant?: Grant;
  endpoints?: EndpointFacts[];
  measurements?: TrialMeasurement[];
  /** gzip + base64 of each endpoint's result document, with its SHA-256; dropped from the operator's cache. */
  raw?: { endpoint: string; digest: string; data: string }[];
  startTime?: string;
  measuredSeconds?: number;
  completionTime?: string;
}
export interface Grant { nodes: { server: string; client: string }; endpoints: GrantedEndpoint[] }
export interface GrantedEndpoint {
  name: string; kind: EndpointKind; object: string; node: string; attachment: string;
  resource?: string; address: string; mac?: string; managementMac?: string;
}
export interface EndpointFacts { name: string; interface: string; mac: string; driver: string; bus: 'pci' | 'virtio' | 'virtual'; pciAddress?: string; mtu: number; kernel: string; tools: { name: string; version: string }[] }
export interface TrialMeasurement { test: string; point: Point; pair: number; metric: string; unit: string; value?: number; reason?: string }
