/**
 * Builds what runs without node_modules: `dist/runner.mjs`, the program inside pods and guests, `dist/operator.mjs`, and
 * `dist/kubectl-vfbench`, the plugin of kubectl.
 */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
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

/**
 * The first line finds Node; the next says what it must be, before anything that an older one cannot read is evaluated.
 * CommonJS, since a file without an extension is that wherever it is put; modules inside are evaluated when first used.
 */
const PLUGIN_HEAD = [
  '#!/usr/bin/env node',
  "if (Number(process.versions.node.split('.')[0]) < 24) {",
  '  process.stderr.write(`kubectl-vfbench needs Node 24 or newer, this is ${process.versions.node}: https://nodejs.org\\n`);',
  '  process.exit(1);',
  '}',
].join('\n');

/** Bundles the plugin with its packages into one executable file that needs Node 24 and nothing else. */
export async function buildPlugin(outfile: string): Promise<void> {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  await mkdir(dirname(outfile), { recursive: true });
  await build({
    entryPoints: [join(ROOT, 'src/cli/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
    minifySyntax: true,
    minifyWhitespace: true,
    banner: { js: PLUGIN_HEAD },
    define: { __VFBENCH_VERSION__: JSON.stringify(version) },
  });
  // Below this package its file would be taken for an ECMAScript module.
  await writeFile(join(dirname(outfile), 'package.json'), '{ "type": "commonjs" }\n');
  await chmod(outfile, 0o755);
}

if (import.meta.main) {
  await buildRunner(join(ROOT, 'dist/runner.mjs'));
  await buildOperator(join(ROOT, 'dist/operator.mjs'));
  await buildPlugin(join(ROOT, 'dist/kubectl-vfbench'));
  console.log('Built dist/runner.mjs, dist/operator.mjs and dist/kubectl-vfbench');
}
