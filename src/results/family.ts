/** All comparisons of an Experiment as one family: verdicts that keep their error together. */
import type { ComparisonFamily, ExperimentSpec, ResultRow } from '../api/v1alpha1.ts';
import { rounded } from './rows.ts';
import type { RowDraft } from './rows.ts';
import { holm } from './stats/holm.ts';
import { fewestForFamily, verdict } from './stats/verdict.ts';

/** Characters of a row's message; reasons come from endpoints. */
const LONGEST_MESSAGE = 512;

/** Size of the family, and the fewest complete blocks in which it can tell any difference from chance. */
export function familyOf(spec: ExperimentSpec, drafts: readonly RowDraft[]): ComparisonFamily {
  const comparisons = drafts.filter(({ compared }) => compared !== null).length;
  return { comparisons, fewestBlocks: fewestForFamily(comparisons, spec.comparison.confidencePercent) };
}

/**
 * Rows with their verdicts. The family is every comparison with the baseline among the rows given, by design: one without
 * a p counts too. What is not compared at all, as the CPU of a guest with that of a node, is no member.
 */
export function judgeFamily(spec: ExperimentSpec, drafts: readonly RowDraft[]): ResultRow[] {
  const compared = drafts.filter((draft) => draft.compared !== null);
  const adjusted = holm(compared.map((draft) => draft.compared?.ratio.p ?? null));
  const pOf = new Map(compared.map((draft, i) => [draft, adjusted[i] ?? null]));
  return drafts.map((draft) =>
    judged(spec, draft, { comparisons: compared.length, pAdjusted: pOf.get(draft) ?? null }),
  );
}

function judged(
  { comparison }: ExperimentSpec,
  { row, compared, info, notes }: RowDraft,
  family: { comparisons: number; pAdjusted: number | null },
): ResultRow {
  if (compared === null) return withMessage(row, notes);
  const { ratio } = compared;
  const { pAdjusted } = family;
  const found = verdict({ ratio, better: info.better, n: ratio.n, p: ratio.p, ...comparison, ...family });
  const told = { ...row, ...(pAdjusted === null ? {} : { pAdjusted: rounded(pAdjusted) }), verdict: found.verdict };
  return withMessage(told, [found.message, ...notes]);
}

export function withMessage(row: ResultRow, notes: readonly string[]): ResultRow {
  const message = notes.join('; ').slice(0, LONGEST_MESSAGE);
  return message === '' ? row : { ...row, message };
}
