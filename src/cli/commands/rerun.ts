/** `rerun NAME`: a new Experiment of the same spec. */
import type { Experiment } from '../../api/v1alpha1.ts';
import { isAlreadyExists, type KubeObject } from '../../kube/index.ts';
import { CliError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { findExperiment } from '../find.ts';
import { EXPERIMENTS } from '../../api/kinds.ts';
import { type Call, text, UsageError } from '../parse.ts';
import { nextName } from '../rerunName.ts';
import { again, type Session, withSession } from '../session.ts';
import { warnOfSkew } from '../skew.ts';
import { limitsOf, waitFor } from '../wait.ts';
import { STALLED_AFTER_SECONDS } from './run.ts';

const MOST_TRIED = 1000;
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

export function run(call: Call): Promise<ExitCode> {
  const limits = limitsOf(call, STALLED_AFTER_SECONDS);
  const seed = seedOf(call);
  return withSession(call, async (session) => {
    const old = await findExperiment(session, call.positionals[0] ?? '');
    await warnOfSkew(session);
    const created = await createCopy(session, old, seed);
    const at = { namespace: created.metadata.namespace ?? '', name: created.metadata.name };
    session.terminal.line(`Experiment ${at.namespace}/${at.name} created, with the spec of ${old.metadata.name}`);
    if (call.values['wait'] === true) return waitFor(session, created, limits);
    session.terminal.line(`To follow it: ${again(session, 'watch', at)}`);
    session.terminal.line(
      `To compare them then: kubectl vfbench compare ${old.metadata.name} ${at.name} -n ${at.namespace}`,
    );
    return EXIT.passed;
  });
}

function seedOf(call: Call): number | undefined {
  const given = text(call, 'seed');
  if (given === undefined) return undefined;
  const seed = Number(given);
  if (/^\d+$/.test(given) && Number.isSafeInteger(seed)) return seed;
  throw new UsageError(`--seed ${given}: write a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`, call.command);
}

type Found = Experiment & KubeObject;

async function createCopy(session: Session, old: Found, seed: number | undefined): Promise<Found> {
  const asked = text(session.call, 'name');
  let name = asked ?? nextName(old.metadata.name);
  for (let tried = 0; tried < MOST_TRIED; tried++) {
    try {
      return await session.client.create(EXPERIMENTS, copyOf(old, name, seed), { signal: session.signal });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      if (asked !== undefined) throw new CliError(`Experiment ${name} exists already: choose another --name`);
      name = nextName(name);
    }
  }
  throw new CliError(`no name is free up to ${name}: choose one by --name`);
}

function copyOf({ apiVersion, kind, metadata, spec }: Found, name: string, seed: number | undefined): Found {
  const { [LAST_APPLIED]: _, ...annotations } = metadata.annotations ?? {};
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      ...(metadata.labels === undefined ? {} : { labels: metadata.labels }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    spec: { ...spec, suspend: false, ...(seed === undefined ? {} : { seed }) },
  };
}
