/**
 * Keeps a store equal to a collection of the API server: a paged list, then one watch after the other.
 * Resumes after the last resourceVersion seen; lists again only where the server no longer has it. Errors are logged
 * and never the end: only the signal ends `run`.
 */
import type { Logger } from '../log.ts';
import type { KubeClient } from './client.ts';
import { systemClock, sleep, type Clock } from './clock.ts';
import {
  ApiError,
  isBadRequest,
  isExpired,
  isForbidden,
  isNotFound,
  isVersionTooLarge,
  type ApiStatus,
} from './errors.ts';
import { definitionAppears } from './definition.ts';
import type { KubeObject, ResourceType } from './object.ts';
import { Recovery } from './recovery.ts';
import { Refreshes } from './refreshes.ts';
import type { Store } from './store.ts';
import type { WatchEvent } from './watch.ts';

export interface ReflectorOptions<T extends KubeObject> {
  client: KubeClient;
  type: ResourceType;
  store: Store<T>;
  /** One namespace; all of them without. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  log: Logger;
  pageSize?: number;
  clock?: Clock;
  random?: () => number;
  /** When the server ends a watch. */
  watchSeconds?: number;
  /** A watch that is silent for so long is taken for dead. Default: `watchSeconds` and 5 s more. */
  idleTimeoutMs?: number;
  /**
   * The kind may not be installed (404) or not be ours to read (403): synced as empty then. One that is not installed is
   * looked for when its CustomResourceDefinition appears; else every 30 s.
   */
  optional?: boolean;
  /** Called when `presence` has changed. */
  onPresence?: (presence: Presence) => void;
}

/** Of a kind: served; not known to the server; kept from us. */
export type Presence = 'Installed' | 'Absent' | 'Forbidden';

const ABSENT_RETRY_MS = 30_000;

