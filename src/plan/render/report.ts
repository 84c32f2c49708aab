/** The ConfigMaps that hold an Experiment's report. They are the Experiment's, so its deletion leaves nothing. */
import { LABEL_EXPERIMENT } from '../../api/labels.ts';
import type { Experiment } from '../../api/v1alpha1.ts';
import { INDEX_FORMAT, INDEX_KEY, PART_KEY, type SealIndex } from '../../results/seal/shards.ts';
import type { PlannedObject } from '../types.ts';
import { ownedBy } from './metadata.ts';

export interface ReportParts {
  /** Of the text before packing. */
  digest: string;
  bytes: number;
  packedDigest: string;
  /** Packed, in base64. */
  parts: { base64: string; bytes: number; digest: string }[];
}

const NAME_DIGITS = 8;

/** `sriov-vs-virtio-report-1a2b3c4d`, further parts `-1`, `-2` ...: the name changes with the content. */
export function reportName(experiment: string, packedDigest: string, part: number): string {
  const digits = packedDigest.replace('sha256:', '').slice(0, NAME_DIGITS);
  return `${experiment}-report-${digits}${part === 0 ? '' : `-${part}`}`;
}

/** The first holds the index of all. */
export function renderReport(experiment: Experiment, seed: number, report: ReportParts): PlannedObject[] {
  const { name, namespace = '', uid = '' } = experiment.metadata;
  const nameOf = (part: number): string => reportName(name, report.packedDigest, part);
  const index: SealIndex = {
    format: INDEX_FORMAT,
    experiment: uid,
    seed,
    digest: report.digest,
    bytes: report.bytes,
    shards: report.parts.map(({ digest, bytes }, part) => ({ configMap: nameOf(part), digest, bytes })),
  };
  return report.parts.map(({ base64 }, part) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: nameOf(part),
      namespace,
      labels: { [LABEL_EXPERIMENT]: name },
      ownerReferences: [ownedBy(experiment)],
    },
    immutable: true,
    ...(part === 0 ? { data: { [INDEX_KEY]: JSON.stringify(index) } } : {}),
    binaryData: { [PART_KEY]: base64 },
  }));
}
