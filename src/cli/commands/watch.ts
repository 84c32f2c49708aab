/** `watch NAME`. */
import type { ExitCode } from '../exit.ts';
import { findExperiment } from '../find.ts';
import type { Call } from '../parse.ts';
import { withSession } from '../session.ts';
import { warnOfSkew } from '../skew.ts';
import { limitsOf, waitFor } from '../wait.ts';

export function run(call: Call): Promise<ExitCode> {
  const limits = limitsOf(call);
  return withSession(call, async (session) => {
    const experiment = await findExperiment(session, call.positionals[0] ?? '');
    await warnOfSkew(session);
    return waitFor(session, experiment, limits);
  });
}
