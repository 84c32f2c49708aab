/** Hands out grants, all under one key: serial, fair, persisted before anything is created. */
import { dropCondition, findCondition, isTrue, setCondition } from '../api/conditions.ts';
import type { Experiment, Testbed, Trial, TrialStatus } from '../api/v1alpha1.ts';
import { isConflict, isNotFound, keyOf, type KubeObject, type ReconcileResult } from '../kube/index.ts';
import { admit, type AdmitInput } from '../plan/admit.ts';
import {
  allocate,
  type AllocationInput,
  type AllocationResult,
  type LiveGrant,
  type Request,
} from '../plan/allocate.ts';
import { endpointNeeds } from '../plan/endpoints.ts';
import { modeOf } from '../plan/expand.ts';
import { footprints, lingeringNodes } from '../plan/footprint.ts';
import { isDeleting } from '../plan/observed.ts';
import { same } from '../plan/status.ts';
import type { Place, Served } from '../plan/turns.ts';
import { emptyPlan } from '../plan/types.ts';
import type { Context } from './context.ts';
import { execute, RefusedError } from './execute.ts';
import { TRIALS } from '../api/kinds.ts';
import { Notices } from './notices.ts';
import { Turns } from './turns.ts';
import type { World } from './world.ts';

export const GRANTS_KEY = 'grants';
const RETRY_MS = 10_000;

type StoredTrial = Trial & KubeObject;

type Cluster = Pick<AdmitInput, 'nodes' | 'attachments'>;

interface Asking extends Pick<Cluster, 'attachments'> {
  isAdmitted: (experiment: Experiment, testbed: Testbed) => boolean;
}

/** Whether an Experiment may run now: the same for all of its Trials that wait, and asked once. */
function admission(cluster: Cluster): (experiment: Experiment, testbed: Testbed) => boolean {
  const answers = new Map<Experiment, boolean>();
  return (experiment, testbed) => {
    const answer = answers.get(experiment) ?? admit({ experiment, testbed, ...cluster }).admitted;
    answers.set(experiment, answer);
    return answer;
  };
}

const isHalted = (experiment: Experiment, trial: Trial): boolean =>
  experiment.spec.suspend || isDeleting(experiment) || isDeleting(trial);

