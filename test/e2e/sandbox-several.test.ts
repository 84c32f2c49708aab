/** Several sandboxes side by side, one that is killed and what the next start makes of it, and Ctrl-C in the demo. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findCondition, isTrue } from '../../src/api/conditions.ts';
import { TRIALS } from '../../src/api/kinds.ts';
import type { Trial } from '../../src/api/v1alpha1.ts';
import { KubeClient } from '../../src/kube/index.ts';
import { createLogger } from '../../src/log.ts';
import { FILES } from '../../src/sandbox/controlplane/flags.ts';
import { noSandbox } from '../support/assets.ts';
import { eventually } from '../support/eventually.ts';
import { describeUnless } from '../support/skip.ts';
import { conditionText, Lab, NAMESPACE, processesNaming, ROOT, START_MS, type Stored } from './fixtures/sandbox-lab.ts';

const SCRIPT = join(import.meta.dirname, 'fixtures/sandbox-process.ts');
const TIMEOUT_MS = 300_000;

interface Said {
  dir?: string;
  guestsDir?: string;
  succeeded?: string;
  guests?: number;
}

/** A sandbox in another process. */
class Other {
  readonly child: ChildProcess;
  readonly said: Said = {};
  log = '';

  constructor(state: string) {
    const env = { ...process.env, VFBENCH_STATE: state };
    this.child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', SCRIPT], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.log += text));
    createInterface({ input: this.child.stdout as NodeJS.ReadableStream }).on('line', (line) =>
      Object.assign(this.said, JSON.parse(line) as Said),
    );
  }

  /** Waits until it has said a thing. */
  async until<K extends keyof Said>(key: K, seconds = 120): Promise<NonNullable<Said[K]>> {
    await eventually(seconds, async () => this.child.exitCode !== null || this.said[key] !== undefined || null);
    const said = this.said[key];
    if (said === undefined || said === null) throw new Error(`It ended: ${this.log}`);
    return said;
  }

