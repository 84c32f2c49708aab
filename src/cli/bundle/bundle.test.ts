import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bundle } from './bundle.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'vfb-bundle-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Unpacked by the system's tar. */
function unpack(bundle: Bundle, name: string): (path: string) => string {
  const [file, to] = [join(dir, `${name}.tar`), mkdtempSync(join(dir, name))];
  writeFileSync(file, bundle.archive(1_764_000_000));
  execFileSync('tar', ['-xf', file, '-C', to]);
  return (path) => readFileSync(join(to, 'vfbench-support', path), 'utf8');
}

test('an archive that tar reads, with a page of what is in it', () => {
  const bundle = new Bundle({ hideAddresses: false });
  bundle.object('testbeds.json', [{ metadata: { name: 'lab' }, password: 'plain' }], 1);
  bundle.log('operator/logs/a.log', 'one\nBearer abcdefgh12345678\n');
  bundle.leaveOut('nodes.json', 'you may not read it: it takes list nodes');
  const read = unpack(bundle, 'whole');
  expect(JSON.parse(read('testbeds.json'))).toEqual([{ metadata: { name: 'lab' }, password: '<redacted>' }]);
  expect(read('operator/logs/a.log')).toBe('one\nBearer <redacted>\n');
  const page = read('README.txt');
  expect(page).toContain('possible secrets: 2 places');
  expect(page).toContain('  testbeds.json: 1 object\n  operator/logs/a.log: 2 lines\n');
  expect(page).toContain('  nodes.json: you may not read it: it takes list nodes\n');
  const modes = execFileSync('tar', ['-tvf', join(dir, 'whole.tar')], { encoding: 'utf8' })
    .trim()
    .split('\n');
  expect(modes.every((line) => line.startsWith('-rw-------'))).toBe(true);
});

test('a list that is too large is cut by whole objects, a log at its beginning, and both are said', () => {
  const bundle = new Bundle({ hideAddresses: false, largestFile: 2000 });
  bundle.object(
    'trials.json',
    Array.from({ length: 100 }, (_, i) => ({ i, text: 'word '.repeat(20) })),
    100,
  );
  bundle.log('operator/logs/a.log', `${'line of a log\n'.repeat(1000)}the last\n`);
  const read = unpack(bundle, 'cut');
  const kept = JSON.parse(read('trials.json')) as { i: number }[];
  expect(kept.length).toBeGreaterThan(5);
  expect(kept.map(({ i }) => i)).toEqual(kept.map((_, i) => i));
  expect(read('operator/logs/a.log')).toMatch(/the last\n$/);
  expect(read('operator/logs/a.log').length).toBeLessThanOrEqual(2000);
  expect(bundle.leftOut).toEqual([
    { file: 'trials.json', what: `${100 - kept.length} of 100 objects, the file would be too large` },
    { file: 'operator/logs/a.log', what: 'its beginning, the file would be too large' },
  ]);
});

test('the bundle as a whole is bounded', () => {
  const bundle = new Bundle({ hideAddresses: false, largestFile: 5000, largestBundle: 10_000 });
  for (let i = 0; i < 10; i++) bundle.log(`${i}.log`, 'a line\n'.repeat(500));
  expect(bundle.taken.map(({ file }) => file)).toEqual(['0.log', '1.log']);
  expect(bundle.leftOut).toHaveLength(8);
  const file = join(dir, 'bounded.tar');
  writeFileSync(file, bundle.archive(0));
  expect(statSync(file).size).toBeLessThan(15_000);
});

test('a name that no archive takes is left out', () => {
  const bundle = new Bundle({ hideAddresses: false });
  bundle.log(`operator/logs/${'x'.repeat(200)}.log`, 'a');
  expect(bundle.leftOut[0]?.what).toBe('its name is too long for an archive');
  bundle.archive(0);
});
