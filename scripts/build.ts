/** Builds what runs without node_modules: `dist/runner.mjs`, the program inside pods and guests. */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');

/** Bundles the runner into one file that needs Node 24 and nothing else. */
export async function buildRunner(outfile: string): Promise<void> {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  await mkdir(dirname(outfile), { recursive: true });
  await build({
    entryPoints: [join(ROOT, 'src/runner/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
    define: { __VFBENCH_VERSION__: JSON.stringify(version) },
  });
}

if (import.meta.main) {
  const outfile = join(ROOT, 'dist/runner.mjs');
  await buildRunner(outfile);
  console.log(`Built ${outfile}`);
}
