/** For what a hook starts: its own limit of time would leave it half started, and running beside all the tests to come. */

/** Aborts a start that has not come to its end after `ms`, and fails as it does. */
export async function inTime<T>(stop: AbortController, ms: number, start: () => Promise<T>): Promise<T> {
  const late = setTimeout(() => stop.abort(new Error(`It was not up within ${ms / 1000} s`)), ms);
  try {
    return await start();
  } finally {
    clearTimeout(late);
  }
}
