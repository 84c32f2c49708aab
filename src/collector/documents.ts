/** What endpoints may send, field by field and bounded: the only way from untrusted JSON to protocol types. */
import {
  FINGERPRINT_LIMITS,
  UNCHECKED_LIMITS,
  PROTOCOL_VERSION,
  type BarrierRequest,
  type CpuTimes,
  type Measurement,
  type MeasurementSource,
  type NicCounters,
  type NicFacts,
  type MovedBytes,
  type PointResult,
  type Problem,
  type RawOutput,
  type Registration,
  type ResultDocument,
  type VfSettings,
} from '../api/protocol.ts';
import {
  CheckError,
  type Check,
  boolean,
  integer,
  list,
  nullable,
  number,
  object,
  oneOf,
  record,
  text,
} from './check.ts';

const KIB = 1024;
const MAX_POINTS = 1024;
const MAX_PAIRS = 1024;
const MAX_RAW = 64 * KIB;
/** Year 2286: far enough for any clock, and a millisecond count that a double holds exactly. */
const MAX_MILLISECONDS = 1e13;
const COUNTER = integer(0, Number.MAX_SAFE_INTEGER);
const SECONDS = number(0, 1e12);
const TIME = number(0, MAX_MILLISECONDS);
const MAC = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/;
const PCI_ADDRESS = /^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/;
/** Visible ASCII without spaces: what kernels and tools use in names. */
const TOKEN = /^[!-~]*$/;
/** No control characters, so that a line in a log stays a line. */
const LINE = /^\P{Cc}*$/u;

/** Words of a field's name, joined by dots. */
const FINGERPRINT_FIELD = /^(?=.{1,64}$)[a-z][A-Za-z0-9]*(?:\.[A-Za-z0-9][A-Za-z0-9_-]*)*$/;

const version = integer(PROTOCOL_VERSION, PROTOCOL_VERSION);

/** Body of `POST /v1/problem`, and the errors inside results. */
export const problem: Check<Problem> = object<Problem>({
  reason: text(64, /^[A-Z][A-Za-z0-9]*$/),
  message: text(4 * KIB),
});

const RATE = integer(0, 10_000_000);

const vfSettings = object<VfSettings>(
  { index: integer(0, 65_535), vlan: integer(0, 4095), maxTxMbps: RATE, minTxMbps: RATE },
  { spoofCheck: boolean, trust: boolean, linkState: text(16, TOKEN) },
);

const nicFacts = object<NicFacts>(
  {
    interface: text(64, TOKEN),
    mac: text(17, MAC),
    driver: text(64, TOKEN),
    bus: oneOf('pci', 'virtio', 'virtual'),
    pciAddress: nullable(text(16, PCI_ADDRESS)),
    mtu: integer(0, 1_000_000),
    address: text(64, /^[0-9a-f.:]+\/[0-9]{1,3}$/),
  },
  { numaNode: integer(0, 1023), pfPciAddress: text(16, PCI_ADDRESS), vf: vfSettings },
);

/** Body of `POST /v1/register`. */
export const registration: Check<Registration> = object<Registration>(
  {
    version,
    nic: nicFacts,
    kernel: text(256, LINE),
    tools: record(16, /^[a-z][a-z0-9-]{0,31}$/, nullable(text(256, LINE))),
    runner: text(64, LINE),
  },
  { fingerprint: record(FINGERPRINT_LIMITS.fields, FINGERPRINT_FIELD, text(FINGERPRINT_LIMITS.value, LINE)) },
);

const values = object<Measurement>(
  {
    metric: text(64, /^[A-Za-z][A-Za-z0-9]*$/),
    unit: text(32, /^[!-~]+$/),
    value: nullable(number(-Number.MAX_VALUE, Number.MAX_VALUE)),
    reason: nullable(text(KIB)),
  },
  {
    source: object<MeasurementSource>({
      tool: text(32, /^[a-z][a-z0-9-]*$/),
      field: text(96, /^\P{Cc}+$/u),
      end: oneOf('Receiver', 'Sender', 'Client'),
    }),
    loop: oneOf('Closed', 'Open'),
  },
);

const measurement: Check<Measurement> = (value, path) => {
  const checked = values(value, path);
  if ((checked.value === null) === (checked.reason === null)) throw new CheckError(path, 'either a value or a reason');
  return checked;
};

const raw = object<RawOutput>({
  tool: text(64, LINE),
  version: text(256, LINE),
  command: list(128, text(4 * KIB)),
  exitCode: nullable(integer(-256, 256)),
  stdout: text(MAX_RAW),
  stderr: text(MAX_RAW),
  truncated: boolean,
});

const counters = object<NicCounters>({ rxBytes: COUNTER, txBytes: COUNTER, rxPackets: COUNTER, txPackets: COUNTER });
const cpu = object<CpuTimes>({ user: SECONDS, system: SECONDS, softirq: SECONDS, steal: SECONDS, idle: SECONDS });

const moved = object<MovedBytes>({ toServer: COUNTER, toClient: COUNTER });

const point = object<PointResult>(
  {
    id: integer(0, 1_000_000),
    startedAt: TIME,
    endedAt: TIME,
    measurements: list(64, measurement),
    error: nullable(problem),
    raw,
    nic: object<PointResult['nic']>({ before: counters, after: counters }),
    cpu: object<PointResult['cpu']>({ before: cpu, after: cpu }),
  },
  { synchronizedAt: TIME, bulk: raw, moved },
);

/** Body of `POST /v1/result`: no two results of one point. */
export const resultDocument: Check<ResultDocument> = (value, path) => {
  const document = object<ResultDocument>(
    { version, registration, points: list(MAX_POINTS, point), error: nullable(problem) },
    { unchecked: list(UNCHECKED_LIMITS.entries, text(UNCHECKED_LIMITS.text, LINE)) },
  )(value, path);
  if (new Set(document.points.map(({ id }) => id)).size < document.points.length) {
    throw new CheckError('points', 'ids that differ');
  }
  return document;
};

/** Body of `POST /v1/barrier/{step}`. */
export const barrierRequest: Check<BarrierRequest> = object<BarrierRequest>({ pairs: integer(1, MAX_PAIRS) });
