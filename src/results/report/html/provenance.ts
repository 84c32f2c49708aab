/** Where the numbers come from: nodes, fingerprints, trials, and what differs. */
import { differenceText } from '../../provenance/text.ts';
import type { Report } from '../model.ts';
import { facts, paragraph, table } from './parts.ts';

/** Failed trials that are listed; all are in the JSON. */
const MOST_FAILED = 200;
/** Trials whose digests are listed; all are in the JSON. */
const MOST_DIGESTS = 200;

/** Which endpoints had which fingerprint, by node, mode and role. */
export function provenance(report: Report): string[] {
  const { data, comparability } = report;
  const places = placesOf(report);
  if (places.size === 0) return [paragraph('The endpoints told no fingerprint.')];
  const digests = [...places.keys()];
  const letters = new Map(digests.map((digest, i) => [digest, letterOf(i)]));
  const verdict =
    comparability.differences.length === 0
      ? [paragraph('Trials differ in nothing but their mode.')]
      : [
          paragraph(`Trials differ in more than their mode; ${comparability.left.size} trials are left out:`),
          `<ul>${comparability.differences.map((one) => `<li>${paragraph(differenceText(one))}</li>`).join('')}</ul>`,
        ];
  const index = facts(
    digests.map((digest) => [`${letters.get(digest)}`, `${[...(places.get(digest) ?? [])].join('; ')} (${digest})`]),
  );
  return [...verdict, index, fieldTable(digests, letters, data.fingerprints)];
}

function placesOf({ data }: Report): Map<string, Set<string>> {
  const places = new Map<string, Set<string>>();
  for (const { mode, fingerprints } of data.trials) {
    for (const { digest, node, endpoints } of fingerprints) {
      const roles = [...new Set(endpoints.map((name) => name.split('-')[0] ?? ''))].join(' and ');
      places.set(digest, (places.get(digest) ?? new Set()).add(`${mode}, ${roles} on ${node}`));
    }
  }
  return places;
}

/** Fields that are equal everywhere need one column only. */
function fieldTable(
  digests: readonly string[],
  letters: ReadonlyMap<string, string>,
  fingerprints: Report['data']['fingerprints'],
): string {
  const maps = digests.map((digest) => new Map((fingerprints[digest] ?? []).map(({ name, value }) => [name, value])));
  const names = [...new Set(maps.flatMap((fields) => [...fields.keys()]))].toSorted();
  const rows = names.flatMap((name) =>
    [...Map.groupBy(maps.keys(), (i) => maps[i]?.get(name) ?? null)].flatMap(([value, of]) =>
      value === null ? [] : [{ name, value, of: of.map((i) => letters.get(digests[i] ?? '') ?? '') }],
    ),
  );
  const all = digests.length;
  const columns = [{ title: 'Field' }, { title: 'Value' }, { title: 'Of' }];
  return table(
    'Fingerprints: what may move a number beside the mode',
    columns,
    rows.map(({ name, value, of }) => ({
      cells: [
        { text: name, head: true, style: 'name' },
        { text: value, style: 'name' },
        { text: of.length === all ? 'all' : of.join(', ') },
      ],
    })),
  );
}

/** A, B ... Z, AA, AB ... */
const letterOf = (i: number): string =>
  (i < 26 ? '' : letterOf(Math.floor(i / 26) - 1)) + String.fromCharCode(65 + (i % 26));

/** How many trials each cell has, and why those that failed did. */
export function trialTables({ data, failed }: Report): string[] {
  const cells = [...Map.groupBy(data.trials, ({ mode, placement, pairs }) => `${placement}/${pairs}/${mode}`).values()];
  const counts = table(
    'Trials of each cell',
    [
      { title: 'Placement' },
      { title: 'Pairs', style: 'num' },
      { title: 'Mode' },
      { title: 'Succeeded', style: 'num' },
      { title: 'Failed', style: 'num' },
    ],
    cells.map((trials) => {
      const [first] = trials;
      const good = trials.filter(({ succeeded }) => succeeded).length;
      return {
        cells: [
          { text: first?.placement ?? '' },
          { text: `${first?.pairs ?? ''}`, style: 'num' },
          { text: first?.mode ?? '', head: true, style: 'name' },
          { text: `${good}`, style: 'num' },
          { text: `${trials.length - good}`, style: 'num' },
        ],
      };
    }),
  );
  const raw = rawTable(data.trials);
  if (failed.length === 0) return [counts, ...raw];
  const shown = failed.slice(0, MOST_FAILED);
  const list = table(
    shown.length < failed.length ? `Failed trials, the first ${shown.length} of ${failed.length}` : 'Failed trials',
    [
      { title: 'Trial' },
      { title: 'Block', style: 'num' },
      { title: 'Attempt', style: 'num' },
      { title: 'Reason' },
      { title: 'Message' },
    ],
    shown.map((trial) => ({
      cells: [
        { text: trial.name, head: true, style: 'name' },
        { text: `${trial.block + 1}`, style: 'num' },
        { text: `${trial.attempt + 1}`, style: 'num' },
        { text: trial.reason ?? '' },
        { text: trial.message ?? '', style: 'why' },
      ],
    })),
  );
  return [counts, list, ...raw];
}

/** What a figure can be checked against while its Trial is there. */
function rawTable(trials: Report['data']['trials']): string[] {
  const told = trials.filter(({ raw = [] }) => raw.length > 0);
  if (told.length === 0) return [];
  const shown = told.slice(0, MOST_DIGESTS);
  const caption = shown.length < told.length ? `, the first ${shown.length} of ${told.length} trials` : '';
  const rows = shown.map(({ name, raw = [] }) => ({
    cells: [
      { text: name, head: true },
      { text: raw.map(({ endpoint, digest }) => `${endpoint} ${digest.replace('sha256:', '')}`).join(', ') },
    ],
  }));
  const columns = [{ title: 'Trial' }, { title: 'SHA-256 of the document of each endpoint' }];
  const body = table(`What each endpoint sent, as in status.raw of its Trial${caption}`, columns, rows);
  return [`<details><summary>Digests of the raw results</summary>${body}</details>`];
}
