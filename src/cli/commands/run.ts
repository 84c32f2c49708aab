/** `run -f FILE`: Testbeds are applied, the Experiment is created: never is an old result taken for a new one. */
import { SCHEMAS } from '../../api/schemas.ts';
import type { Experiment, Testbed } from '../../api/v1alpha1.ts';
import { isAlreadyExists, type KubeObject } from '../../kube/index.ts';
import { CliError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { EXPERIMENTS, TESTBEDS } from '../../api/kinds.ts';
import { checked, type Manifests, readManifests } from '../manifest/read.ts';
import { type Call, text, UsageError } from '../parse.ts';
import { again, type Session, withSession } from '../session.ts';
import { warnOfSkew } from '../skew.ts';
import { limitsOf, waitFor } from '../wait.ts';

/** What the environment lacks may still come while a cluster is being set up. */
export const STALLED_AFTER_SECONDS = 120;

export function run(call: Call): Promise<ExitCode> {
  const file = text(call, 'filename');
  if (file === undefined) throw new UsageError('run needs -f FILE', call.command);
  const limits = limitsOf(call, STALLED_AFTER_SECONDS);
  const manifests = readManifests(file);
  const [experiment, second] = manifests.experiments;
  if (experiment === undefined) throw new CliError(`there is no Experiment in ${file}`);
  if (second !== undefined)
    throw new CliError(`${file} has ${manifests.experiments.length} Experiments: run takes one at a time`);
  return withSession(call, async (session) => {
    const schemas = (await warnOfSkew(session)) ?? SCHEMAS;
    checked(experiment, schemas);
    for (const testbed of manifests.testbeds) checked(testbed, schemas);
    await applyTestbeds(session, manifests);
    const created = await create(session, experiment);
    const at = { namespace: created.metadata.namespace ?? '', name: created.metadata.name };
    session.terminal.line(`Experiment ${at.namespace}/${at.name} created`);
    if (call.values['wait'] === true) return waitFor(session, created, limits);
    session.terminal.line(`To follow it: ${again(session, 'watch', at)}`);
    return EXIT.passed;
  });
}

async function applyTestbeds(session: Session, { testbeds, attachments, others }: Manifests): Promise<void> {
  const left = [...attachments, ...others].map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  if (left.length > 0) process.stderr.write(`Warning: left alone, kubectl apply -f makes them: ${left.join(', ')}\n`);
  for (const testbed of testbeds) {
    const object = placed<Testbed>(session, testbed);
    await session.client.apply(TESTBEDS, object, { fieldManager: 'kubectl-vfbench', signal: session.signal });
    session.terminal.line(`Testbed ${object.metadata.namespace}/${object.metadata.name} applied`);
  }
}

/** In its own namespace, else in that of the session. */
function placed<T extends Experiment | Testbed>({ namespace, call }: Session, manifest: T): T & KubeObject {
  const own = manifest.metadata.namespace;
  const asked = text(call, 'namespace');
  if (own !== undefined && asked !== undefined && own !== asked)
    throw new CliError(
      `${manifest.kind} ${manifest.metadata.name} is of namespace ${own}, not of ${asked}: leave out -n, or change the file`,
    );
  return { ...manifest, metadata: { ...manifest.metadata, namespace: own ?? namespace } };
}

async function create(session: Session, manifest: Experiment): Promise<Experiment & KubeObject> {
  const object = placed(session, manifest);
  const at = { namespace: object.metadata.namespace ?? '', name: object.metadata.name };
  try {
    return await session.client.create(EXPERIMENTS, object, { signal: session.signal });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    throw new CliError(
      `Experiment ${at.namespace}/${at.name} exists already, and runs once: ${again(session, 'watch', at)}, or ${again(session, 'rerun', at)}`,
    );
  }
}
