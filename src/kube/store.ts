/**
 * The local copy of one kind: what the reflector read, plus the answers to our own writes.
 * Objects in it are shared: readers must not change them.
 */
import { compareVersions, keyOf, type KubeObject } from './object.ts';

export interface Change<T> {
  type: 'upsert' | 'delete';
  object: T;
  /** What was there before an upsert, if anything. */
  old?: T;
}

export type Listener<T> = (change: Change<T>) => void;

export interface StoreOptions<T> {
  /** Per index the values under which an object is found. */
  indexes?: Record<string, (obj: T) => string[]>;
  /**
   * Applied to each object before it is stored, to keep only what is used. Must keep what of metadata is used, and give the
   * same for what it gave already.
   */
  transform?: (obj: T) => T;
}

/** How many deletions are remembered, to tell late answers of writes from new objects. */
const REMEMBERED_DELETIONS = 4096;

export class Store<T extends KubeObject> {
  readonly #objects = new Map<string, T>();
  readonly #indexers: Record<string, (obj: T) => string[]>;
  readonly #indexes = new Map<string, Map<string, Map<string, T>>>();
  readonly #transform: (obj: T) => T;
  readonly #listeners = new Set<Listener<T>>();
  /** UID of a deleted object -> resourceVersion of its deletion. */
  readonly #deleted = new Map<string, string>();

  constructor(options: StoreOptions<T> = {}) {
    this.#indexers = options.indexes ?? {};
    this.#transform = options.transform ?? ((obj) => obj);
    for (const index of Object.keys(this.#indexers)) this.#indexes.set(index, new Map());
  }

  get size(): number {
    return this.#objects.size;
  }

  /** The object at `namespace/name` (or `name`). */
  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(): T[] {
    return [...this.#objects.values()];
  }

  /**
   * Objects that the named index files under `value`.
   * @throws Error if the store has no such index.
   */
  byIndex(index: string, value: string): T[] {
    const values = this.#indexes.get(index);
    if (!values) throw new Error(`The store has no index ${index}`);
    return [...(values.get(value)?.values() ?? [])];
  }

  /** An object as it will be stored: a long list is made small page by page, before it is whole. */
  reduce(obj: T): T {
    return this.#transform(withoutManagedFields(obj));
  }

  /**
   * Takes in an object, from the watch or as the answer to a write of ours.
   * Ignored if it is not newer than what is there, or if its deletion was seen since.
   */
  upsert(obj: T): void {
    if (this.#isStale(obj)) return;
    this.#put(obj);
  }

  /** Takes out a deleted object. For the reflector only; ignored if what is there is newer than the deletion. */
  remove(obj: T): void {
    this.#remember(obj.metadata.uid, obj.metadata.resourceVersion);
    const current = this.#objects.get(keyOf(obj));
    if (!current || isNewer(current, obj.metadata.resourceVersion)) return;
    this.#drop(current);
  }

  /**
   * Makes the store equal to a complete list, in one step; listeners hear of the differences afterwards.
   * Objects newer than the list (`resourceVersion`: of the list) are kept: they are our own writes since.
   */
  replaceAll(items: T[], resourceVersion?: string): void {
    const listed = new Map(items.map((item) => [keyOf(item), item]));
    const changes: Change<T>[] = [];
    for (const [key, current] of this.#objects) {
      if (listed.has(key) || isNewer(current, resourceVersion)) continue;
      this.#remember(current.metadata.uid, resourceVersion);
      changes.push(this.#unlink(current));
    }
    for (const item of listed.values()) {
      if (!this.#isStale(item)) changes.push(this.#link(item));
    }
    for (const change of changes) this.#tell(change);
  }

  /** Calls `listener` synchronously at each change from now on; it must not throw. The result ends it. */
  subscribe(listener: Listener<T>): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #isStale(obj: T): boolean {
    const { uid, resourceVersion } = obj.metadata;
    const deletedAt = uid === undefined ? undefined : this.#deleted.get(uid);
    if (deletedAt !== undefined && !isAfter(resourceVersion, deletedAt)) return true;
    const current = this.#objects.get(keyOf(obj));
    if (!current) return false;
    if (current.metadata.resourceVersion === undefined) return false;
    const order = compareVersions(resourceVersion, current.metadata.resourceVersion);
    if (order !== undefined) return order <= 0;
    return resourceVersion === current.metadata.resourceVersion;
  }

  #put(obj: T): void {
    this.#tell(this.#link(obj));
  }

  #drop(current: T): void {
    this.#tell(this.#unlink(current));
  }

  #link(obj: T): Change<T> {
    const object = this.reduce(obj);
    const key = keyOf(object);
    const old = this.#objects.get(key);
    if (old) this.#unindex(key, old);
    this.#objects.set(key, object);
    this.#index(key, object);
    return old ? { type: 'upsert', object, old } : { type: 'upsert', object };
  }

  #unlink(object: T): Change<T> {
    const key = keyOf(object);
    this.#objects.delete(key);
    this.#unindex(key, object);
    return { type: 'delete', object };
  }

  #index(key: string, object: T): void {
    for (const [index, values] of this.#indexes) {
      for (const value of this.#indexers[index]?.(object) ?? []) {
        const bucket = values.get(value) ?? new Map<string, T>();
        bucket.set(key, object);
        values.set(value, bucket);
      }
    }
  }

  #unindex(key: string, object: T): void {
    for (const [index, values] of this.#indexes) {
      for (const value of this.#indexers[index]?.(object) ?? []) {
        const bucket = values.get(value);
        bucket?.delete(key);
        if (bucket?.size === 0) values.delete(value);
      }
    }
  }

  #remember(uid: string | undefined, resourceVersion: string | undefined): void {
    if (uid === undefined || resourceVersion === undefined) return;
    this.#deleted.delete(uid);
    this.#deleted.set(uid, resourceVersion);
    if (this.#deleted.size <= REMEMBERED_DELETIONS) return;
    for (const oldest of this.#deleted.keys()) {
      this.#deleted.delete(oldest);
      return;
    }
  }

  #tell(change: Change<T>): void {
    for (const listener of this.#listeners) listener(change);
  }
}

function isAfter(version: string | undefined, reference: string): boolean {
  return (compareVersions(version, reference) ?? -1) > 0;
}

function isNewer(obj: KubeObject, reference: string | undefined): boolean {
  return reference !== undefined && isAfter(obj.metadata.resourceVersion, reference);
}

/** managedFields are half of a small object's size and read by nobody here. */
function withoutManagedFields<T extends KubeObject>(obj: T): T {
  if (obj.metadata.managedFields === undefined) return obj;
  const { managedFields: _, ...metadata } = obj.metadata;
  return { ...obj, metadata };
}
