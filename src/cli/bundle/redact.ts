/** Objects and logs as strangers may see them: without secrets, and without addresses where that is asked for. */
import type { Addresses } from './addresses.ts';
import { isSensitive, isSensitiveFlag, REDACTED, scrub, withoutBlocks } from './secrets.ts';

/** Variables of the operator and the runner that hold no secret; what another one holds nobody can tell. */
const PLAIN_VARIABLES = new Set([
  'LOG_LEVEL',
  'VFBENCH_NAMESPACE',
  'VFBENCH_WATCH_NAMESPACE',
  'VFBENCH_COLLECTOR_SERVICE',
  'VFBENCH_COLLECTOR_URL',
  'VFBENCH_COLLECTOR_LISTEN',
  'VFBENCH_HEALTH_LISTEN',
  'VFBENCH_LEADER_ELECTION',
]);
/** Of an annotation's domain: those that explain a benchmark. Others may hold anything. */
const PLAIN_DOMAINS = /(?:^|\.)(?:vfbench\.io|k8s\.v1\.cni\.cncf\.io|kubevirt\.io|argoproj\.io|fluxcd\.io)$/;
/** Written by machines about the writing of the object. */
const DROPPED = new Set(['managedFields', 'kubectl.kubernetes.io/last-applied-configuration']);
/** Start-up data of a guest: anything. */
const GUEST_DATA = /^(?:userData|networkData)(?:Base64)?$/;
/** Names as the API server wants them, which other objects refer to. */
const IDENTITY = /^(?:name|namespace|uid|resourceVersion|generateName|secretName)$/;
const NAME = /^[a-z0-9.:-]{1,253}$/;
/** What a reference to a Secret says besides: where in it, and where to. */
const PLACE = /^(?:key|path|mountPath|kind|apiVersion|apiGroup|operator|effect|type)$/;
const DEEPEST = 64;

interface Place {
  /** Of the field; for an item that of its list. */
  key: string;
  depth: number;
  /** Below a field whose name tells of a secret. */
  isTold: boolean;
}

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export class Redactor {
  readonly #addresses: Addresses | null;
  /** Places where something was taken out. */
  count = 0;

  constructor(addresses: Addresses | null) {
    this.#addresses = addresses;
  }

  /** A copy of any JSON value. */
  value(value: unknown): unknown {
    return this.#value(value, { key: '', depth: 0, isTold: false });
  }

  /** Lines, each of which may be a JSON document. */
  lines(text: string): string {
    return withoutBlocks(text)
      .split('\n')
      .map((line) => this.text(line))
      .join('\n');
  }

  /** JSON in a text is taken for what it says. */
  text(text: string): string {
    const parsed = jsonOf(text);
    if (parsed !== undefined) return JSON.stringify(this.#value(parsed, { key: '', depth: 1, isTold: false }));
    const { text: clean, count } = scrub(text);
    this.count += count;
    return this.#addresses?.hide(clean) ?? clean;
  }

  #value(value: unknown, at: Place): unknown {
    if (at.depth > DEEPEST) return this.#gone();
    if (typeof value === 'string') return this.#string(value, at);
    if (typeof value === 'number') return isSensitive(at.key) ? this.#gone() : value;
    if (Array.isArray(value)) return this.#list(value, at);
    return isObject(value) ? this.#object(value, at) : value;
  }

  #string(text: string, { key, isTold }: Place): string {
    if (text === '' || (IDENTITY.test(key) && NAME.test(text))) return this.text(text);
    if (isSensitive(key) || GUEST_DATA.test(key)) return this.#gone();
    return isTold && !PLACE.test(key) ? this.#gone() : this.text(text);
  }

  #list(list: readonly unknown[], at: Place): unknown[] {
    return list.map((item, index) => {
      const before = list[index - 1];
      const follows = typeof before === 'string' && isSensitiveFlag(before);
      if (typeof item === 'string' && follows) return this.#gone();
      if (at.key === 'env' && isObject(item)) return this.#variable(item, at);
      return this.#value(item, { ...at, depth: at.depth + 1 });
    });
  }

  #object(object: Json, { key, depth, isTold }: Place): Json {
    const kept = Object.entries(object).filter(([name]) => !DROPPED.has(name));
    const label = [object['name'], object['key']].find((found) => typeof found === 'string') ?? '';
    const inside = { depth: depth + 1, isTold: isTold || isSensitive(key) };
    return Object.fromEntries(
      kept.map(([name, value]) => {
        const isForeign = key === 'annotations' && !PLAIN_DOMAINS.test(name.split('/')[0] ?? '');
        const isNamed = name === 'value' && typeof value === 'string' && isSensitive(label);
        return [name, isForeign || isNamed ? this.#gone() : this.#value(value, { ...inside, key: name })];
      }),
    );
  }

  #variable(variable: Json, { depth }: Place): Json {
    const { name, value } = variable;
    const isPlain = typeof name === 'string' && PLAIN_VARIABLES.has(name);
    const shown = value === undefined || isPlain ? variable : { ...variable, value: this.#gone() };
    return this.#object(shown, { key: '', depth: depth + 1, isTold: false });
  }

  #gone(): string {
    this.count++;
    return REDACTED;
  }
}

function jsonOf(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
