/** A set of keys handed out in turn by namespace, so that a busy namespace does not hold up a quiet one. */

export class Rotation {
  /** Keys in order of arrival, by namespace; the namespaces in order of their turn. */
  readonly #namespaces = new Map<string, Set<string>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(key: string): void {
    const namespace = namespaceOf(key);
    const keys = this.#namespaces.get(namespace) ?? new Set<string>();
    if (keys.has(key)) return;
    keys.add(key);
    this.#namespaces.set(namespace, keys);
    this.#size++;
  }

  has(key: string): boolean {
    return this.#namespaces.get(namespaceOf(key))?.has(key) ?? false;
  }

  delete(key: string): boolean {
    const namespace = namespaceOf(key);
    const keys = this.#namespaces.get(namespace);
    if (!keys?.delete(key)) return false;
    this.#size--;
    if (keys.size === 0) this.#namespaces.delete(namespace);
    return true;
  }

  /** Takes the oldest key of the namespace whose turn it is, and moves that namespace to the end. */
  shift(): string | undefined {
    for (const [namespace, keys] of this.#namespaces) {
      const key = first(keys);
      if (key === undefined) continue;
      this.delete(key);
      if (this.#namespaces.delete(namespace)) this.#namespaces.set(namespace, keys);
      return key;
    }
    return undefined;
  }
}

function first(keys: Set<string>): string | undefined {
  for (const key of keys) return key;
  return undefined;
}

function namespaceOf(key: string): string {
  const slash = key.indexOf('/');
  return slash < 0 ? '' : key.slice(0, slash);
}
