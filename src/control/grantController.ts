/** Hands out grants, all under one key: serial, fair, persisted before anything is created. */
import { findCondition, isTrue, setCondition } from '../api/conditions.ts';
import { LABEL_TRIAL_UID } from '../api/labels.ts';
import type { Trial, TrialStatus } from '../api/v1alpha1.ts';
import { isConflict, type KubeObject, type ReconcileResult } from '../kube/index.ts';
import { admit, type AdmitInput } from '../plan/admit.ts';
import { allocate, type AllocationInput, type LiveGrant, type Request } from '../plan/allocate.ts';
import { endpointNeeds } from '../plan/endpoints.ts';
import { modeOf } from '../plan/expand.ts';
import { isLive } from '../plan/observed.ts';
import { emptyPlan } from '../plan/types.ts';
import type { Context } from './context.ts';
import { execute, RefusedError } from './execute.ts';
import { TRIALS } from './kinds.ts';
import type { World } from './world.ts';

export const GRANTS_KEY = 'grants';
/** A wait this short is the normal hand-over between two trials and not worth a write. */
const QUIET_MS = 3000;
const RETRY_MS = 10_000;

type StoredTrial = Trial & KubeObject;

type Cluster = Pick<AdmitInput, 'nodes' | 'attachments'>;

/** Null for what may not run now: the Experiment says why, and looks again when that changes. */
function request(world: World, trial: StoredTrial, cluster: Cluster): Request | null {
  const { namespace = '', name, uid = '', creationTimestamp = '', deletionTimestamp } = trial.metadata;
  const experiment = world.experiments.get(`${namespace}/${trial.spec.experiment}`);
  const testbed = world.testbeds.get(`${namespace}/${trial.spec.testbed}`);
  const nodes = experiment?.status?.nodes;
  if (experiment === undefined || nodes === undefined || deletionTimestamp !== undefined || experiment.spec.suspend)
    return null;
  const mode = modeOf(experiment.spec, trial.spec.mode);
  if (mode === undefined || testbed === undefined) return null;
  if (!admit({ experiment, testbed, ...cluster }).admitted) return null;
  return {
    trial: `${namespace}/${name}`,
    uid,
    namespace,
    name,
    testbed: `${namespace}/${trial.spec.testbed}`,
    createdAt: Date.parse(creationTimestamp) || 0,
    needs: endpointNeeds(testbed, mode, trial.spec, { nodes, attachments: cluster.attachments ?? new Map() }),
    nodes,
  };
}

function liveGrants(active: readonly StoredTrial[]): LiveGrant[] {
  return active.flatMap((trial) => {
    const grant = trial.status?.grant;
    const { namespace, name, uid = '' } = trial.metadata;
    return grant === undefined
      ? []
      : [{ trial: `${namespace}/${name}`, uid, testbed: `${namespace}/${trial.spec.testbed}`, grant }];
  });
}

/** Nodes on which pods of trials that are over or gone still live. */
function lingering(world: World, live: ReadonlySet<string>): Set<string> {
  const pods = world.pods
    .list()
    .filter((pod) => isLive(pod) && !live.has(pod.metadata.labels?.[LABEL_TRIAL_UID] ?? ''));
  return new Set(pods.flatMap((pod) => pod.spec.nodeName ?? []));
}

function observe(world: World, served: ReadonlyMap<string, number>): AllocationInput {
  const active = world.trials.byIndex('active', '');
  const live = liveGrants(active);
  const cluster = { nodes: world.nodesByName(), attachments: world.attachmentsByKey() };
  return {
    requests: active
      .filter((trial) => trial.status?.grant === undefined)
      .flatMap((trial) => request(world, trial, cluster) ?? []),
    live,
    testbeds: new Map(
      world.testbeds.list().map((testbed) => [`${testbed.metadata.namespace}/${testbed.metadata.name}`, testbed]),
    ),
    nodes: cluster.nodes,
    served,
    pods: world.podsOnNodes(),
    lingering: lingering(world, new Set(live.map((grant) => grant.uid))),
  };
}

async function write(context: Context, key: string, status: (trial: StoredTrial) => TrialStatus | null): Promise<void> {
  const { world, executor } = context;
  const trial = world.trials.get(key);
  const next = trial === undefined ? null : status(trial);
  if (trial === undefined || next === null) return;
  try {
    await execute(
      executor,
      { type: TRIALS, object: trial, store: world.trials },
      { ...emptyPlan<TrialStatus>(), status: next },
    );
  } catch (error) {
    if (error instanceof RefusedError) context.log.error({ err: error, trial: key }, 'Cannot write a grant down');
    else if (!isConflict(error)) throw error;
  }
}

function granted(trial: StoredTrial, grant: LiveGrant['grant'], now: number): TrialStatus {
  const { generation } = trial.metadata;
  const message = `Server node ${grant.nodes.server}, client node ${grant.nodes.client}, ${grant.endpoints.length} endpoints`;
  const conditions = setCondition(
    trial.status?.conditions ?? [],
    { type: 'Granted', status: 'True', reason: 'Granted', message },
    { now, generation },
  );
  return {
    ...trial.status,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    grant,
    conditions,
  };
}

function refused(trial: StoredTrial, finding: { reason: string; message: string }, now: number): TrialStatus | null {
  if (now - (Date.parse(trial.metadata.creationTimestamp ?? '') || now) < QUIET_MS) return null;
  const old = findCondition(trial.status?.conditions, 'Granted');
  if (old?.reason === finding.reason && old.message === finding.message) return null;
  const update = { type: 'Granted', status: 'False', ...finding } as const;
  return {
    ...trial.status,
    conditions: setCondition(trial.status?.conditions ?? [], update, { now, generation: trial.metadata.generation }),
  };
}

export function grantReconciler(context: Context): (key: string) => Promise<ReconcileResult> {
  const { world, now } = context;
  /** By namespace the number of its last grant; lost with a restart, which costs a turn at most. */
  const served = new Map<string, number>();
  let grants = 0;
  return async () => {
    const input = observe(world, served);
    if (input.requests.length === 0) return;
    const wanted = new Set(input.requests.flatMap((r) => r.needs.map((need) => need.node)));
    if ([...wanted].some((node) => !world.watches(node))) {
      await Promise.all([...wanted].map((node) => world.watchNode(node)));
      return { requeueAfterMs: 0 };
    }
    const result = allocate(input);
    for (const { request: granted } of result.granted) served.set(granted.namespace, ++grants);
    await Promise.all(
      result.granted.map(({ request: { trial }, grant }) => write(context, trial, (t) => granted(t, grant, now()))),
    );
    await Promise.all(
      result.refused.map(({ request: { trial }, finding }) => write(context, trial, (t) => refused(t, finding, now()))),
    );
    const waiting = world.trials
      .byIndex('active', '')
      .some((t) => t.status?.grant === undefined && !isTrue(t.status?.conditions, 'Granted'));
    if (!waiting) return;
    const young = result.refused.some(({ request: { createdAt } }) => now() - createdAt < QUIET_MS + 1000);
    return { requeueAfterMs: young ? QUIET_MS : RETRY_MS };
  };
}
