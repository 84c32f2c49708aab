/**
 * Builds the images of operator, runner and guest as OCI archives, without a daemon: `npm run images [NAME ...]`.
 * They are named by VFBENCH_IMAGE_PREFIX (default `vfbench`) and the version in package.json.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianArchitecture } from '../src/sandbox/assets/apt-config.ts';
import { openCache } from '../src/sandbox/assets/cache.ts';
import { createProgress } from '../src/sandbox/assets/progress.ts';
import { ENDPOINT_CONFIG_PATH } from '../src/api/labels.ts';
import { BUNDLE_PATH } from '../src/sandbox/guest/root.ts';
import { buildOperator, buildRunner } from './build.ts';
import { type Image, writeImage } from './images/oci.ts';
import { type BuildOptions, guestOf, guestRoot, OPERATOR_PATH, operatorRoot, runnerRoot } from './images/roots.ts';

const ROOT = join(import.meta.dirname, '..');
const NAMES = ['operator', 'runner', 'guest'] as const;
type Name = (typeof NAMES)[number];

/** Node grows its heap as if the machine were its own, unless told: the chart's limit is 384Mi. */
const OPERATOR_FLAGS = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=4', '--max-old-space-size=160'];
const USER = '65532:65532';

const CONFIGS: Record<Name, Record<string, unknown>> = {
  operator: { User: USER, Entrypoint: ['/usr/bin/node', ...OPERATOR_FLAGS, OPERATOR_PATH], Env: ['PATH=/usr/bin'] },
  runner: {
    User: USER,
    Entrypoint: ['/usr/bin/node', BUNDLE_PATH],
    Cmd: ['--config', ENDPOINT_CONFIG_PATH],
    Env: ['PATH=/usr/sbin:/usr/bin'],
  },
  guest: {},
};

async function fill(name: Name, folder: string, options: BuildOptions): Promise<void> {
  if (name === 'operator') return operatorRoot(folder, options);
  const guest = await guestOf(options);
  return name === 'runner' ? runnerRoot(folder, guest, options) : guestRoot(folder, guest);
}

/** Builds one image into `folder`; resolves with its digest. */
export async function buildImage(name: Name, outfile: string, options: BuildOptions, version: string): Promise<string> {
  const work = await mkdtemp(join(tmpdir(), 'vfbench-root-'));
  try {
    await fill(name, join(work, 'root'), options);
    const image: Image = {
      name: `${process.env['VFBENCH_IMAGE_PREFIX'] ?? 'vfbench'}/${name}:${version}`,
      architecture: debianArchitecture(),
      root: join(work, 'root'),
      config: CONFIGS[name],
      labels: {
        'org.opencontainers.image.title': `vfbench ${name}`,
        'org.opencontainers.image.version': version,
        'org.opencontainers.image.licenses': 'Apache-2.0',
      },
    };
    return await writeImage(image, outfile);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.filter((arg) => !NAMES.some((name) => name === arg));
  if (unknown.length > 0) {
    console.error(`No image ${unknown.join(', ')}: name some of ${NAMES.join(', ')}, or none for all`);
    return 2;
  }
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new Error('Interrupted')));
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const [runner, operator] = [join(ROOT, 'dist/runner.mjs'), join(ROOT, 'dist/operator.mjs')];
  await Promise.all([buildRunner(runner), buildOperator(operator)]);
  const options = { cache: openCache(), progress: createProgress(), signal: stop.signal, runner, operator };
  for (const name of args.length === 0 ? NAMES : NAMES.filter((each) => args.includes(each))) {
    const file = `dist/images/${name}.tar`;
    const digest = await buildImage(name, join(ROOT, file), options, version);
    console.log(`${file}  ${digest}`);
  }
  return 0;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
