/** Errors that an endpoint reports by name. */
import type { Problem, Refusal } from '../api/protocol.ts';

/** What stops this endpoint; told to the collector as it is. */
export class EndpointError extends Error {
  readonly problem: Problem;

  /** `reason`: CamelCase. */
  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EndpointError';
    this.problem = { reason, message };
  }
}

/** The collector will not have us, however often we call. */
export class RefusedError extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(`${refusal.reason}: ${refusal.message}`);
    this.name = 'RefusedError';
    this.refusal = refusal;
  }
}

/** The collector was not reached for as long as we try. */
export class UnreachableError extends Error {
  override name = 'UnreachableError';
}

/** The problem behind any error; unknown ones are `InternalError`. */
export function problemOf(error: unknown): Problem {
  if (error instanceof EndpointError) return error.problem;
  if (error instanceof RefusedError) return { reason: error.refusal.reason, message: error.refusal.message };
  if (error instanceof UnreachableError) return { reason: 'CollectorUnreachable', message: error.message };
  return { reason: 'InternalError', message: error instanceof Error ? error.message : String(error) };
}
