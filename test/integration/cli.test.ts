/** The built plugin as its users run it: a child process against a real API server. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildPlugin } from '../../scripts/build.ts';
import type { Experiment } from '../../src/api/v1alpha1.ts';
import { EXPERIMENTS } from '../../src/api/kinds.ts';
import type { KubeObject } from '../../src/kube/index.ts';
import { describeWithCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { experimentManifest, type Fleet, FLEET_CLUSTER, labManifests, startFleet } from '../support/fleet.ts';
import { type Ended, type Running, startProgram } from '../support/program.ts';

const ESCAPE = '\u001b[';

let dir: string;
let plugin: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'vfb-cli-'));
  plugin = join(dir, 'kubectl-vfbench');
  await buildPlugin(plugin);
}, 60_000);
afterAll(async () => rm(dir, { recursive: true, force: true }));

const start = (command: string, args: readonly string[], env: Record<string, string> = {}): Running =>
  startProgram(command, args, { HOME: dir, ...env });

const run = (args: readonly string[], env: Record<string, string> = {}): Promise<Ended> =>
  start(plugin, args, env).ended;

/** On a pseudo-terminal, as util-linux's script makes one. */
const onTerminal = (args: readonly string[], env: Record<string, string> = {}): Promise<Ended> =>
  start('script', ['-qec', [plugin, ...args].join(' '), '/dev/null'], env).ended;

