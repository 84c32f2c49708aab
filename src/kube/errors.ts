/** What can go wrong between this program and the API server, with predicates that take anything thrown. */

export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

/** `Status` of meta/v1, as far as it is read. */
export interface ApiStatus {
  code?: number;
  reason?: string;
  message?: string;
  details?: { retryAfterSeconds?: number; causes?: StatusCause[] };
}

/** The API server answered, and the answer is not success. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP code, or the code inside a watch's ERROR frame. */
  readonly status: number;
  /** Reason of the `Status` object (`NotFound`, `AlreadyExists` ...), '' where the server gave none. */
  readonly reason: string;
  /** The server's own words, verbatim. */
  readonly serverMessage: string;
  readonly causes: readonly StatusCause[];
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfterMs?: number;

  constructor(request: string, httpCode: number, status: ApiStatus, retryAfterMs?: number) {
    const code = status.code ?? httpCode;
    super(`${request}: ${code} ${status.reason ?? ''}: ${status.message ?? 'no message'}`);
    this.status = code;
    this.reason = status.reason ?? '';
    this.serverMessage = status.message ?? '';
    this.causes = status.details?.causes ?? [];
    const seconds = status.details?.retryAfterSeconds;
    const wait = retryAfterMs ?? (seconds === undefined ? undefined : seconds * 1000);
    if (wait !== undefined) this.retryAfterMs = wait;
  }
}

/** No answer: the connection failed, broke, stayed silent, or the deadline passed. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  /** `ECONNREFUSED`, `UND_ERR_SOCKET`, `DEADLINE` ... */
  readonly code: string;
  /** Whether the server may have seen the request. */
  readonly maybeSent: boolean;

  constructor(message: string, fields: { code: string; maybeSent: boolean; cause?: unknown }) {
    super(`${message}: ${fields.code}`, { cause: fields.cause });
    this.code = fields.code;
    this.maybeSent = fields.maybeSent;
  }
}

/** This process may not write, or not any more: nothing was sent. */
export class WriteBarredError extends Error {
  override readonly name = 'WriteBarredError';
}

/** The code by which Node or undici names a failure; for several tried addresses, that of the first. */
export function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  if (error instanceof SyntaxError) return 'BAD_JSON';
  if (typeof error !== 'object' || error === null || !('code' in error)) return 'UNKNOWN';
  return typeof error.code === 'string' ? error.code : 'UNKNOWN';
}

/** A failure that trying again cannot mend: logged once, not retried by the controller. */
export class TerminalError extends Error {
  override readonly name: string = 'TerminalError';
}

/** By reason; the HTTP code decides only where the reason is unknown. */
function matches(error: unknown, reason: string, code: number): boolean {
  if (!(error instanceof ApiError)) return false;
  if (error.reason === reason) return true;
  return (error.reason === '' || error.reason === 'Unknown') && error.status === code;
}

export const isNotFound = (error: unknown): boolean => matches(error, 'NotFound', 404);
export const isConflict = (error: unknown): boolean => matches(error, 'Conflict', 409);
export const isForbidden = (error: unknown): boolean => matches(error, 'Forbidden', 403);
export const isUnauthorized = (error: unknown): boolean => matches(error, 'Unauthorized', 401);
export const isInvalid = (error: unknown): boolean => matches(error, 'Invalid', 422);
export const isBadRequest = (error: unknown): boolean => matches(error, 'BadRequest', 400);
export const isTooManyRequests = (error: unknown): boolean => matches(error, 'TooManyRequests', 429);
/** A resourceVersion or continue token is too old. */
export const isExpired = (error: unknown): boolean => matches(error, 'Expired', 410) || matches(error, 'Gone', 410);
export const isGone = isExpired;

/** By reason only: it shares its code, 409, with Conflict. */
export const isAlreadyExists = (error: unknown): boolean =>
  error instanceof ApiError && error.reason === 'AlreadyExists';

/** A resourceVersion that the server has not reached, as after its storage was restored from a backup. */
export const isVersionTooLarge = (error: unknown): boolean =>
  error instanceof ApiError && error.causes.some((cause) => cause.reason === 'ResourceVersionTooLarge');

/** The connection was refused or could not be made: the server saw nothing. */
export const isNotConnected = (error: unknown): boolean => error instanceof TransportError && !error.maybeSent;
