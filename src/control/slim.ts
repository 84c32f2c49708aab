/**
 * What the cache keeps of a Trial. Raw results stay in the cluster, but for their digests; of a finished Trial only what
 * plans, statistics and the report read is kept, with equal texts and points shared: ten thousand of them must fit.
 */
import { isTrue } from '../api/conditions.ts';
import type { EndpointFacts, Fingerprint, Point, Trial, TrialMeasurement, TrialStatus } from '../api/v1alpha1.ts';
import { pointKey } from '../results/catalogue.ts';

/** Values that repeat from Trial to Trial; bounded, since what is shared is never dropped. */
const SHARED_LIMIT = 20_000;
const texts = new Map<string, string>();
const points = new Map<string, Point>();
const fields = new Map<string, Fingerprint['fields']>();
const tools = new Map<string, EndpointFacts['tools']>();

function share<T>(known: Map<string, T>, key: string, value: T): T {
  const found = known.get(key);
  if (found !== undefined) return found;
  if (known.size < SHARED_LIMIT) known.set(key, value);
  return value;
}

const text = (value: string): string => share(texts, value, value);

type Raw = NonNullable<TrialStatus['raw']>[number];
type Source = NonNullable<TrialMeasurement['source']>;
const sources = new Map<string, Source>();
const sharedSource = (source: Source): Source => share(sources, `${source.tool}/${source.field}/${source.end}`, source);

function sharedMeasurement(measurement: TrialMeasurement): TrialMeasurement {
  const { test, point, pair, metric, unit, value, reason, source, loop } = measurement;
  return {
    test: text(test),
    point: share(points, pointKey('', point), point),
    pair,
    metric: text(metric),
    unit: text(unit),
    ...(value === undefined ? {} : { value }),
    ...(reason === undefined ? {} : { reason: text(reason) }),
    ...(source === undefined ? {} : { source: sharedSource(source) }),
    ...(loop === undefined ? {} : { loop }),
  };
}

/** Equal digests are equal fields: the operator made them both. */
function sharedFingerprint({ digest, node, endpoints, fields: own }: Fingerprint): Fingerprint {
  return { digest: text(digest), node: text(node), endpoints: endpoints.map(text), fields: share(fields, digest, own) };
}

function sharedFacts(facts: EndpointFacts): EndpointFacts {
  const { driver, kernel, tools: own } = facts;
  return { ...facts, driver: text(driver), kernel: text(kernel), tools: share(tools, JSON.stringify(own), own) };
}

/** The data stay empty, as where they were too large to be stored. */
const rawDigest = ({ endpoint, digest }: Raw): Raw => ({ endpoint: text(endpoint), digest, data: '' });

const KEPT_CONDITIONS: ReadonlySet<string> = new Set(['Finished', 'Succeeded']);

/** The Trial as the cache keeps it; the object given is not changed. */
export function slim<T extends Trial>(trial: T): T {
  if (trial.status === undefined) return trial;
  const { raw, ...status } = trial.status;
  if (!isTrue(status.conditions, 'Finished')) return { ...trial, status };
  const { name, namespace, uid, resourceVersion, generation, creationTimestamp, labels, ownerReferences } =
    trial.metadata;
  const identity = { name, namespace, uid, resourceVersion, generation, creationTimestamp, labels, ownerReferences };
  const { deletionTimestamp } = trial.metadata;
  const { experiment, testbed, mode, placement, pairs, block, attempt } = trial.spec;
  return {
    apiVersion: trial.apiVersion,
    kind: trial.kind,
    metadata: {
      ...identity,
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    spec: { experiment: text(experiment), testbed: text(testbed), mode: text(mode), placement, pairs, block, attempt },
    status: {
      conditions: (status.conditions ?? [])
        .filter(({ type }) => KEPT_CONDITIONS.has(type))
        .map((condition) => ({ ...condition, reason: text(condition.reason), message: text(condition.message) })),
      ...(status.endpoints === undefined ? {} : { endpoints: status.endpoints.map(sharedFacts) }),
      ...(status.fingerprints === undefined ? {} : { fingerprints: status.fingerprints.map(sharedFingerprint) }),
      ...(status.startTime === undefined ? {} : { startTime: status.startTime }),
      ...(status.completionTime === undefined ? {} : { completionTime: status.completionTime }),
      ...(status.measurements === undefined ? {} : { measurements: status.measurements.map(sharedMeasurement) }),
      ...(raw === undefined ? {} : { raw: raw.map(rawDigest) }),
    },
  } as T;
}
