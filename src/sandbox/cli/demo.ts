/** `npm run demo`: a cluster in a box, one Experiment from `kubectl apply` to its verdict, everything removed. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readFile } from 'node:fs/promises';
import type { Sandbox } from '../sandbox.ts';
import { applyExamples, EXAMPLES, ROOT, runSession } from './session.ts';

/** Follows the Experiment with the same command that users have; resolves with its exit code. */
function watch(
  sandbox: Sandbox,
  experiment: { namespace: string; name: string },
  signal: AbortSignal,
): Promise<number> {
  const { namespace, name } = experiment;
  const args = [join(ROOT, 'src/cli/main.ts'), 'watch', name, '-n', namespace, '--kubeconfig', sandbox.kubeconfig];
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

await runSession(async ({ progress, signal, start }) => {
  const file = join(EXAMPLES, 'experiment.yaml');
  const sandbox = await start();
  await applyExamples(sandbox);
  progress.note('\n$ kubectl apply -f deploy/examples/');
  progress.note((await sandbox.kubectl(['apply', '-f', file])).trim());
  const { metadata } = parse(await readFile(file, 'utf8')) as { metadata: { namespace: string; name: string } };
  if (sandbox.operator?.pageUrl) progress.note(`Live page: ${sandbox.operator.pageUrl}`);
  progress.note(`$ vfbench watch ${metadata.name} -n ${metadata.namespace}\n`);
  const code = await watch(sandbox, metadata, signal);
  if (signal.aborted) return code;
  progress.note(
    [
      '',
      'What to try next:',
      '  npm run sandbox                  keeps this cluster up and prints how to use kubectl with it',
      '  deploy/examples/experiment.yaml  change modes, tests or blocks, and run the demo again',
      '  docs/method.md                   why to trust a number, and what not to conclude',
      '',
    ].join('\n'),
  );
  return code;
});