describe('without a cluster', () => {
  test('usage is there at once', async () => {
    const runs = [await run(['--help']), await run(['--help']), await run(['--help'])];
    for (const { code, out } of runs) {
      expect(code).toBe(0);
      expect(out).toContain('doctor [TESTBED]');
    }
    // The goal is 0.25 s on an idle machine; this one may be busy.
    expect(Math.min(...runs.map(({ seconds }) => seconds))).toBeLessThan(1);
  });

  test.each([
    [['nope'], /there is no command nope/],
    [['watch'], /watch needs NAME/],
    [['run'], /run needs -f FILE/],
    [['watch', 'a', '--timeout', 'soon'], /write a duration/],
    [['completion', 'tcsh'], /use bash, zsh, fish/],
  ])('%p is usage: exit code 2', async (args, message) => {
    const { code, out, err } = await run(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
  });

  test('no server, no kubeconfig, no file: exit code 1 and one sentence', async () => {
    const kubeconfig = join(dir, 'nowhere');
    const cluster = { name: 'x', cluster: { server: 'https://127.0.0.1:1' } };
    const context = { name: 'x', context: { cluster: 'x', user: 'x' } };
    const config = {
      'current-context': 'x',
      clusters: [cluster],
      contexts: [context],
      users: [{ name: 'x', user: {} }],
    };
    await writeFile(kubeconfig, JSON.stringify(config));
    for (const args of [
      ['report', 'a', '--kubeconfig', kubeconfig],
      ['report', 'a', '--kubeconfig', join(dir, 'missing')],
      ['plan', '-f', join(dir, 'missing')],
      ['compare', 'missing.json', 'missing.json'],
    ]) {
      const { code, err } = await run(args);
      expect({ args, code }).toEqual({ args, code: 1 });
      expect(err).toMatch(/^Error: .+\n$/);
      expect(err).not.toMatch(/\n {4}at /);
    }
  });

  test('plan of a file: text, JSON, and what is wrong in it', async () => {
    const file = join(dir, 'plan.yaml');
    await writeFile(file, JSON.stringify(experimentManifest('bench', 'planned')));
    const text = await run(['plan', '-f', file]);
    expect(text.out).toContain('Experiment planned: 3 cells, 6 blocks, 18 trials');
    const json = await run(['plan', '-f', file, '-o', 'json']);
    expect(JSON.parse(json.out)).toMatchObject([{ trials: { least: 18, most: 18 } }]);
    await writeFile(file, JSON.stringify(experimentManifest('bench', 'planned', { durationSecond: 1 })));
    const bad = await run(['plan', '-f', file]);
    expect(bad).toMatchObject({ code: 1, out: '' });
    expect(bad.err).toContain('spec.durationSecond: there is no such field');
  });

  test('the completion script completes in bash', async () => {
    const script = `source <(${plugin} completion bash); COMP_WORDS=(kubectl-vfbench "$@"); COMP_CWORD=$#; _kubectl_vfbench; echo "\${COMPREPLY[*]}"`;
    const complete = async (...words: string[]): Promise<string> =>
      (await start('bash', ['-c', script, 'x', ...words]).ended).out.trim();
    expect(await complete('re')).toBe('report rerun');
    expect(await complete('report', '-o', 'j')).toBe('json jsonl junit');
    expect(await complete('doctor', '--pro')).toBe('--probe');
    expect(await complete('completion', '')).toContain('zsh');
  });
});

describeWithCluster('against a cluster', FLEET_CLUSTER, (cluster) => {
  let fleet: Fleet;
  let namespace: string;
  const at = (): string[] => ['-n', namespace, '--kubeconfig', cluster().kubeconfig];

  async function manifest(name: string, spec: object = {}): Promise<string> {
    const file = join(dir, `${name}.json`);
    await writeFile(file, JSON.stringify(experimentManifest(namespace, name, spec)));
    return file;
  }
  const get = (name: string): Promise<Experiment & KubeObject> => fleet.client.get(EXPERIMENTS, { namespace, name });

  beforeAll(async () => {
    fleet = await startFleet(cluster());
    namespace = await cluster().namespace('cli');
    await cluster().apply(...labManifests(namespace));
    await fleet.operator('cli');
  }, 60_000);
  afterAll(async () => fleet?.stop());

  test('run --wait in a pipe: plain lines, results, exit code 0; the name is taken then', async () => {
    const file = await manifest('first', { blocks: { min: 6, max: 6 } });
    const { code, out, err } = await run(['run', '-f', file, '--wait', ...at()]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/Experiment cli-\d+\/first created\n/);
    expect(out.match(/: done in /g)).toHaveLength(18);
    expect(out).toContain('Succeeded: True (Completed)');
    expect(out).not.toContain(ESCAPE);
    const second = await run(['run', '-f', file, ...at()]);
    expect(second.code).toBe(1);
    expect(second.err).toMatch(/exists already, and runs once: kubectl vfbench watch first .*rerun first/);
  }, 120_000);

  test('terminals get colour, unless NO_COLOR', async () => {
    const coloured = await onTerminal(['report', 'first', ...at()]);
    expect(coloured.out).toContain(ESCAPE);
    expect((await onTerminal(['report', 'first', ...at()], { NO_COLOR: '1' })).out).not.toContain(ESCAPE);
    expect((await onTerminal(['report', 'first', ...at()], { CI: 'true' })).out).not.toContain(ESCAPE);
    expect((await run(['report', 'first', ...at()])).out).not.toContain(ESCAPE);
  }, 60_000);

  test('rerun takes the next name, and compare sets both in ratio', async () => {
    const again = await run(['rerun', 'first', '--wait', ...at()]);
    expect(again.code).toBe(0);
    expect((await get('first-2')).spec).toEqual((await get('first')).spec);
    const compared = await run(['compare', 'first', 'first-2', ...at()]);
    expect({ code: compared.code, err: compared.err }).toEqual({ code: 0, err: '' });
    expect(compared.out).toContain('B over A');
    expect(compared.out).toMatch(/latency +64 B, CrossNode +rttP50 +native/);
    const file = join(dir, 'first.json');
    await writeFile(file, (await run(['report', 'first', '-o', 'json', ...at()])).out);
    expect((await run(['compare', file, 'first-2', ...at()])).out).toContain('B over A');
  }, 120_000);

  test('what is not comparable is refused, with every reason', async () => {
    await run([
      'run',
      '-f',
      await manifest('other', { durationSeconds: 2, blocks: { min: 1, max: 1 } }),
      '--wait',
      ...at(),
    ]);
    const { code, err } = await run(['compare', 'first', 'other', ...at()]);
    expect(code).toBe(1);
    expect(err).toMatch(/cannot be compared:\n {2}durationSeconds: 1 in A, 2 in B/);
  }, 60_000);

  test('a failed expectation is 3, one that cannot be decided 4', async () => {
    const blocks = { min: 6, max: 6 };
    const bound = (limit: object): object => ({
      blocks,
      expectations: [{ test: 'latency', metric: 'rttP50', mode: 'virtio', ...limit }],
    });
    const failed = await run([
      'run',
      '-f',
      await manifest('strict', bound({ atMost: '0.000000001' })),
      '--wait',
      ...at(),
    ]);
    expect(failed.code).toBe(3);
    const few = {
      blocks: { min: 1, max: 1 },
      expectations: [{ test: 'latency', metric: 'rttP50', mode: 'virtio', ratioAtMost: '1' }],
    };
    const open = await run(['run', '-f', await manifest('open', few), '--wait', ...at()]);
    expect(open.code).toBe(4);
  }, 120_000);

  test('a limit that passes is 5, a shortage that stays 6, a name that is not there 1', async () => {
    await cluster().apply(experimentManifest(namespace, 'paused', { suspend: true }) as object);
    const late = await run(['watch', 'paused', '--timeout', '2s', ...at()]);
    expect(late.code).toBe(5);
    expect(late.err).toMatch(/not finished after 2s .* goes on; to follow it again: kubectl vfbench watch paused -n /);
    const file = await manifest('homeless', { testbed: 'nowhere' });
    const unfit = await run(['run', '-f', file, '--wait', '--stalled-after', '1s', ...at()]);
    expect(unfit.code).toBe(6);
    expect(unfit.err).toContain('TestbedNotFound');
    const gone = await run(['report', 'nobody', ...at()]);
    expect(gone.code).toBe(1);
    expect(gone.err).toContain('there is no Experiment nobody in namespace');
  }, 60_000);

  test('Ctrl-C leaves the Experiment running and says how to go on', async () => {
    const watch = start(plugin, ['watch', 'paused', ...at()]);
    await eventually(20, async () => watch.said().includes('waits: Suspended') || null);
    watch.interrupt();
    const { code, err } = await watch.ended;
    expect(code).toBe(130);
    expect(err).toContain(`goes on; to follow it again: kubectl vfbench watch paused -n ${namespace} --kubeconfig`);
    expect((await get('paused')).metadata.deletionTimestamp).toBeUndefined();
  }, 60_000);

  test('an Experiment that is deleted ends the wait', async () => {
    await cluster().apply(experimentManifest(namespace, 'brief', { suspend: true }) as object);
    const watch = start(plugin, ['watch', 'brief', ...at()]);
    await eventually(20, async () => watch.said().includes('waits: Suspended') || null);
    await cluster().kubectl(['delete', 'experiment', 'brief', '-n', namespace]);
    expect(await watch.ended).toMatchObject({ code: 1, err: expect.stringContaining('brief was deleted') as unknown });
  }, 60_000);

  test('a plugin older than the CRDs says so', async () => {
    const path = '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/later';
    const patch = (operation: object): Promise<string> =>
      cluster().kubectl(['patch', 'crd', 'experiments.vfbench.io', '--type=json', '-p', JSON.stringify([operation])]);
    await patch({ op: 'add', path, value: { type: 'integer' } });
    const warning =
      /Warning: this plugin \(.*\) is older than the CRDs of the cluster, which also know Experiment\.spec\.later: update/;
    const isWarned = async (): Promise<boolean> => warning.test((await run(['watch', 'first', ...at()])).err);
    await eventually(30, async () => (await isWarned()) || null);
    await patch({ op: 'remove', path });
    await eventually(30, async () => !(await isWarned()) || null);
  }, 90_000);

  test('doctor: what is not fit is 6, each line with its cure', async () => {
    const { code, out } = await run(['doctor', 'lab', '--operator-namespace', 'nowhere', ...at()]);
    expect(out).toMatch(/^ok +API server: /m);
    expect(out).toMatch(/^ok +CRDs: installed, of the age of this plugin$/m);
    expect(out).toMatch(/^ok +your rights: /m);
    expect(out).toMatch(/^fail operator leader: /m);
    expect(out).toMatch(/^ok +Testbed lab, attachments: native \(sriov\) for /m);
    expect(out).toMatch(/^warn Testbed lab, image pull and collector: not checked: --probe does/m);
    expect(code).toBe(6);
    const none = await run(['doctor', 'nothing', ...at()]);
    expect(none.out).toMatch(/^fail Testbed: there is no Testbed nothing/m);
  }, 60_000);

  test('an API server that is lost during a wait ends it with a sentence, exit code 1', async () => {
    const watch = start(plugin, ['watch', 'paused', '--lost-after', '3s', ...at()]);
    await eventually(20, async () => watch.said().includes('waits: Suspended') || null);
    await cluster().controlPlane.kill('kube-apiserver');
    const { code, err } = await watch.ended;
    await cluster().controlPlane.start('kube-apiserver');
    expect(code).toBe(1);
    expect(err).toMatch(
      /^Error: cannot reach the API server https:.* The wait ended after 3s without an answer .* goes on; to follow it again/,
    );
    expect(err).not.toMatch(/\n {4}at /);
  }, 120_000);
});
