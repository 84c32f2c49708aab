/** Lists what of a substrate exists beyond its fixed parts; after closing, whatever exists at all. For tests. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from './context.ts';
import { nodeNamespace } from './network.ts';
import { processesIn } from './processes.ts';

/** Links that are always there: loopback, bridges, wires. */
const FIXED_LINKS = /^(lo|mgmt|br-data|wire|wires|w\d+)$/;

export async function leftovers(
  context: Context,
  state: { userNamespace: string | null; fixed: readonly number[]; isClosed: boolean },
): Promise<string[]> {
  const found = [await files(context, state.isClosed), await mounts(context)];
  const processes = state.userNamespace === null ? [] : processesIn(state.userNamespace);
  if (state.isClosed) return [...found.flat(), ...(await describe(processes))];
  found.push(await describe(processes.filter((pid) => !state.fixed.includes(pid))));
  return [...found.flat(), ...(await inside(context))];
}

async function files(context: Context, isClosed: boolean): Promise<string[]> {
  const { dir } = context.options;
  const list = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
  if (isClosed) return (await list(dir)).map((name) => `file ${join(dir, name)}`);
  return (await list(join(dir, 'pods'))).map((name) => `file ${join(dir, 'pods', name)}`);
}

/** Mounts that reach the host's own mount namespace. */
async function mounts(context: Context): Promise<string[]> {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  const lines = table.split('\n').filter((line) => line.includes(` ${context.options.dir}/`));
  return lines.map((line) => `mount ${line.split(' ')[4]}`);
}

async function describe(pids: readonly number[]): Promise<string[]> {
  const name = (pid: number): Promise<string> =>
    readFile(`/proc/${pid}/cmdline`, 'utf8').then(
      (text) => `process ${pid} ${text.replaceAll('\0', ' ').slice(0, 200)}`,
      () => '',
    );
  return (await Promise.all(pids.map(name))).filter((text) => text !== '');
}

/** Namespaces and links beyond the fixed ones; zombies, of which the holder is the reaper. */
async function inside(context: Context): Promise<string[]> {
  const { ip } = context.options.tools;
  const run = async (argv: string[]): Promise<string[]> =>
    (await context.namespaces.check([...ip, ...argv])).split('\n').filter((line) => line !== '');
  const nodes = context.options.nodes.map((_, node) => nodeNamespace(node));
  const names = (await run(['netns', 'list'])).map((line) => line.split(' ')[0] ?? '');
  const extra = names.filter((name) => !nodes.includes(name)).map((name) => `network namespace ${name}`);
  for (const namespace of [null, ...nodes]) {
    const links = await run([...(namespace === null ? [] : ['-n', namespace]), '-brief', 'link']);
    const linkNames = links.map((line) => line.split(/[\s@]/)[0] ?? '').filter((name) => !FIXED_LINKS.test(name));
    extra.push(...linkNames.map((name) => `link ${name} in ${namespace ?? 'the root namespace'}`));
  }
  return extra;
}
