/** The API server's verbs on objects of any kind, over one connection pool. */
import type { Logger } from '../log.ts';
import { KubeConfigConnection, loadKubeConfig, type Connection } from './connection.ts';
import { isNotFound } from './errors.ts';
import { apiVersionOf, pathOf, type KubeObject, type ObjectRef, type ResourceType } from './object.ts';
import { textOf } from './text.ts';
import { type ApiRequest, Transport, type RequestInfo } from './transport.ts';
import { watchEvents, type WatchEvent } from './watch.ts';

export interface CallOptions {
  signal?: AbortSignal;
  /** Over all tries; default 30 s. */
  timeoutMs?: number;
  /** 1 = no retries. Default 5. */
  tries?: number;
}

export interface ListOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  limit?: number;
  continue?: string;
  resourceVersion?: string;
}

export interface WatchOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  resourceVersion?: string;
  allowBookmarks?: boolean;
  /** When the server ends the watch by itself. */
  timeoutSeconds?: number;
  /** The watch fails after so long without a byte. Default: never. */
  idleTimeoutMs?: number;
  /** Objects come as their metadata alone (PartialObjectMetadata). */
  metadataOnly?: boolean;
}

export interface KubeList<T> {
  items: T[];
  resourceVersion: string;
  continue?: string;
}

export interface DeleteOptions extends CallOptions {
  /** Only this incarnation: another object of the same name is left alone. */
  uid?: string;
  resourceVersion?: string;
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  gracePeriodSeconds?: number;
}

export interface PatchOptions extends CallOptions {
  subresource?: string;
  contentType?: string;
}

interface CommonOptions {
  log: Logger;
  userAgent?: string;
  requestTimeoutMs?: number;
  /** Called after each exchange, for metrics. */
  onRequest?: (info: RequestInfo) => void;
  /** Asked before each write goes out; where it says no, the call fails as WriteBarredError. Default: always. */
  mayWrite?: () => boolean;
}

export const MERGE_PATCH = 'application/merge-patch+json';
export const JSON_PATCH = 'application/json-patch+json';
const METADATA_ONLY = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const APPLY_PATCH = 'application/apply-patch+yaml';

export class KubeClient {
  readonly #connection: Connection;
  readonly #transport: Transport;

