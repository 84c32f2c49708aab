import { expect, test } from '@jest/globals';
import { startHealth } from './health.ts';

test('ready once nothing is waited for; until then it says what for', async () => {
  let missing: string | null = 'caches are being filled';
  const listen = { host: '127.0.0.1', port: 0 };
  const health = await startHealth({ listen, waitsFor: () => missing, metrics: () => 'up 1\n' });
  const ask = async (path: string): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${health.port}${path}`);
    return `${response.status} ${await response.text()}`;
  };
  try {
    expect(await ask('/readyz')).toBe('503 caches are being filled\n');
    missing = null;
    expect(await ask('/readyz')).toBe('200 ok\n');
    expect(await ask('/healthz')).toBe('200 ok\n');
    expect(await ask('/metrics')).toBe('200 up 1\n');
    expect(await ask('/')).toMatch(/^404 /);
  } finally {
    await health.close();
  }
});
