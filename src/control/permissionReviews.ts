/**
 * What the operator may do in a namespace, as the API server says. Asking is a request (SelfSubjectRulesReview), so it is
 * asked when a Testbed is first seen or changed, when kinds appear, soon again while something is missing, and rarely
 * else: nothing tells when a right is taken away.
 */
import { type KubeClient, SELF_SUBJECT_RULES_REVIEWS } from '../kube/index.ts';
import type { ResourceRule, RulesReview } from '../plan/preflight/permissions.ts';

/** While all is there. */
const SELDOM_MS = 30 * 60_000;
/** While something is missing. */
const SOON_MS = 60_000;

interface Answer {
  review: RulesReview;
  /** Milliseconds since the epoch. */
  at: number;
  /** What it was asked for: a Testbed's generation and the kinds there were. */
  cause: string;
}

interface ReviewObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: { namespace: string };
  status?: { resourceRules?: ResourceRule[]; incomplete?: boolean };
}

export class PermissionReviews {
  readonly #client: KubeClient;
  readonly #now: () => number;
  readonly #answers = new Map<string, Answer>();

  constructor(client: KubeClient, now: () => number) {
    this.#client = client;
    this.#now = now;
  }

  /** By Testbed. Asked again where `cause` has changed, or the answer is due. Never throws: a failure is an answer too. */
  async of(key: string, namespace: string, cause: string): Promise<RulesReview> {
    const known = this.#answers.get(key);
    if (known !== undefined && known.cause === cause && this.#now() < known.at) return known.review;
    const review = await this.#ask(namespace);
    this.#answers.set(key, { review, at: this.#now() + SELDOM_MS, cause });
    return review;
  }

  /** Milliseconds until it is to be asked again. `isLacking`: whether something was missing. */
  dueIn(key: string, isLacking: boolean): number {
    const known = this.#answers.get(key);
    if (known === undefined) return 0;
    if (isLacking) known.at = Math.min(known.at, this.#now() + SOON_MS);
    return Math.max(0, known.at - this.#now());
  }

  forget(key: string): void {
    this.#answers.delete(key);
  }

  async #ask(namespace: string): Promise<RulesReview> {
    const object: ReviewObject = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectRulesReview',
      metadata: { name: '' },
      spec: { namespace },
    };
    try {
      const { status } = await this.#client.create<ReviewObject>(SELF_SUBJECT_RULES_REVIEWS, object);
      return { resourceRules: status?.resourceRules ?? [], incomplete: status?.incomplete ?? false };
    } catch (error) {
      return { resourceRules: [], incomplete: true, error: error instanceof Error ? error.message : String(error) };
    }
  }
}