/** Null for what may not run now: the Experiment says why, and looks again when that changes. */
function request(world: World, trial: StoredTrial, { isAdmitted, attachments }: Asking): Request | null {
  const { namespace = '', name, uid = '', creationTimestamp = '' } = trial.metadata;
  const experiment = world.experiments.get(`${namespace}/${trial.spec.experiment}`);
  const testbed = world.testbeds.get(`${namespace}/${trial.spec.testbed}`);
  const nodes = experiment?.status?.nodes;
  if (experiment === undefined || nodes === undefined || isHalted(experiment, trial)) return null;
  const mode = modeOf(experiment.spec, trial.spec.mode);
  if (mode === undefined || testbed === undefined) return null;
  if (!isAdmitted(experiment, testbed)) return null;
  return {
    trial: `${namespace}/${name}`,
    uid,
    namespace,
    name,
    testbed: `${namespace}/${trial.spec.testbed}`,
    createdAt: Date.parse(creationTimestamp) || 0,
    needs: endpointNeeds(testbed, mode, trial.spec, { nodes, attachments: attachments ?? new Map() }),
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

interface Observed {
  /** Null where nobody waits who may run: what others hold is not looked at then. */
  input: AllocationInput | null;
  /** Without a grant, and not to be given one now. */
  idle: StoredTrial[];
}

function observe(world: World, served: Served): Observed {
  const active = world.trials.byIndex('active', '');
  const waiting = active.filter((trial) => trial.status?.grant === undefined);
  const cluster = { nodes: world.nodesByName(), attachments: world.attachmentsByKey() };
  const asking = { isAdmitted: admission(cluster), attachments: cluster.attachments };
  const asked = waiting.map((trial) => ({ trial, request: request(world, trial, asking) }));
  const requests = asked.flatMap((each) => each.request ?? []);
  const idle = asked.flatMap((each) => (each.request === null ? [each.trial] : []));
  if (requests.length === 0) return { input: null, idle };
  const live = liveGrants([...active, ...world.departed.list()]);
  const pods = footprints(world.nodePods.list(), world.pods.list(), world.vmis.list());
  const input = {
    requests,
    live,
    testbeds: new Map(
      world.testbeds.list().map((testbed) => [`${testbed.metadata.namespace}/${testbed.metadata.name}`, testbed]),
    ),
    nodes: cluster.nodes,
    served,
    pods,
    lingering: lingeringNodes(pods, new Set(live.map((grant) => grant.uid))),
  };
  return { input, idle };
}

/** Writes to Trials; it knows which it does not know the outcome of. */
class Writer {
  readonly #context: Context;
  readonly #unknown = new Set<string>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** Reads what may have been written: no decision may rest on less. */
  async settle(): Promise<void> {
    const { world, executor } = this.#context;
    for (const key of this.#unknown) {
      const [namespace = '', name = ''] = key.split('/');
      try {
        world.trials.upsert(await executor.client.get<StoredTrial>(TRIALS, { namespace, name }));
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
      this.#unknown.delete(key);
    }
  }

  /** True where the status was written; false where there is nothing to write, or somebody else was first. */
  async write(key: string, status: (trial: StoredTrial) => TrialStatus | null): Promise<boolean> {
    const { world, executor, log } = this.#context;
    const trial = world.trials.get(key);
    const next = trial === undefined ? null : status(trial);
    if (trial === undefined || next === null) return false;
    const plan = { ...emptyPlan<TrialStatus>(), status: next };
    try {
      await execute(executor, { type: TRIALS, object: trial, store: world.trials }, plan);
      return true;
    } catch (error) {
      if (error instanceof RefusedError) log.error({ err: error, trial: key }, 'Cannot write a grant down');
      else this.#unknown.add(key);
      if (error instanceof RefusedError || isConflict(error) || isNotFound(error)) return false;
      throw error;
    }
  }
}

function granted(trial: StoredTrial, grant: LiveGrant['grant'], now: number): TrialStatus {
  const { generation } = trial.metadata;
  const message = `Server node ${grant.nodes.server}, client node ${grant.nodes.client}, ${grant.endpoints.length} endpoints`;
  const { queue: _, ...status } = trial.status ?? {};
  const conditions = setCondition(
    status.conditions ?? [],
    { type: 'Granted', status: 'True', reason: 'Granted', message },
    { now, generation },
  );
  return { ...status, ...(generation === undefined ? {} : { observedGeneration: generation }), grant, conditions };
}

interface Told {
  finding: { reason: string; message: string };
  place: Place;
}

/** Null where there is nothing new to tell. */
function refused(trial: StoredTrial, { finding, place }: Told, now: number): TrialStatus | null {
  const old = findCondition(trial.status?.conditions, 'Granted');
  const update = { type: 'Granted', status: 'False', ...finding } as const;
  const isSame = old?.reason === finding.reason && old.message === finding.message;
  if (isSame && same(trial.status?.queue, place)) return null;
  return {
    ...trial.status,
    queue: place,
    conditions: setCondition(trial.status?.conditions ?? [], update, { now, generation: trial.metadata.generation }),
  };
}

/** It has left the queue, and nothing is said of a place there: its Experiment says why. Null where nothing was. */
function idled(trial: StoredTrial): TrialStatus | null {
  const { queue, conditions = [], ...status } = trial.status ?? {};
  const isTold = queue !== undefined || findCondition(conditions, 'Granted') !== undefined;
  if (!isTold || isDeleting(trial)) return null;
  return { ...status, conditions: dropCondition(conditions, 'Granted') };
}

export function grantReconciler(context: Context): (key: string) => Promise<ReconcileResult> {
  const { world, now } = context;
  const notices = new Notices();
  const writer = new Writer(context);
  const turns = new Turns();

  /** @returns milliseconds until one of them is to be told something. */
  const tell = async (waiting: AllocationResult['refused']): Promise<number> => {
    notices.keep(waiting.map(({ request }) => request));
    const waits = waiting.map(({ request, finding }) => notices.wait(request, finding, now()));
    const due = waiting.filter((_, i) => waits[i] === 0);
    await Promise.all(
      due.map(async ({ request, finding, place }) => {
        if (await writer.write(request.trial, (t) => refused(t, { finding, place }, now())))
          notices.told(request, finding, now());
      }),
    );
    return Math.min(RETRY_MS, ...waits.filter((wait) => wait > 0));
  };

  return async () => {
    await writer.settle();
    const { input, idle } = observe(world, turns.served(world));
    await Promise.all(idle.map((trial) => writer.write(keyOf(trial), idled)));
    if (input === null) return;
    const wanted = new Set(input.requests.flatMap((r) => r.needs.map((need) => need.node)));
    const unknown = [...wanted].filter((node) => !world.nodePods.knows(node));
    if (unknown.length > 0) {
      await Promise.all(unknown.map((node) => world.nodePods.watch(node)));
      // Where others' pods are kept from us nothing is granted: Testbeds say so, and the end of that is a change of kinds.
      return unknown.every((node) => world.nodePods.knows(node)) ? { requeueAfterMs: 0 } : undefined;
    }
    const result = allocate(input);
    await Promise.all(
      result.granted.map(async ({ request, grant }) => {
        if (await writer.write(request.trial, (t) => granted(t, grant, now()))) turns.serve(request, now());
      }),
    );
    const wait = await tell(result.refused);
    const isWaiting = world.trials
      .byIndex('active', '')
      .some((t) => t.status?.grant === undefined && !isTrue(t.status?.conditions, 'Granted'));
    return isWaiting ? { requeueAfterMs: wait } : undefined;
  };
}
