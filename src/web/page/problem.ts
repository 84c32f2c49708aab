/** A refusal as HTTP tells it: what is wrong, and what to do. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  /** One CamelCase word. */
  readonly reason: string;
  /** When to come again. */
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, reason: string, message: string, retryAfterSeconds?: number) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export const notFound = (what: string): Problem => new Problem(404, 'NotFound', `${what} is not there`);
