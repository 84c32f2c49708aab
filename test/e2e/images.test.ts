/** The images that `npm run images` builds: their programs run with nothing but what is in them, the guest boots. */
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildOperator, buildRunner } from '../../scripts/build.ts';
import { buildImage } from '../../scripts/images.ts';
import { INITRD_PATH, KERNEL_ARGS, KERNEL_PATH } from '../../src/plan/render/vm.ts';
import { openCache } from '../../src/sandbox/assets/cache.ts';
import { runCommand } from '../../src/sandbox/assets/process.ts';
import { silentProgress } from '../../src/sandbox/assets/progress.ts';
import { sandboxTools } from '../../src/sandbox/substrate/tools.ts';
import { noSandbox } from '../support/assets.ts';
import { describeUnless } from '../support/skip.ts';

const BUILD_MS = 300_000;
const BOOT_MS = 120_000;

interface Config {
  config: { User?: string; Entrypoint?: string[]; Cmd?: string[] };
}

describeUnless(noSandbox, 'images', () => {
  const signal = new AbortController().signal;
  const assets = { cache: openCache(), progress: silentProgress(), signal };
  let directory: string;
  let bundles: { runner: string; operator: string };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vfbench-images-'));
    bundles = { runner: join(directory, 'runner.mjs'), operator: join(directory, 'operator.mjs') };
    await Promise.all([buildRunner(bundles.runner), buildOperator(bundles.operator)]);
  }, BUILD_MS);

  afterAll(() => rm(directory, { recursive: true, force: true }));

  /** Builds an image and unpacks it as a container runtime would. */
  async function unpacked(name: 'operator' | 'runner' | 'guest'): Promise<{ root: string; config: Config['config'] }> {
    const archive = join(directory, `${name}.tar`);
    await buildImage(name, archive, { ...assets, ...bundles }, '9.9.9');
    const [layout, root] = [join(directory, `${name}-layout`), join(directory, name)];
    for (const folder of [layout, root]) await mkdir(folder);
    await runCommand(['tar', '-xf', archive, '-C', layout]);
    const json = async <T>(file: string): Promise<T> => JSON.parse(await readFile(join(layout, file), 'utf8')) as T;
    const blob = (digest: string): string => join('blobs/sha256', digest.replace('sha256:', ''));
    const { manifests } = await json<{ manifests: { digest: string; annotations: Record<string, string> }[] }>(
      'index.json',
    );
    expect(manifests[0]?.annotations['org.opencontainers.image.ref.name']).toBe(`vfbench/${name}:9.9.9`);
    const manifest = await json<{ config: { digest: string }; layers: { digest: string }[] }>(
      blob(manifests[0]?.digest ?? ''),
    );
    for (const { digest } of manifest.layers) {
      await runCommand(['tar', '-xzf', join(layout, blob(digest)), '-C', root, '--no-same-owner']);
    }
    return { root, config: (await json<Config>(blob(manifest.config.digest))).config };
  }

  /** Runs a command with the image's root as its own, and no other environment. */
  async function inside(root: string, command: readonly string[]): Promise<{ code: number | null; output: string }> {
    const { unshare } = await sandboxTools(assets);
    const [program = '', ...args] = [
      ...unshare,
      '--user',
      '--map-root-user',
      '--pid',
      '--fork',
      '--mount-proc',
      `--root=${root}`,
      ...command,
    ];
    const { status, stdout, stderr } = spawnSync(program, args, { env: {}, encoding: 'utf8', timeout: 60_000 });
    return { code: status, output: stdout + stderr };
  }

  test(
    'operator: starts as nobody in particular, and says what it lacks',
    async () => {
      const { root, config } = await unpacked('operator');
      expect(config.User).toBe('65532:65532');
      expect(await readFile(join(root, 'usr/share/doc/vfbench/third-party-licences.txt'), 'utf8')).toContain('undici');
      expect(await readFile(join(root, 'usr/share/doc/libstdc++6/copyright'), 'utf8')).toContain('GNU');
      const { code, output } = await inside(root, config.Entrypoint ?? []);
      expect(output).toMatch(/^vfbench: .*(cluster|kubeconfig)/im);
      expect(code).toBe(1);
    },
    BUILD_MS,
  );

  test(
    'runner: with every tool it measures with',
    async () => {
      const { root, config } = await unpacked('runner');
      const { output } = await inside(root, [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])]);
      expect(output).toContain('endpoint.json');
      for (const tool of ['iperf3', 'sockperf', 'netperf', 'qperf']) {
        expect((await inside(root, [`/usr/bin/${tool}`, tool === 'netperf' ? '-V' : '--version'])).output).toMatch(
          /\d+\.\d+/,
        );
      }
    },
    BUILD_MS,
  );

  test(
    'guest: boots by kernelBoot to its runner',
    async () => {
      const { root } = await unpacked('guest');
      const { qemu } = await sandboxTools(assets);
      const disk = ['-drive', `file=${join(root, 'disk/root.img')},if=virtio,format=raw,readonly=on`];
      const kernel = ['-kernel', join(root, KERNEL_PATH), '-initrd', join(root, INITRD_PATH), '-append', KERNEL_ARGS];
      const machine = ['-nodefaults', '-no-reboot', '-display', 'none', '-serial', 'stdio', '-m', '512', '-cpu', 'max'];
      const { stdout } = await runCommand([...qemu, ...machine, ...kernel, ...disk], { timeoutMs: BOOT_MS });
      expect(stdout).toContain('vfbench: no seed found');
      expect(stdout).toMatch(/vfbench: runner starts .* after power-on/);
    },
    BUILD_MS + BOOT_MS,
  );
});
