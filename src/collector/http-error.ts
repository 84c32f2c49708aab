/** A request that is answered with a refusal. */
import type { Refusal } from '../api/protocol.ts';

/** What to do about a call that no endpoint of this version makes. */
export const ONE_VERSION = 'are the images of operator and endpoints of one version?';

export class HttpError extends Error {
  readonly status: number;
  readonly refusal: Refusal;

  /** Statuses below 500 are final, save 408 and 429: the same call again would fail again. */
  constructor(status: number, reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HttpError';
    this.status = status;
    this.refusal = { reason, message, final: status < 500 && status !== 408 && status !== 429 };
  }
}