export class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #synced = Promise.withResolvers<void>();
  readonly #recovery: Recovery;
  readonly #refreshes = new Refreshes();
  /** Where the next watch starts; undefined: list first. */
  #resourceVersion: string | undefined;
  #hasSynced = false;
  #presence: Presence = 'Installed';
  #refusal = '';
  #lists = 0;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log.child({ kind: options.type.kind });
    this.#recovery = new Recovery(this.#clock, options.random ?? Math.random);
    this.#synced.promise.catch(() => {});
  }

  /** Whether the store has been complete once. */
  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** Whether the server knows the kind and lets us read it. */
  get installed(): boolean {
    return this.#presence === 'Installed';
  }

  /** `Absent` only for an optional kind. */
  get presence(): Presence {
    return this.#presence;
  }

  /** What the server said where it keeps the kind from us: who may not do what; null where it does not. */
  get refusal(): string | null {
    return this.#presence === 'Forbidden' ? this.#refusal : null;
  }

  /** Complete lists taken since the start: more than one means that history was lost. */
  get lists(): number {
    return this.#lists;
  }

  /**
   * Resolves when the store is complete for the first time.
   * @throws the reason of `run`'s signal where that comes first.
   */
  synced(): Promise<void> {
    return this.#synced.promise;
  }

  /**
   * Lists again, however late the watch may be: resolves when the store holds all that was written before the call; at
   * once for a kind that is not there to be listed.
   * @throws the reason of `run`'s signal where that comes first.
   */
  async refresh(): Promise<void> {
    if (this.installed) await this.#refreshes.ask();
  }

  /** Runs until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#cycle(signal);
      } catch (error) {
        if (signal.aborted) break;
        await this.#recover(error, signal);
      }
    }
    this.#synced.reject(signal.reason as Error);
    this.#refreshes.fail(signal.reason as Error);
  }

  async #cycle(signal: AbortSignal): Promise<void> {
    while (this.#resourceVersion === undefined || this.#refreshes.isDue)
      this.#resourceVersion = await this.#list(signal);
    await this.#watch(signal);
    if (!signal.aborted && !this.#refreshes.isDue) await this.#sleep(this.#recovery.nextDelay(), signal);
  }

  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    if (this.#options.optional && (isNotFound(error) || isForbidden(error))) return this.#without(error, signal);
    const isKnown = isForbidden(error) && this.#presence === 'Forbidden';
    if (isForbidden(error)) this.#refused(error);
    const delay = this.#recovery.nextDelay(error);
    const delayMs = Math.round(delay);
    if (this.#resourceVersion !== undefined && mustRelist(error)) {
      this.#log.info({ err: error, resourceVersion: this.#resourceVersion, delayMs }, 'Listing again');
      this.#resourceVersion = undefined;
    } else {
      this.#log[isKnown ? 'debug' : 'warn']({ err: error, delayMs }, 'Watching again after a failure');
    }
    await this.#sleep(delay, signal);
  }

  async #without(error: unknown, signal: AbortSignal): Promise<void> {
    const isAbsent = isNotFound(error);
    this.#resourceVersion = undefined;
    const done = this.#refreshes.begin();
    this.#options.store.replaceAll([]);
    if (isAbsent) this.#become('Absent');
    else this.#refused(error);
    this.#markSynced();
    done();
    const { client, type } = this.#options;
    const appeared = isAbsent && (await definitionAppears(client, type, signal));
    // A definition that is there is served a moment later.
    await this.#sleep(appeared ? this.#recovery.nextDelay() : ABSENT_RETRY_MS, signal);
  }

  #refused(error: unknown): void {
    this.#refusal = error instanceof ApiError ? error.serverMessage : String(error);
    this.#become('Forbidden');
  }

  #become(presence: Presence): void {
    if (this.#presence === presence) return;
    this.#presence = presence;
    this.#log.info({ presence }, 'Kind');
    this.#options.onPresence?.(presence);
  }

  /** Reads the collection page by page into the store. @returns its resourceVersion. */
  async #list(signal: AbortSignal): Promise<string> {
    const done = this.#refreshes.begin();
    const { items, resourceVersion } = await this.#pages(signal);
    this.#lists++;
    this.#options.store.replaceAll(items, resourceVersion);
    this.#become('Installed');
    this.#markSynced();
    done();
    return resourceVersion;
  }

  async #pages(signal: AbortSignal): Promise<{ items: T[]; resourceVersion: string }> {
    const { client, type, store, pageSize = 500 } = this.#options;
    const reduce = (obj: T): T => store.reduce(obj);
    const opts = { signal, tries: 1 };
    let page = await client.list<T>(type, { ...this.#selectors(), limit: pageSize }, opts);
    const items = page.items.map(reduce);
    while (page.continue !== undefined) {
      try {
        page = await client.list<T>(type, { ...this.#selectors(), limit: pageSize, continue: page.continue }, opts);
      } catch (error) {
        if (!isExpired(error)) throw error;
        this.#log.info('Listing in one piece, the continue token expired');
        return await client.list<T>(type, this.#selectors(), opts);
      }
      items.push(...page.items.map(reduce));
    }
    return { items, resourceVersion: page.resourceVersion };
  }

  /** Takes in changes until the server ends the watch. */
  async #watch(signal: AbortSignal): Promise<void> {
    const { client, type, watchSeconds = 290 } = this.#options;
    const options = {
      ...this.#selectors(),
      resourceVersion: this.#resourceVersion ?? '',
      allowBookmarks: true,
      timeoutSeconds: watchSeconds,
      idleTimeoutMs: this.#options.idleTimeoutMs ?? (watchSeconds + 5) * 1000,
    };
    const start = this.#clock.now();
    let healthy = false;
    try {
      const interrupted = AbortSignal.any([signal, this.#refreshes.interruption()]);
      for await (const event of client.watch(type, options, interrupted)) {
        this.#apply(event);
        healthy = true;
        this.#become('Installed');
      }
    } finally {
      if (healthy || this.#recovery.isLong(this.#clock.now() - start)) this.#recovery.succeeded();
    }
  }

  #apply(event: WatchEvent): void {
    if (event.type === 'ERROR') throw errorOf(this.#options.type, event.object);
    const object = event.object as T;
    if (event.type === 'DELETED') this.#options.store.remove(object);
    if (event.type === 'ADDED' || event.type === 'MODIFIED') this.#options.store.upsert(object);
    this.#resourceVersion = object.metadata.resourceVersion ?? this.#resourceVersion;
  }

  #selectors(): { namespace?: string; labelSelector?: string; fieldSelector?: string } {
    const { namespace, labelSelector, fieldSelector } = this.#options;
    return {
      ...(namespace === undefined ? {} : { namespace }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    };
  }

  #markSynced(): void {
    if (this.#hasSynced) return;
    this.#hasSynced = true;
    this.#synced.resolve();
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    try {
      await sleep(this.#clock, ms, signal);
    } catch {
      // Aborted: the loop in `run` sees it.
    }
  }
}

/** The version we hold is of no use to the server any more: too old, not reached yet, or not understood. */
function mustRelist(error: unknown): boolean {
  return isExpired(error) || isVersionTooLarge(error) || isBadRequest(error);
}

function errorOf(type: ResourceType, status: ApiStatus): ApiError {
  return new ApiError(`WATCH ${type.plural}`, status.code ?? 500, status);
}
