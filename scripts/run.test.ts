/** The launcher: it must work before anything is installed, so it is tested as a program, on a copy of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const PROJECT = join(import.meta.dirname, '..');
const { unsupported, isInstalled, onceWithin } = (await import(join(PROJECT, 'scripts/run.mjs'))) as {
  unsupported: (of: { nodeVersion: string; platform: string; file: string }) => string | undefined;
  isInstalled: (lock: object, installed: object) => boolean;
  onceWithin: (ms: number, now: () => number, act: (name: string) => void) => (name: string) => void;
};

describe('what the launcher decides', () => {
  test.each([
    ['18.19.0', 'linux', 'test/run.ts', /needs Node 20 or newer to start; this is 18\.19\.0/],
    ['20.0.0', 'darwin', 'src/sandbox/cli/demo.ts', /runs on Linux only.*darwin/],
    ['20.0.0', 'darwin', 'test/run.ts', undefined],
    ['20.0.0', 'linux', 'src/sandbox/cli/demo.ts', undefined],
  ])('Node %s on %s with %s', (nodeVersion, platform, file, want) => {
    const said = unsupported({ nodeVersion, platform, file });
    if (want === undefined) expect(said).toBeUndefined();
    else expect(said).toMatch(want);
  });

  const lock = {
    packages: {
      '': { version: '0.1.0' },
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { version: '2.0.0', optional: true },
    },
  };
  test.each([
    [{ packages: { 'node_modules/a': { version: '1.0.0' } } }, true],
    [{ packages: { 'node_modules/a': { version: '1.0.1' } } }, false],
    [{}, false],
  ])('with %j installed: %s', (installed, want) => {
    expect(isInstalled(lock, installed)).toBe(want);
  });

  test('the same signal twice within a moment is one', () => {
    let time = 0;
    const seen: string[] = [];
    const pass = onceWithin(
      300,
      () => time,
      (name) => seen.push(`${name}@${time}`),
    );
    for (const [at, name] of [
      [0, 'SIGINT'],
      [5, 'SIGINT'],
      [10, 'SIGTERM'],
      [301, 'SIGINT'],
    ] as const) {
      time = at;
      pass(name);
    }
    expect(seen).toEqual(['SIGINT@0', 'SIGTERM@10', 'SIGINT@301']);
  });
});

/** Stands in for npm: writes what an installation leaves, with this Node as the pinned one, and counts its runs. */
const FAKE_NPM = `#!/bin/sh
[ "$1" = --version ] && { echo 11.0.0; exit 0; }
echo "$*" >> npm.log
[ -e refuse ] && [ "$1" = ci ] && { echo "npm error code EUSAGE" >&2; exit 1; }
[ -e fail ] && { echo "no network" >&2; exit 3; }
sleep 0.5
rm -rf node_modules && mkdir -p node_modules/node/bin node_modules/.bin
echo '{"version":"24.0.0"}' > node_modules/node/package.json
echo "require('fs').mkdirSync('bin',{recursive:true});require('fs').symlinkSync(process.execPath,'bin/node')" > node_modules/node/installArchSpecificPackage.js
rmdir node_modules/node/bin
cp package-lock.json node_modules/.package-lock.json
`;

describe('the launcher in an empty clone', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'vfbench-clone-'));
    await mkdir(join(root, 'scripts'));
    await mkdir(join(root, 'bin'));
    await copyFile(join(PROJECT, 'scripts/run.mjs'), join(root, 'scripts/run.mjs'));
    await writeFile(join(root, 'package-lock.json'), '{"packages":{"node_modules/node":{"version":"24.0.0"}}}');
    await writeFile(join(root, 'bin/npm'), FAKE_NPM, { mode: 0o755 });
    await symlink(process.execPath, join(root, 'bin/node'));
  });
  afterEach(() => rm(root, { recursive: true }));

  const launch = (...args: string[]): ChildProcess =>
    spawn(process.execPath, ['scripts/run.mjs', ...args], {
      cwd: root,
      env: { PATH: `${join(root, 'bin')}:/usr/bin:/bin`, HOME: root },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const finish = async (child: ChildProcess) => {
    let output = '';
    child.stdout?.on('data', (chunk) => (output += String(chunk)));
    child.stderr?.on('data', (chunk) => (output += String(chunk)));
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    return { code, signal, output };
  };
  const installs = async () => (await readFile(join(root, 'npm.log'), 'utf8')).trim().split('\n');

  test('installs once although two start at the same time, and not again', async () => {
    await writeFile(join(root, 'say.ts'), 'const word: string = process.argv[2] ?? ""; console.log(`said ${word}`);');
    const both = await Promise.all([finish(launch('say.ts', 'one')), finish(launch('say.ts', 'two'))]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    const output = both.map((run) => run.output).join('');
    expect(output).toContain('said one');
    expect(output).toContain('said two');
    expect(output).toContain('is installing npm packages already');
    expect((await finish(launch('say.ts', 'three'))).output).toBe('said three\n');
    expect(await installs()).toEqual(['ci --ignore-scripts --no-audit --no-fund']);
  }, 30_000);

  test('installs again when the lock file names other versions', async () => {
    await writeFile(join(root, 'say.ts'), 'console.log("here");');
    await finish(launch('say.ts'));
    await writeFile(join(root, 'package-lock.json'), '{"packages":{"node_modules/node":{"version":"24.0.1"}}}');
    expect((await finish(launch('say.ts'))).code).toBe(0);
    expect(await installs()).toHaveLength(2);
  }, 30_000);

  test('does not depend on npm ci, which refuses a lock file without the packages of other platforms', async () => {
    await writeFile(join(root, 'say.ts'), 'console.log("here");');
    await writeFile(join(root, 'refuse'), '');
    expect((await finish(launch('say.ts'))).output).toMatch(/\nhere\n$/);
    expect((await installs()).map((line) => line.split(' ')[0])).toEqual(['ci', 'install']);
  }, 30_000);

  test('says what npm said when it fails', async () => {
    await writeFile(join(root, 'fail'), '');
    const { code, output } = await finish(launch('say.ts'));
    expect(code).toBe(1);
    expect(output).toMatch(/no network\nInstalling npm packages failed \(exit code 3\)/);
  });

  test('passes a signal on once, and the exit code back', async () => {
    const program =
      'let n = 0; process.on("SIGINT", () => n++); setTimeout(() => process.exit(40 + n), 1500); console.log("up");';
    await writeFile(join(root, 'wait.ts'), program);
    const child = launch('wait.ts');
    const end = finish(child);
    await new Promise<void>((resolve) => child.stdout?.on('data', (c) => String(c).includes('up') && resolve()));
    child.kill('SIGINT');
    child.kill('SIGINT');
    expect((await end).code).toBe(41);
  }, 30_000);

  test('ends by the signal that its child ended by', async () => {
    await writeFile(join(root, 'die.ts'), 'process.kill(process.pid, "SIGKILL"); setTimeout(() => {}, 5000);');
    expect((await finish(launch('die.ts'))).signal).toBe('SIGKILL');
  }, 30_000);
});
