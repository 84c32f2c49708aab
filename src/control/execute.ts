/** Carries a plan out: status, then creations, removals, events. */
import {
  ApiError,
  EventRecorder,
  isAlreadyExists,
  isBadRequest,
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

/** The API server will not have an object, and trying again would be answered the same way. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  /** The server's own words. */
  readonly finding: Finding;

  constructor(planned: PlannedObject, cause: ApiError) {
    super(`${planned.kind} ${planned.metadata.name} is refused: ${cause.serverMessage}`, { cause });
    this.finding = { reason: 'AdmissionRefused', message: cause.serverMessage };
  }
}

/**
 * The status write is refused where the object has changed since it was read: the caller plans again.
 * @throws ApiError, TransportError; RefusedError where an object of the plan is turned down for good.
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
    if (Object.keys(patch).length > 0) store.upsert(await client.patchStatus<T>(type, at, patch));
  }
  const [first, ...rest] = plan.create;
  // A Secret is before the endpoints that mount it; the others may go out together.
  if (first !== undefined) await make(client, stores, first);
  await Promise.all(rest.map((planned) => make(client, stores, planned)));
  for (const removal of plan.remove) await remove(client, removal);
  for (const note of plan.events) await events.event(object, note);
}

async function make(client: KubeClient, stores: Executor['stores'], planned: PlannedObject): Promise<void> {
  const type = typeOf(planned.kind);
  try {
    const created = await client.create<KubeObject>(type, planned as KubeObject);
    stores[planned.kind]?.upsert(created);
  } catch (error) {
    if (isRefusal(error)) throw new RefusedError(planned, error);
    if (!isAlreadyExists(error)) throw error;
    await adopt(client, stores, planned);
  }
}

const isRefusal = (error: unknown): error is ApiError => isInvalid(error) || isBadRequest(error) || isForbidden(error);

/**
 * Ours already, if made before a crash or a lost reply; anybody else's object of that name is not touched.
 * It may go, as what an earlier owner of the same name left behind does: so this is tried again.
 * A Secret is ours by its name, which holds the owner's UID.
 */
async function adopt(client: KubeClient, stores: Executor['stores'], planned: PlannedObject): Promise<void> {
  const { namespace = '', name, ownerReferences } = planned.metadata;
  const owner = ownerReferences?.[0];
  if (planned.kind === 'Secret') return;
  const found = await client.get<KubeObject>(typeOf(planned.kind), { namespace, name });
  if (!found.metadata.ownerReferences?.some((reference) => reference.uid === owner?.uid)) {
    throw new Error(`${planned.kind} ${keyOf(found)} exists and belongs to somebody else`);
  }
  stores[planned.kind]?.upsert(found);
}

async function remove(client: KubeClient, removal: Removal): Promise<void> {
  const type = typeOf(removal.kind);
  const { namespace } = removal;
  if ('name' in removal) return client.remove(type, { namespace, name: removal.name });
  return client.removeCollection(type, { namespace, labelSelector: removal.labelSelector });
}
