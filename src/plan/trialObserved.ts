/** All that a Trial's plan may look at: one consistent snapshot. */
import type { Problem, Registration, ResultDocument, TestPoint } from '../api/protocol.ts';
import type { Experiment, Mode, Testbed, Trial } from '../api/v1alpha1.ts';
import type { Finding, NetworkAttachment, Node, Pod, ObjectEvent, Vmi } from './observed.ts';
import type { SriovNodeState } from './preflight/observed.ts';
import type { Credentials } from './render/secret.ts';
import type { Troubles } from './troubles.ts';

/** What the collector has heard of one endpoint. */
export interface EndpointReport {
  registration: Registration | null;
  result: ResultDocument | null;
  /** The document as it came: gzip in base64, and `sha256:` of the JSON. */
  raw: { digest: string; data: string } | null;
  /** Why the endpoint gave up before registering, or why its document was turned down. */
  fault: Problem | null;
}

export interface TrialObserved {
  trial: Trial;
  experiment: Experiment | null;
  testbed: Testbed | null;
  mode: Mode | null;
  /** In the order in which this trial runs them. */
  points: TestPoint[];
  /** Tools those points need. */
  tools: string[];
  /** Children of this Trial (by UID), launcher pods included. */
  pods: readonly Pod[];
  vmis: readonly Vmi[];
  events: readonly ObjectEvent[];
  nodes: ReadonlyMap<string, Node>;
  /** Those of its endpoints, by `namespace/name`, as far as they exist. */
  attachments: ReadonlyMap<string, NetworkAttachment>;
  /** The SR-IOV network operator's view of the endpoints' nodes, by node; empty where there is none. */
  sriovStates: ReadonlyMap<string, SriovNodeState>;
  reports: ReadonlyMap<string, EndpointReport>;
  /** Endpoints that this process has seen to exist. */
  seen: ReadonlySet<string>;
  /** Since when what holds endpoints up has done so. */
  troubles: Troubles;
  /** True once this process has asked for the removal of all children, the Secret among them. */
  secretRemoved: boolean;
  /** UIDs of what was just asked to go, and may not be seen going yet. */
  asked?: ReadonlySet<string>;
  /** Why the API server will not have one of this Trial's children, as it said so itself. */
  refused?: Finding | null;
  credentials: Credentials;
  /** `sha256:` of a text. */
  digest: (text: string) => string;
}
