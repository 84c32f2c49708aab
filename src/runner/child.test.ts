import { describe, expect, test } from '@jest/globals';
import { run, start } from './child.ts';

const forever = new AbortController().signal;
const node = (code: string): string[] => [process.execPath, '-e', code];

describe('child', () => {
  test('gives output and exit code', async () => {
    const ended = await run(node('console.log(1); console.error(2); process.exitCode = 7'), 10_000, forever);
    expect(ended).toEqual({
      exitCode: 7,
      stdout: '1\n',
      stderr: '2\n',
      truncated: false,
      timedOut: false,
      failure: null,
    });
  });

  test('that is missing says so', async () => {
    expect(await run(['vfbench-no-such-tool'], 1000, forever)).toMatchObject({ failure: 'ENOENT', exitCode: null });
  });

  test('that hangs is killed, even if it ignores SIGTERM', async () => {
    const from = Date.now();
    const ended = await run(node('process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'), 500, forever);
    expect(ended).toMatchObject({ exitCode: null, timedOut: true });
    expect(Date.now() - from).toBeLessThan(3000);
  });

  test('ends when asked, or soon after', async () => {
    const stubborn = start(
      node('process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)'),
      forever,
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    const from = Date.now();
    expect(await stubborn.end(200)).toMatchObject({ exitCode: null, stdout: 'up\n' });
    expect(Date.now() - from).toBeLessThan(2000);
  });

  test('dies with its signal', async () => {
    const gone = new AbortController();
    const child = start(node('setInterval(() => {}, 1000)'), gone.signal);
    gone.abort();
    expect(await child.exited).toMatchObject({ exitCode: null });
    expect(await start(node('setInterval(() => {}, 1000)'), gone.signal).exited).toMatchObject({ exitCode: null });
  });

  test('cannot fill the memory', async () => {
    const flood = 'const b = "x".repeat(1 << 20); for (let n = 0; n < 20; n++) process.stdout.write(b)';
    const { stdout, truncated } = await run(node(flood), 20_000, forever);
    expect(stdout.length).toBe(8 << 20);
    expect(truncated).toBe(true);
  });
});
