/** The report in one of its formats. */
import { csv } from './formats/csv.ts';
import { json, observationLines } from './formats/json.ts';
import { junit } from './formats/junit.ts';
import { markdown } from './formats/markdown.ts';
import { htmlPage } from './html/page.ts';
import type { Report } from './model.ts';

export const FORMATS = ['html', 'md', 'json', 'jsonl', 'csv', 'junit'] as const;
export type Format = (typeof FORMATS)[number];

export const isFormat = (text: string): text is Format => (FORMATS as readonly string[]).includes(text);

/** Pieces of text, to be written one after the other: raw observations may be more than one string should hold. */
export function* render(report: Report, format: Format, digest?: string): Generator<string> {
  switch (format) {
    case 'html':
      return yield htmlPage(report, digest === undefined ? {} : { digest });
    case 'md':
      return yield markdown(report);
    case 'json':
      return yield json(report, digest);
    case 'jsonl':
      return yield* observationLines(report);
    case 'csv':
      return yield csv(report);
    case 'junit':
      return yield junit(report);
  }
}
