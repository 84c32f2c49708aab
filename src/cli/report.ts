/** `report NAME -o FORMAT`: from what is sealed, or from the Trials while an Experiment runs. */
import { LABEL_EXPERIMENT } from '../api/labels.ts';
import type { Experiment, Trial } from '../api/v1alpha1.ts';
import { CONFIGMAPS, isNotFound, type KubeClient, type KubeObject } from '../kube/index.ts';
import { type ReportData, reportDataOf } from '../results/report/data.ts';
import { buildReport } from '../results/report/model.ts';
import { type Format, render } from '../results/report/render.ts';
import { canonicalData } from '../results/seal/encode.ts';
import { isSealed, type ReadPart, readSealed, type StoredPart } from '../web/sealedReport.ts';
import { TRIALS } from '../api/kinds.ts';

/** Trials carry their raw results: small pages keep the peak low. */
const PAGE = 20;

/** The report in a format, piece by piece. @throws SealError where what is stored is missing, changed or another's. */
export async function reportText(
  client: KubeClient,
  experiment: Experiment,
  format: Format,
): Promise<Iterable<string>> {
  return render(buildReport(await reportData(client, experiment)), format, experiment.status?.report?.digest);
}

/** What the report is made from. @throws SealError as `reportText`. */
export async function reportData(client: KubeClient, experiment: Experiment): Promise<ReportData> {
  return isSealed(experiment) ? readSealed(experiment, partsFrom(client)) : fromTrials(client, experiment);
}

async function fromTrials(client: KubeClient, experiment: Experiment): Promise<ReportData> {
  const { namespace = '', name } = experiment.metadata;
  const trials: Trial[] = [];
  let next: string | undefined;
  do {
    const selection = { namespace, labelSelector: `${LABEL_EXPERIMENT}=${name}`, limit: PAGE };
    const page = await client.list<Trial & KubeObject>(TRIALS, { ...selection, ...(next ? { continue: next } : {}) });
    trials.push(...page.items.map(withoutRaw));
    next = page.continue;
  } while (next !== undefined);
  return canonicalData(reportDataOf(experiment, trials));
}

function withoutRaw(trial: Trial): Trial {
  if (trial.status === undefined) return trial;
  const { raw, ...status } = trial.status;
  const digests = raw?.map((one) => ({ ...one, data: '' }));
  return { ...trial, status: { ...status, ...(digests === undefined ? {} : { raw: digests }) } };
}

const partsFrom =
  (client: KubeClient): ReadPart =>
  async (namespace, name) => {
    try {
      return await client.get<StoredPart & KubeObject>(CONFIGMAPS, { namespace, name });
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  };
