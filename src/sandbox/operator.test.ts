import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startOperator } from './operator.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'vfbench-operator-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** One that tells its pid, and is never ready. */
async function slowProgram(): Promise<{ program: string; told: string }> {
  const [program, told] = [join(dir, 'slow.mjs'), join(dir, 'pid')];
  await writeFile(
    program,
    `import { writeFileSync } from 'node:fs';
     writeFileSync(${JSON.stringify(told)}, String(process.pid));
     setInterval(() => {}, 1000);`,
  );
  return { program, told };
}

test('who is told to stop does not wait until the operator is ready, and leaves none', async () => {
  const { program, told } = await slowProgram();
  const stop = new AbortController();
  const collector = { port: 1, url: 'https://127.0.0.1:1' };
  const options = { dir, name: 'slow', kubeconfig: '', namespace: 'none', collector, program, signal: stop.signal };
  const started = startOperator(options);
  const pid = async (): Promise<number> => Number(await readFile(told, 'utf8').catch(() => ''));
  while (!((await pid()) > 0)) await new Promise((resolve) => setTimeout(resolve, 20));
  stop.abort(new Error('stopped by the user'));
  await expect(started).rejects.toThrow('stopped by the user');
  expect(isThere(await pid())).toBe(false);
});
