/** Builds what runs without node_modules: `dist/runner.mjs`, the program inside pods and guests, and `dist/operator.mjs`. */
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
    // Comments in a bundle name its sources from here: the same on every machine.
    absWorkingDir: ROOT,
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

/** Some of the operator's packages are CommonJS and ask for `require` and for where they are. */
const COMMONJS = [
  "import { createRequire as requireFrom } from 'node:module';",
  'const require = requireFrom(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;',
].join('\n');

/** Bundles the operator with its packages into one file that needs Node 24 and nothing else. */
export async function buildOperator(outfile: string): Promise<void> {
  await mkdir(dirname(outfile), { recursive: true });
  await build({
    entryPoints: [join(ROOT, 'src/main.ts')],
    outfile,
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
    banner: { js: COMMONJS },
  });
}

if (import.meta.main) {
  await buildRunner(join(ROOT, 'dist/runner.mjs'));
  await buildOperator(join(ROOT, 'dist/operator.mjs'));
  console.log('Built dist/runner.mjs and dist/operator.mjs');
}
