/** Objects of all kinds as the controllers leave them, and where they are stored for scripts that read their health. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { EXPERIMENT_FIXTURES } from './experiments.ts';
import { TESTBED_FIXTURES } from './testbeds.ts';
import { TRIAL_FIXTURES } from './trials.ts';

export const GITOPS = join(import.meta.dirname, '../../../deploy/gitops');

export const FIXTURES = { testbed: TESTBED_FIXTURES, experiment: EXPERIMENT_FIXTURES, trial: TRIAL_FIXTURES };
export type FixtureKind = keyof typeof FIXTURES;

export interface Fixture {
  kind: FixtureKind;
  name: string;
  path: string;
  /** As the controllers leave it now. */
  text: () => string;
}

export const ALL_FIXTURES: Fixture[] = Object.entries(FIXTURES).flatMap(([kind, all]) =>
  Object.entries(all).map(([name, make]) => ({
    kind: kind as FixtureKind,
    name,
    path: join(GITOPS, 'testdata', kind, `${name}.yaml`),
    text: () => stringify(make(), { lineWidth: 0, aliasDuplicateObjects: false }),
  })),
);

/** What each of the three says of a fixture. */
export interface Verdict {
  argo: string;
  flux: string;
  kstatus: string;
}

/** By kind and name. */
export function expected(): Record<FixtureKind, Record<string, Verdict>> {
  return parse(readFileSync(join(GITOPS, 'testdata/expected.yaml'), 'utf8')) as never;
}

export interface StoredObject {
  metadata: { generation: number; deletionTimestamp?: string };
  status?: {
    observedGeneration?: number;
    conditions?: { type: string; status: string; observedGeneration?: number }[];
  };
}

export const stored = ({ path }: Fixture): StoredObject => parse(readFileSync(path, 'utf8')) as StoredObject;
