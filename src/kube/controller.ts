/** The loop of a controller: takes keys, reconciles, and decides when a key is tried again. */
import { randomUUID } from 'node:crypto';
import type { Logger } from '../log.ts';
import { isConflict, TerminalError } from './errors.ts';
import { QueueStoppedError, type WorkQueue } from './queue.ts';

/** `requeueAfterMs`: look again after so long even if nothing changes. */
export type ReconcileResult = { requeueAfterMs?: number } | void;

export type Outcome = 'done' | 'requeued' | 'conflict' | 'terminal' | 'failed';

export interface ControllerOptions {
  /** The kind whose keys these are; names the key in logs. */
  name: string;
  queue: WorkQueue;
  workers: number;
  reconcile(key: string, log: Logger): Promise<ReconcileResult>;
  log: Logger;
  signal: AbortSignal;
  /** Called after each reconcile, for metrics. */
  onOutcome?: (outcome: Outcome, seconds: number) => void;
}

/** First delay after a Conflict: the cache is a moment behind, no more. */
const CONFLICT_DELAY_MS = 50;

/** Runs the workers until the signal is aborted; resolves when the last reconcile under way has ended. */
export async function runController(options: ControllerOptions): Promise<void> {
  const workers = Array.from({ length: options.workers }, () => runWorker(options));
  await Promise.all(workers);
}

async function runWorker(options: ControllerOptions): Promise<void> {
  for (;;) {
    const key = await takeOrEnd(options);
    if (key === undefined) return;
    try {
      await process(key, options);
    } finally {
      options.queue.done(key);
    }
  }
}

async function takeOrEnd({ queue, signal }: ControllerOptions): Promise<string | undefined> {
  try {
    return await queue.take(signal);
  } catch (error) {
    if (signal.aborted || error instanceof QueueStoppedError) return undefined;
    throw error;
  }
}

async function process(key: string, options: ControllerOptions): Promise<void> {
  const start = performance.now();
  const log = options.log.child({ [options.name]: key, reconcile: randomUUID().slice(0, 8) });
  const outcome = await attempt(key, log, options);
  options.onOutcome?.(outcome, (performance.now() - start) / 1000);
}

/** The whole retry policy. */
async function attempt(key: string, log: Logger, options: ControllerOptions): Promise<Outcome> {
  const { queue, signal } = options;
  try {
    const result = await options.reconcile(key, log);
    queue.forget(key);
    if (result?.requeueAfterMs === undefined) return 'done';
    queue.addAfter(key, result.requeueAfterMs);
    return 'requeued';
  } catch (error) {
    if (error instanceof TerminalError) {
      queue.forget(key);
      log.error({ err: error }, 'Giving up');
      return 'terminal';
    }
    if (isConflict(error)) {
      const delayMs = Math.round(queue.addRateLimited(key, CONFLICT_DELAY_MS));
      log.debug({ err: error, delayMs }, 'Trying again after a conflict');
      return 'conflict';
    }
    const delayMs = Math.round(queue.addRateLimited(key));
    if (!signal.aborted)
      log.error({ err: error, failures: queue.failures(key), delayMs }, 'Trying again after a failure');
    return 'failed';
  }
}
