/** Growing delays with jitter. */

export interface BackoffOptions {
  baseMs: number;
  capMs: number;
  factor?: number;
}

/**
 * The delay before try `failures + 1`, in milliseconds: base x factor^failures up to the cap, of which a random part
 * between 50 % and 100 % is taken, so that many waiters do not return together.
 */
export function backoffDelay(options: BackoffOptions, failures: number, random: () => number = Math.random): number {
  const full = Math.min(options.capMs, options.baseMs * (options.factor ?? 2) ** Math.min(failures, 60));
  return full * (0.5 + 0.5 * random());
}