  /** Its exit code, null after SIGKILL. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const exited = this.child.exitCode === null ? once(this.child, 'exit') : Promise.resolve([this.child.exitCode]);
    this.child.kill(signal);
    return (await exited)[0] as number | null;
  }
}

/** What a sandbox must not leave in the machine outside its own directory. */
async function machine(): Promise<Record<string, string[]>> {
  const list = (path: string): Promise<string[]> => readdir(path).catch(() => []);
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').map((line) => line.split(' ')[4] ?? '');
  return { links: await list('/sys/class/net'), namespaces: await list('/run/netns'), mounts };
}

/** Waits until the one sandbox of a state folder measures with guests. */
async function guestsMeasure(state: string): Promise<void> {
  const [dir = ''] = await readdir(state);
  const kubeconfig = join(state, dir, 'control', FILES.admin);
  const client = KubeClient.fromKubeConfig({ kubeconfig, log: createLogger('test', 'error') });
  const measures = ({ spec, status }: Stored<Trial>): boolean =>
    spec.mode !== 'native' &&
    isTrue(status?.conditions, 'EndpointsReady') &&
    findCondition(status?.conditions, 'Measured') === undefined;
  try {
    await eventually(90, async () => {
      const { items } = await client.list<Stored<Trial>>(TRIALS, { namespace: NAMESPACE });
      return items.some(measures) || null;
    });
  } finally {
    await client.close();
  }
  expect((await processesNaming(state)).filter((line) => line.includes('qemu-system'))).toHaveLength(2);
}

describeUnless(noSandbox, 'sandboxes', () => {
  let state: string;
  let lab: Lab;
  let before: Record<string, string[]>;
  const others: Other[] = [];
  const other = (): Other => {
    const made = new Other(state);
    others.push(made);
    return made;
  };

  beforeAll(async () => {
    // One of their own: whatever else runs on this machine would clear away what is to be looked at here.
    state = await mkdtemp(join(tmpdir(), 'vfb-'));
    process.env['VFBENCH_STATE'] = state;
    before = await machine();
    lab = await Lab.start();
  }, START_MS);

  afterAll(async () => {
    for (const { child } of others) child.kill('SIGKILL');
    if (lab !== undefined) expect(await lab.stop()).toEqual([]);
    delete process.env['VFBENCH_STATE'];
    await rm(state, { recursive: true, force: true });
  }, START_MS);

  test(
    'two run side by side; one that is killed leaves things, and the next start removes them, and only them',
    async () => {
      const victim = other();
      const dir = await victim.until('dir');
      await lab.experiment('beside');
      const here = await lab.finished('beside', 90);
      expect(conditionText(here.status?.conditions, 'Succeeded')).toMatch(/^Completed/);
      expect(await victim.until('succeeded')).toBe('True');

      expect(await victim.until('guests')).toBe(2);
      const guests = victim.said.guestsDir ?? '';
      expect((await processesNaming(guests)).filter((line) => line.includes('qemu-system')).length).toBeGreaterThan(1);
      await victim.end('SIGKILL');
      await eventually(10, async () => ((await processesNaming(guests)).length === 0 ? true : null));
      // Its processes die with it; its files stay for the next start.
      await eventually(10, async () => ((await processesNaming(dir)).length === 0 ? true : null));
      expect((await readdir(state)).map((name) => join(state, name))).toContain(dir);
      expect(await machine()).toEqual(before);

      const early = other();
      const earlyDir = await eventually(30, async () => {
        const names = await readdir(state);
        const found = names.map((name) => join(state, name)).find((name) => name !== dir && name !== lab.sandbox.dir);
        return found !== undefined && (await processesNaming(found)).length > 0 ? found : null;
      });
      await early.end('SIGKILL');

      const next = other();
      const nextDir = await next.until('dir');
      expect(next.log).toMatch(/Removed what \d killed runs? had left/);
      expect(await processesNaming(dir)).toEqual([]);
      expect(await processesNaming(earlyDir)).toEqual([]);
      expect((await readdir(state)).map((name) => join(state, name)).toSorted()).toEqual(
        [lab.sandbox.dir, nextDir].toSorted(),
      );
      expect((await lab.get('beside')).metadata.uid).toBe(here.metadata.uid);
      expect(lab.sandbox.controlPlane.pid('etcd')).toBeDefined();

      expect(await next.end('SIGTERM')).toBe(0);
      expect(await processesNaming(nextDir)).toEqual([]);
      expect(await readdir(state)).toEqual([lab.sandbox.dir.slice(state.length + 1)]);
      expect(await machine()).toEqual(before);
    },
    TIMEOUT_MS,
  );

  test(
    'Ctrl-C in the demo while it measures ends and removes everything',
    async () => {
      const own = await mkdtemp(join(tmpdir(), 'vfb-'));
      const env = { ...process.env, VFBENCH_STATE: own };
      const argv = [join(ROOT, 'scripts/run.mjs'), 'src/sandbox/cli/demo.ts'];
      const demo = spawn(process.execPath, argv, { env, cwd: ROOT, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
      let said = '';
      for (const stream of [demo.stdout, demo.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
      await eventually(150, async () => demo.exitCode !== null || said.includes('vfbench watch') || null);
      expect({ code: demo.exitCode, said }).toMatchObject({ code: null });
      await guestsMeasure(own);
      // As a terminal does: to all of the foreground's processes.
      process.kill(-(demo.pid ?? 0), 'SIGINT');
      const [code] = (await once(demo, 'close')) as [number | null];
      expect({ code, said: said.includes('Stopping and removing everything') }).toEqual({ code: 130, said: true });
      expect(await readdir(own)).toEqual([]);
      expect(await processesNaming(own)).toEqual([]);
      expect(await machine()).toEqual(before);
      await rm(own, { recursive: true });
    },
    TIMEOUT_MS,
  );
});