  constructor(connection: Connection, options: CommonOptions) {
    this.#connection = connection;
    this.#transport = new Transport({
      connection,
      log: options.log,
      userAgent: options.userAgent ?? 'vfbench',
      timeoutMs: options.requestTimeoutMs ?? 30_000,
      onRequest: options.onRequest,
      mayWrite: options.mayWrite,
    });
  }

  /**
   * A client for the kubeconfig at path `kubeconfig`, or the one found by the usual rules (KUBECONFIG, ~/.kube/config,
   * the Pod's service account). Connects at the first call.
   * @throws Error where there is no usable kubeconfig.
   */
  static fromKubeConfig(
    options: CommonOptions & { kubeconfig?: string; context?: string; http2?: boolean },
  ): KubeClient {
    const config = loadKubeConfig(options.kubeconfig, options.context);
    return new KubeClient(new KubeConfigConnection(config, { http2: options.http2 ?? false }), options);
  }

  /** URL of the API server. */
  get server(): string {
    return this.#connection.server;
  }

  /** Namespace of the kubeconfig's context (in a Pod: the Pod's), if any. */
  get defaultNamespace(): string | undefined {
    return this.#connection.namespace;
  }

  get<T extends KubeObject = KubeObject>(type: ResourceType, ref: ObjectRef, opts: CallOptions = {}): Promise<T> {
    return this.#transport.json<T>({ verb: 'GET', path: pathOf(type, ref), repeatable: true, ...opts });
  }

  /** GET of any path, for what is not an object: `/version`, `/apis` ... */
  getPath<T = unknown>(path: string, opts: CallOptions = {}): Promise<T> {
    return this.#transport.json<T>({ verb: 'GET', path, repeatable: true, ...opts });
  }

  /** GET of any path as it comes, for what is no JSON, such as logs; at most `maxBytes` of it. Not retried. */
  async getText(path: string, options: Pick<ApiRequest, 'query' | 'signal'> & { maxBytes: number }): Promise<string> {
    const { maxBytes, ...rest } = options;
    const request = { verb: 'GET' as const, path, accept: '*/*', repeatable: true, ...rest };
    return textOf(await this.#transport.stream(request), maxBytes);
  }

  /** One page of a collection, or all of it without `limit`. Items carry apiVersion and kind. */
  async list<T extends KubeObject = KubeObject>(
    type: ResourceType,
    options: ListOptions = {},
    opts: CallOptions = {},
  ): Promise<KubeList<T>> {
    const { namespace, ...query } = options;
    const path = pathOf(type, { namespace });
    const reply = await this.#transport.json<{
      metadata?: { resourceVersion?: string; continue?: string };
      items?: T[] | null;
    }>({ verb: 'GET', path, query, repeatable: true, ...opts });
    const [apiVersion, kind] = [apiVersionOf(type), type.kind];
    const items = (reply.items ?? []).map((item) => ({ ...item, apiVersion, kind }));
    const page: KubeList<T> = { items, resourceVersion: reply.metadata?.resourceVersion ?? '' };
    if (reply.metadata?.continue) page.continue = reply.metadata.continue;
    return page;
  }

  /**
   * POST. Sent again only where the server surely did nothing: after a lost reply the caller cannot know, tries again
   * with the same name, and takes AlreadyExists with its own owner reference for success.
   */
  create<T extends KubeObject>(type: ResourceType, obj: T, opts: CallOptions = {}): Promise<T> {
    const path = pathOf(type, { namespace: obj.metadata.namespace });
    return this.#transport.json<T>({ verb: 'POST', path, body: obj, repeatable: false, ...opts });
  }

  /** PUT of the whole object; with a resourceVersion in it, it fails as Conflict where the object has changed. */
  replace<T extends KubeObject>(
    type: ResourceType,
    obj: T,
    options: { subresource?: string } & CallOptions = {},
  ): Promise<T> {
    const { subresource, ...opts } = options;
    const { namespace, name } = obj.metadata;
    const path = pathOf(type, { namespace, name, subresource });
    return this.#transport.json<T>({ verb: 'PUT', path, body: obj, repeatable: true, ...opts });
  }

  /**
   * JSON merge patch of `.status`: fields that are left out stay, null removes.
   * With `resourceVersion` it fails as Conflict where the object has changed since.
   */
  patchStatus<T extends KubeObject>(
    type: ResourceType,
    ref: ObjectRef & { resourceVersion?: string },
    status: object,
    opts: CallOptions = {},
  ): Promise<T> {
    const body =
      ref.resourceVersion === undefined ? { status } : { metadata: { resourceVersion: ref.resourceVersion }, status };
    return this.patch<T>(type, ref, body, { subresource: 'status', ...opts });
  }

  /** PATCH; a JSON merge patch unless `contentType` says otherwise. Sent again only where it holds a resourceVersion. */
  patch<T extends KubeObject>(
    type: ResourceType,
    ref: ObjectRef,
    body: unknown,
    options: PatchOptions = {},
  ): Promise<T> {
    const { subresource, contentType = MERGE_PATCH, ...opts } = options;
    const { namespace, name } = ref;
    return this.#transport.json<T>({
      verb: 'PATCH',
      path: pathOf(type, { namespace, name, subresource }),
      body,
      contentType,
      repeatable: hasResourceVersion(body),
      ...opts,
    });
  }

  /** Server-side apply: creates the object, or sets the fields given. `force` takes fields over from other managers. */
  apply<T extends KubeObject>(
    type: ResourceType,
    obj: T,
    options: { fieldManager: string; force?: boolean; subresource?: string } & CallOptions,
  ): Promise<T> {
    const { fieldManager, force, subresource, ...opts } = options;
    const { namespace, name } = obj.metadata;
    return this.#transport.json<T>({
      verb: 'PATCH',
      path: pathOf(type, { namespace, name, subresource }),
      query: { fieldManager, force },
      body: obj,
      contentType: APPLY_PATCH,
      repeatable: true,
      ...opts,
    });
  }

  /**
   * DELETE; an object that is not there counts as success. It may stay visible until its finalizers are done.
   * @throws ApiError Conflict where `uid` names another incarnation.
   */
  async remove(type: ResourceType, ref: ObjectRef, options: DeleteOptions = {}): Promise<void> {
    const { uid, resourceVersion, propagationPolicy, gracePeriodSeconds, ...opts } = options;
    const { namespace, name } = ref;
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      ...(uid !== undefined || resourceVersion !== undefined ? { preconditions: { uid, resourceVersion } } : {}),
      propagationPolicy,
      gracePeriodSeconds,
    };
    try {
      const path = pathOf(type, { namespace, name });
      await this.#transport.json({ verb: 'DELETE', path, body, repeatable: uid !== undefined, ...opts });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** DELETE of all objects of a namespace that match. */
  async removeCollection(
    type: ResourceType,
    where: { namespace: string; labelSelector: string },
    options: Pick<DeleteOptions, 'propagationPolicy' | 'gracePeriodSeconds'> & CallOptions = {},
  ): Promise<void> {
    const { propagationPolicy, gracePeriodSeconds, ...opts } = options;
    if (where.labelSelector === '') throw new Error('A collection is removed by a label selector only');
    await this.#transport.json({
      verb: 'DELETE',
      path: pathOf(type, { namespace: where.namespace }),
      query: { labelSelector: where.labelSelector },
      body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy, gracePeriodSeconds },
      repeatable: true,
      ...opts,
    });
  }

  /**
   * Changes after `resourceVersion`, until the server ends the watch or `signal` is aborted (both end the loop quietly).
   * ERROR frames are handed on. Never retried: see Reflector.
   * @throws ApiError, TransportError.
   */
  watch(type: ResourceType, options: WatchOptions, signal: AbortSignal): AsyncGenerator<WatchEvent, void, undefined> {
    const { namespace, idleTimeoutMs, allowBookmarks, metadataOnly, ...query } = options;
    const request = {
      verb: 'GET' as const,
      path: pathOf(type, { namespace }),
      query: { ...query, watch: true, allowWatchBookmarks: allowBookmarks },
      repeatable: true,
      ...(metadataOnly === true ? { accept: METADATA_ONLY } : {}),
    };
    return watchEvents(this.#transport, request, { signal, idleTimeoutMs });
  }

  /** Breaks all connections; calls and watches under way fail. */
  close(): Promise<void> {
    return this.#connection.close();
  }
}

function hasResourceVersion(body: unknown): boolean {
  if (typeof body !== 'object' || body === null || !('metadata' in body)) return false;
  return typeof (body.metadata as { resourceVersion?: unknown } | null)?.resourceVersion === 'string';
}
