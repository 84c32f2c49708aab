import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Image, writeImage } from './oci.ts';

let directory: string;
beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'vfbench-oci-'))));
afterEach(() => rm(directory, { recursive: true, force: true }));

async function build(name: string, content: string, modified: Date): Promise<{ digest: string; bytes: Buffer }> {
  const root = join(directory, name);
  await mkdir(join(root, 'etc'), { recursive: true });
  await writeFile(join(root, 'etc/motd'), content);
  await utimes(join(root, 'etc/motd'), modified, modified);
  const image: Image = { name: 'vfbench/x:1', architecture: 'amd64', root, config: { User: '1' }, labels: {} };
  const digest = await writeImage(image, join(directory, `${name}.tar`));
  return { digest, bytes: await readFile(join(directory, `${name}.tar`)) };
}

test('the same content gives the same bytes, whenever it was made', async () => {
  const [first, second] = [await build('a', 'hello', new Date(1e12)), await build('b', 'hello', new Date(1.5e12))];
  expect(second.digest).toBe(first.digest);
  expect(second.bytes.equals(first.bytes)).toBe(true);
});

test('other content is another image', async () => {
  const at = new Date(1e12);
  expect((await build('a', 'hello', at)).digest).not.toBe((await build('b', 'world', at)).digest);
});
