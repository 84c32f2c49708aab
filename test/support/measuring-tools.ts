/** The guest's measuring tools as programs of this machine, for tests that run them without a guest. */
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Cache, cacheEntry } from '../../src/sandbox/assets/cache.ts';
import type { Progress } from '../../src/sandbox/assets/progress.ts';
import { toolCommand } from '../../src/sandbox/assets/tool.ts';
import { guestPackages } from '../../src/sandbox/guest/image.ts';

const TOOLS = ['iperf3', 'sockperf', 'netperf', 'netserver', 'qperf'];

/** Folder of scripts that become the tools, with the loader and libraries of their packages. Throws what is lacking. */
export async function measuringTools(options: {
  cache: Cache;
  progress: Progress;
  signal: AbortSignal;
}): Promise<string> {
  const root = await guestPackages(options);
  return cacheEntry(options.cache, `test-tools-${basename(root)}`, options, async (folder) => {
    for (const tool of TOOLS) await writeFile(join(folder, tool), script(toolCommand(root, tool)), { mode: 0o755 });
  });
}

/** `exec` keeps the process id: signals reach the tool itself. */
function script(command: readonly string[]): string {
  const words = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  return `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`;
}
