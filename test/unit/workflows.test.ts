/** What GitHub runs: scripts that exist, actions pinned by tag, no more rights than needed. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';

interface Workflow {
  permissions: Record<string, string>;
  jobs: Record<string, { 'timeout-minutes'?: number; steps: { uses?: string; run?: string }[] }>;
}

const FOLDER = new URL('../../.github/workflows/', import.meta.url);
const FILES = readdirSync(FOLDER);
const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  scripts: Record<string, string>;
};

test.each(FILES)('%s', (file) => {
  const { permissions, jobs } = parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Workflow;
  expect(permissions).toEqual({ contents: 'read' });
  for (const { steps, 'timeout-minutes': limit } of Object.values(jobs)) {
    expect(limit).toBeGreaterThan(0);
    const used = steps.flatMap(({ uses }) => (uses === undefined ? [] : [uses]));
    expect(used.filter((action) => !/^[a-z-]+\/[a-z-]+@v\d+(\.\d+)*$/.test(action))).toEqual([]);
    const run = steps.flatMap(({ run: line = '' }) => [...line.matchAll(/npm run ([a-z:]+)/g)].map(([, name]) => name));
    expect(run.filter((name) => !Object.hasOwn(scripts, name ?? ''))).toEqual([]);
  }
});
