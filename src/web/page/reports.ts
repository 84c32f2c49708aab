/** Reports as pages: one is made at a time, the last few are kept. */
import type { Experiment } from '../../api/v1alpha1.ts';
import { reportDataOf, type ReportData } from '../../results/report/data.ts';
import { htmlPage } from '../../results/report/html/page.ts';
import { buildReport } from '../../results/report/model.ts';
import { SealError } from '../../results/seal/encode.ts';
import { isSealed, readSealed } from '../sealedReport.ts';
import { Problem } from './problem.ts';
import type { PageSource } from './source.ts';

const KEPT = 4;
/**
 * Measured values of a report that is made here. Making it takes about 5 s for a million; the longest step, which lets
 * nothing else run, takes about as long as the analysis at the end of a block of the same Experiment.
 */
const MOST_VALUES = 250_000;
/** Bytes of a stored report before packing. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Lets what waits run. */
const others = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class Reports {
  readonly #source: PageSource;
  readonly #made = new Map<string, Promise<string>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(source: PageSource) {
    this.#source = source;
  }

  /** The report as one HTML document. @throws Problem where there is none, it is broken, or too large for the page. */
  html(experiment: Experiment): Promise<string> {
    const key = `${experiment.metadata.uid}/${experiment.metadata.resourceVersion}`;
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const made = this.#last.then(() => this.#make(experiment));
    this.#last = made.catch(() => undefined);
    this.#made.set(key, made);
    made.catch(() => this.#made.delete(key));
    for (const oldest of this.#made.keys()) {
      if (this.#made.size <= KEPT) break;
      this.#made.delete(oldest);
    }
    return made;
  }

  async #make(experiment: Experiment): Promise<string> {
    const data = await this.#data(experiment);
    await others();
    const report = buildReport(data);
    await others();
    const digest = experiment.status?.report?.digest;
    return htmlPage(report, digest === undefined ? {} : { digest });
  }

  async #data(experiment: Experiment): Promise<ReportData> {
    const { namespace, name, uid = '' } = experiment.metadata;
    const data = isSealed(experiment)
      ? await this.#sealed(experiment)
      : reportDataOf(experiment, this.#source.trials(uid));
    const values = data.trials.reduce((sum, { measurements }) => sum + measurements.length, 0);
    if (values > MOST_VALUES)
      throw new Problem(
        413,
        'TooLarge',
        `The report has ${values} values, more than the page shows: kubectl vfbench report ${name} -n ${namespace} -o html`,
      );
    return data;
  }

  async #sealed(experiment: Experiment): Promise<ReportData> {
    try {
      return await readSealed(experiment, this.#source.readPart, MOST_BYTES);
    } catch (error) {
      if (error instanceof SealError) throw new Problem(409, 'ReportBroken', error.message);
      throw error;
    }
  }
}
