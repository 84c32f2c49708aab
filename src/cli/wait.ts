/** A wait for an Experiment, from its limits to what is said at its end. */
import type { Experiment } from '../api/v1alpha1.ts';
import { CliError } from './errors.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exit.ts';
import { type Call, seconds } from './parse.ts';
import { duration } from './progress.ts';
import { again, type Session } from './session.ts';
import { printResults } from './summary.ts';
import { follow, type Limits } from './watch.ts';

const LOST_AFTER_SECONDS = 60;

/** @throws UsageError for what is no duration. `stalledAfter` in seconds where the option is not given. */
export function limitsOf(call: Call, stalledAfter?: number): Limits {
  const timeout = seconds(call, 'timeout');
  const stalled = seconds(call, 'stalled-after') ?? stalledAfter;
  return {
    ...(timeout === undefined || timeout === 0 ? {} : { timeout }),
    lostAfter: seconds(call, 'lost-after') ?? LOST_AFTER_SECONDS,
    ...(stalled === undefined ? {} : { stalledAfter: stalled }),
  };
}

/** Follows it to its end and prints its results, or says why the wait ended and how to go on. */
export async function waitFor(session: Session, experiment: Experiment, limits: Limits): Promise<ExitCode> {
  const { namespace = '', name, uid } = experiment.metadata;
  const { terminal } = session;
  const ending = await follow(session, { namespace, name, uid }, limits);
  const goOn = `Experiment ${namespace}/${name} goes on; to follow it again: ${again(session, 'watch', { namespace, name })}`;
  switch (ending.kind) {
    case 'Finished':
      printResults(ending.experiment, terminal);
      return exitCodeOf(ending.experiment);
    case 'Deleted':
      throw new CliError(`Experiment ${namespace}/${name} was deleted`);
    case 'Interrupted':
      process.stderr.write(`${goOn}\nTo stop it: kubectl delete experiment ${name} -n ${namespace}\n`);
      return EXIT.interrupted;
    case 'TimedOut':
      throw new CliError(`not finished after ${duration(limits.timeout ?? 0)} (--timeout). ${goOn}`, EXIT.timeout);
    case 'Lost':
      throw new CliError(
        `${ending.sentence}. The wait ended after ${duration(limits.lostAfter)} without an answer (--lost-after). ${goOn}`,
      );
    case 'Stalled':
      throw new CliError(
        `Stalled: ${ending.condition.reason}: ${ending.condition.message}. Once that is mended it goes on by itself; to follow it again: ${again(session, 'watch', { namespace, name })}`,
        EXIT.notFit,
      );
  }
}
