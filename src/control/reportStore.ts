/** Stores the report of an Experiment that ends, before its end is written down. */
import { isTrue } from '../api/conditions.ts';
import type { Experiment, ExperimentStatus } from '../api/v1alpha1.ts';
import type { KubeObject, Store } from '../kube/index.ts';
import type { ExperimentObserved } from '../plan/experimentObserved.ts';
import type { Finding } from '../plan/observed.ts';
import { renderReport } from '../plan/render/report.ts';
import { withConditions } from '../plan/status.ts';
import { emptyPlan, type Plan } from '../plan/types.ts';
import { reportDataOf } from '../results/report/data.ts';
import { encode, SealError } from '../results/seal/encode.ts';
import { execute, type Executor, RefusedError } from './execute.ts';
import { EXPERIMENTS } from '../api/kinds.ts';
import { pack } from './pack.ts';

type Stored = Experiment & KubeObject;
type ExperimentPlan = Plan<ExperimentStatus>;

interface Options {
  executor: Executor;
  experiments: Store<Stored>;
  now: () => number;
}

/** A refusal that may pass is waited for so long: an Experiment must end, with or without its report. */
const PATIENCE_MS = 60_000;
const RETRY_MS = 1000;

export class ReportStore {
  readonly #options: Options;
  /** Since when the API server refuses, by UID. */
  readonly #refusedSince = new Map<string, number>();

  constructor(options: Options) {
    this.#options = options;
  }

  /**
   * The plan as it is, or with its report stored and named where it ends the Experiment; or when to try again. Done
   * twice it stores once: the names come from the content, and that from what is persisted.
   * @throws ApiError, TransportError: to be tried again.
   */
  async store(
    object: Stored,
    { trials }: Pick<ExperimentObserved, 'trials'>,
    plan: ExperimentPlan,
  ): Promise<{ plan: ExperimentPlan } | { requeueAfterMs: number }> {
    const { status } = plan;
    if (status === undefined || !isTrue(status.conditions, 'Finished') || status.report !== undefined) return { plan };
    const uid = object.metadata.uid ?? '';
    try {
      const report = await this.#write(object, reportDataOf({ ...object, status }, trials));
      this.#refusedSince.delete(uid);
      return { plan: { ...plan, status: { ...status, report } } };
    } catch (error) {
      if (error instanceof SealError)
        return { plan: this.#without(object, plan, { reason: 'TooLarge', message: error.message }) };
      if (!(error instanceof RefusedError)) throw error;
      const since = this.#refusedSince.get(uid) ?? this.#options.now();
      this.#refusedSince.set(uid, since);
      if (this.#options.now() - since < Math.min(error.patienceMs, PATIENCE_MS)) return { requeueAfterMs: RETRY_MS };
      this.#refusedSince.delete(uid);
      return { plan: this.#without(object, plan, error.finding) };
    }
  }

  async #write(
    object: Stored,
    data: ReturnType<typeof reportDataOf>,
  ): Promise<NonNullable<ExperimentStatus['report']>> {
    const { executor, experiments: store } = this.#options;
    const { digest, bytes, packedDigest, parts } = await pack(encode(data));
    const create = renderReport(object, data.seed, {
      digest,
      bytes,
      packedDigest,
      parts: parts.map((part) => ({
        base64: Buffer.from(part.data).toString('base64'),
        bytes: part.data.length,
        digest: part.digest,
      })),
    });
    await execute(executor, { type: EXPERIMENTS, object, store }, { ...emptyPlan<ExperimentStatus>(), create });
    return { configMap: create[0]?.metadata.name ?? '', digest, trials: data.trials.length };
  }

  /** The end without a report: the Trials still hold everything. */
  #without({ metadata }: Stored, plan: ExperimentPlan, { reason, message }: Finding): ExperimentPlan {
    const told = `The report is not stored, keep the Trials: ${message}`;
    const clock = { now: this.#options.now(), generation: metadata.generation };
    const update = { type: 'ReportStored', status: 'False', reason, message: told } as const;
    const note = { type: 'Warning', reason: 'ReportNotStored', message: told } as const;
    return { ...plan, status: withConditions(plan.status ?? {}, clock, update), events: [...plan.events, note] };
  }
}
