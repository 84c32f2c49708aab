import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const BUILD = join(import.meta.dirname, 'build.ts');

/** Builds from a working directory of its own, as another machine would. */
function build(name: 'buildRunner' | 'buildOperator'): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'vfbench-build-'));
  try {
    const outfile = join(folder, 'out.mjs');
    const program = `(await import(${JSON.stringify(BUILD)})).${name}(${JSON.stringify(outfile)})`;
    execFileSync(process.execPath, ['--input-type=module', '-e', `await ${program}`], { cwd: folder });
    return readFileSync(outfile);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test.each(['buildRunner', 'buildOperator'] as const)(
  '%s: the same bytes twice, and no path of this machine',
  (name) => {
    const [first, second] = [build(name), build(name)];
    expect(first.length).toBeGreaterThan(10_000);
    expect(first.equals(second)).toBe(true);
    expect(first.includes(join(import.meta.dirname, '..'))).toBe(false);
  },
);
