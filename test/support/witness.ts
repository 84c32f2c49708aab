/**
 * Watches every Trial from the side and notes each breach of what must hold whatever goes wrong: one end, which never
 * changes; no success without results; never two Testbeds at once on a node, nor more trials than a Testbed runs at once.
 */
import { findCondition, isTrue } from '../../src/api/conditions.ts';
import type { Testbed, Trial } from '../../src/api/v1alpha1.ts';
import { TESTBEDS, TRIALS } from '../../src/api/kinds.ts';
import { type KubeClient, type KubeObject, keyOf, Reflector, Store } from '../../src/kube/index.ts';
import { createLogger } from '../../src/log.ts';

type Seen = Trial & KubeObject;

export class Witness {
  readonly breaches: string[] = [];
  /** `namespace/experiment` of each grant, in order. */
  readonly grants: string[] = [];
  readonly #granted = new Set<string>();
  /** Trials that were seen before their Testbed, which another watch tells of: by that, how many ran beside each. */
  readonly #unjudged = new Map<string, { trial: Seen; others: Seen[] }[]>();
  readonly #trials = new Store<Seen>();
  readonly #testbeds = new Store<Testbed & KubeObject>();
  readonly #ends = new Map<string, string>();

  /** Watches until `signal`; resolves when it sees everything. */
  async start(client: KubeClient, signal: AbortSignal): Promise<void> {
    const log = createLogger('witness', 'silent');
    this.#trials.subscribe(({ type, object }) => {
      if (type === 'delete') return;
      this.#end(object);
      this.#alone(object);
    });
    this.#testbeds.subscribe(({ type, object }) => {
      if (type === 'delete') return;
      const unjudged = this.#unjudged.get(keyOf(object)) ?? [];
      this.#unjudged.delete(keyOf(object));
      for (const { trial, others } of unjudged) this.#within(trial, others, object);
    });
    const reflectors = [
      new Reflector({ client, type: TESTBEDS, store: this.#testbeds, log }),
      new Reflector({ client, type: TRIALS, store: this.#trials, log }),
    ];
    for (const reflector of reflectors) void reflector.run(signal);
    await Promise.all(reflectors.map((reflector) => reflector.synced()));
  }

  trials(namespace: string, experiment?: string): Trial[] {
    return this.#trials
      .list()
      .filter((t) => t.metadata.namespace === namespace && (experiment ?? t.spec.experiment) === t.spec.experiment);
  }

  #end(trial: Seen): void {
    const { status } = trial;
    const finished = isTrue(status?.conditions, 'Finished');
    const uid = trial.metadata.uid ?? '';
    const known = this.#ends.get(uid);
    const now = JSON.stringify(status);
    if (known !== undefined && known !== now) this.#breach(trial, 'changed after its end');
    if (!finished) return;
    this.#ends.set(uid, now);
    for (const fault of faultsOfEnd(status)) this.#breach(trial, fault);
  }

  #alone(trial: Seen): void {
    if (!isLive(trial)) return;
    const { namespace, uid = '' } = trial.metadata;
    if (!this.#granted.has(uid)) this.grants.push(`${namespace}/${trial.spec.experiment}`);
    this.#granted.add(uid);
    const bed = keyOf({ metadata: { ...trial.metadata, name: trial.spec.testbed } });
    const others = this.#trials.list().filter((other) => isLive(other) && other.metadata.uid !== trial.metadata.uid);
    const own = others.filter(
      (o) => o.metadata.namespace === trial.metadata.namespace && o.spec.testbed === trial.spec.testbed,
    );
    const testbed = this.#testbeds.get(bed);
    if (testbed !== undefined) this.#within(trial, own, testbed);
    else this.#unjudged.set(bed, [...(this.#unjudged.get(bed) ?? []), { trial, others: own }]);
    const nodes = nodesOf(trial);
    const foreign = others.find((other) => !own.includes(other) && nodesOf(other).some((node) => nodes.includes(node)));
    if (foreign !== undefined) this.#breach(trial, `shares a node with ${keyOf(foreign)}`);
  }

  #within(trial: Seen, others: readonly Seen[], { spec }: Testbed): void {
    if (others.length >= (spec.concurrency ?? 1))
      this.#breach(trial, `runs beside ${others.map((t) => t.metadata.name).join(', ')}`);
  }

  #breach(trial: Seen, what: string): void {
    this.breaches.push(`${keyOf(trial)} ${what}`);
  }
}

const isLive = ({ status }: Trial): boolean => status?.grant !== undefined && !isTrue(status.conditions, 'Finished');
const nodesOf = ({ status }: Trial): string[] => [...new Set(status?.grant?.endpoints.map(({ node }) => node))];

/** What is wrong with how a Trial ended. */
function faultsOfEnd(status: Trial['status']): string[] {
  const of = (type: string): string | undefined => findCondition(status?.conditions, type)?.status;
  const isStored = Boolean(status?.measurements?.length) && Boolean(status?.raw?.length);
  const [measured, succeeded] = [of('Measured'), of('Succeeded')];
  return [
    ...(measured === undefined || measured !== succeeded
      ? [`ended as Measured=${measured}, Succeeded=${succeeded}`]
      : []),
    ...(of('CleanedUp') === 'True' ? [] : ['ended before it was cleaned up']),
    ...(isStored === (succeeded === 'True') ? [] : [`ended as Succeeded=${succeeded}, results stored: ${isStored}`]),
    ...(status?.completionTime === undefined ? ['ended without a completion time'] : []),
  ];
}
