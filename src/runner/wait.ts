/** Waiting with a bound. */

/** True when `promise` settles within `ms`, false when it does not; rejects when `signal` aborts. */
export async function timeLimited(promise: Promise<unknown>, ms: number, signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const limit = new Promise<false>((resolve, reject) => {
    const timer = setTimeout(() => resolve(false), ms);
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort);
    stop = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    };
  });
  try {
    return await Promise.race([promise.then(() => true as const), limit]);
  } finally {
    stop();
  }
}

/** Waits `ms`; rejects with the signal's reason when it aborts first. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await timeLimited(new Promise(() => undefined), ms, signal);
}
