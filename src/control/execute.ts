/** Carries a plan out: status, then creations, removals, events. */
import {
  ApiError,
  EventRecorder,
  isAlreadyExists,
  isBadRequest,
  isConflict,
  isForbidden,
  isInvalid,
  type KubeClient,
  type KubeObject,
  keyOf,
  type ResourceType,
  type Store,
} from '../kube/index.ts';
import type { Finding } from '../plan/observed.ts';
import type { Plan, PlannedObject, Removal } from '../plan/types.ts';
import { typeOf } from './kinds.ts';
import { type Json, mergePatch } from './patch.ts';

export interface Executor {
  client: KubeClient;
  events: EventRecorder;
  /** Where the answers to writes go, by kind: so that the next plan sees them. */
  stores: Record<string, Store<KubeObject> | undefined>;
}

export interface Subject<T extends KubeObject> {
  type: ResourceType;
  object: T;
  store: Store<T>;
}

/** The API server will not have something. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  /** Its message holds the server's own words. */
  readonly finding: Finding;
  /** How long it is worth trying again, in milliseconds; 0 where the answer would surely be the same. */
  readonly patienceMs: number;

  constructor(finding: Finding, patienceMs: number, cause?: ApiError) {
    super(`${finding.reason}: ${finding.message}`, { cause });
    this.finding = finding;
    this.patienceMs = patienceMs;
  }
}

/** A namespace without its service account yet, a quota that is about to be free: such 403s pass, or never will. */
const FORBIDDEN_PATIENCE_MS = 10_000;

/**
 * The status write fails as Conflict where the object has changed since it was read: the caller plans again.
 * @throws ApiError, TransportError; RefusedError where the status or an object of the plan is turned down for good.
 */
export async function execute<T extends KubeObject & { status?: object }, S extends object>(
  { client, events, stores }: Executor,
  { type, object, store }: Subject<T>,
  plan: Plan<S>,
): Promise<void> {
  if (plan.status !== undefined) {
    const { namespace = '', name, resourceVersion } = object.metadata;
    const patch = mergePatch({ ...object.status } as Json, { ...plan.status } as Json);
    const at = { namespace, name, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
    if (Object.keys(patch).length > 0) store.upsert(await client.patchStatus<T>(type, at, patch).catch(statusRefused));
  }
  const [first, ...rest] = plan.create;
  // A Secret is before the endpoints that mount it; the others may go out together.
  if (first !== undefined) await make(client, stores, first);
  await all(rest.map((planned) => make(client, stores, planned)));
  for (const removal of plan.remove) await remove(client, removal);
  for (const note of plan.events) await events.event(object, note);
}

/** Waits for all, also where one fails: what is still under way could be created after the clean-up that follows. */
async function all(deeds: Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(deeds);
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as Error] : []));
  const first = failures.find((failure) => failure instanceof RefusedError) ?? failures[0];
  if (first !== undefined) throw first;
}

/** A missing right (403) is the operator's trouble, not the object's: that is tried again. */
function statusRefused(error: unknown): never {
  if (!isRefusal(error) || isForbidden(error)) throw error;
  const message = `The API server will not store this status: ${error.serverMessage}`;
  throw new RefusedError({ reason: 'StatusRefused', message }, 0, error);
}

async function make(client: KubeClient, stores: Executor['stores'], planned: PlannedObject): Promise<void> {
  const type = typeOf(planned.kind);
  try {
    const created = await client.create<KubeObject>(type, planned as KubeObject);
    stores[planned.kind]?.upsert(created);
  } catch (error) {
    refuse(error);
    if (!isAlreadyExists(error)) throw error;
    await adopt(client, stores, planned);
  }
}

/** A webhook that does not answer is an internal error of the server, and passes when somebody mends it. */
function refuse(error: unknown): void {
  if (!(error instanceof ApiError)) return;
  const { serverMessage: message, status } = error;
  if (isForbidden(error)) throw new RefusedError({ reason: 'AdmissionRefused', message }, FORBIDDEN_PATIENCE_MS, error);
  if (isRefusal(error)) throw new RefusedError({ reason: 'AdmissionRefused', message }, 0, error);
  if (status === 500) throw new RefusedError({ reason: 'CreationFailed', message }, Infinity, error);
}

/** Validation, admission and authorization, size: etcd's bound on an object comes as an internal error of the server. */
const isRefusal = (error: unknown): error is ApiError =>
  isInvalid(error) ||
  isBadRequest(error) ||
  isForbidden(error) ||
  (error instanceof ApiError && (error.status === 413 || error.serverMessage.includes('request is too large')));

/**
 * Ours already, if made before a crash or a lost reply; anybody else's object of that name is not touched. What an
 * earlier owner of the same name left behind goes by itself, so this is tried again. A Secret is ours by its name, which
 * holds the owner's UID.
 */
async function adopt(client: KubeClient, stores: Executor['stores'], planned: PlannedObject): Promise<void> {
  const { namespace = '', name, ownerReferences } = planned.metadata;
  const owner = ownerReferences?.[0];
  if (planned.kind === 'Secret') return;
  const found = await client.get<KubeObject>(typeOf(planned.kind), { namespace, name });
  const owners = found.metadata.ownerReferences ?? [];
  if (owners.some(({ uid }) => uid === owner?.uid)) return stores[planned.kind]?.upsert(found);
  const message = `${planned.kind} ${keyOf(found)} exists and belongs to somebody else`;
  const isEarlier = owners.some(({ apiVersion, kind }) => apiVersion === owner?.apiVersion && kind === owner.kind);
  if (isEarlier || found.metadata.deletionTimestamp !== undefined) throw new Error(message);
  throw new RefusedError({ reason: 'NameTaken', message: `${message}: it is in the way, delete it` }, 0);
}

export async function remove(client: KubeClient, removal: Removal): Promise<void> {
  const type = typeOf(removal.kind);
  const { namespace } = removal;
  if ('name' in removal) {
    const { name, uid } = removal;
    return client.remove(type, { namespace, name }, uid === undefined ? {} : { uid }).catch((error: unknown) => {
      // Another object has the name by now: the one that was meant is gone.
      if (uid === undefined || !isConflict(error)) throw error;
    });
  }
  return client.removeCollection(type, { namespace, labelSelector: removal.labelSelector });
}
