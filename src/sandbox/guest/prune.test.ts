import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { keepNewest } from './prune.ts';

test('keeps the entries used last, the current one always, and nothing of other families goes', async () => {
  const root = await mkdtemp(join(tmpdir(), 'vfbench-prune-'));
  for (const [age, name] of ['a-current', 'a-new', 'a-old', 'a-older', 'b-oldest'].entries()) {
    await mkdir(join(root, name));
    const time = new Date(Date.now() - age * 60_000 - (name === 'a-current' ? 3_600_000 : 0));
    await utimes(join(root, name), time, time);
  }
  await keepNewest(root, 'a-', join(root, 'a-current'), 3);
  expect((await readdir(root)).toSorted()).toEqual(['a-current', 'a-new', 'a-old', 'b-oldest']);
  await rm(root, { recursive: true });
});
