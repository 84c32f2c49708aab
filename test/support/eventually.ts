/** Waits for the world to be so. */
import { setTimeout as delay } from 'node:timers/promises';

/** Asks until the answer is not null; fails after `seconds` with the last error, if there was one. */
export async function eventually<T>(seconds: number, ask: () => Promise<T | null>, everyMs = 100): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  let last: unknown;
  for (;;) {
    const answer = await ask().catch((error: unknown) => {
      last = error;
      return null;
    });
    if (answer !== null) return answer;
    if (Date.now() > deadline) throw new Error(`Not so within ${seconds} s`, { cause: last });
    await delay(everyMs);
  }
}
