/**
 * Tests that wait for most of their time, told side by side; each is a test of its own.
 * What they share is started by a hook before.
 */
import { beforeAll, test } from '@jest/globals';

export interface Story<Shared> {
  title: string;
  tell: (shared: Shared) => Promise<void>;
}

/** Runs what it is given, no more than `limit` at once. */
function turns(limit: number): (act: () => Promise<void>) => Promise<void> {
  const waiting: (() => void)[] = [];
  let free = limit;
  return async (act) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free--;
    try {
      await act();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}

/**
 * Registers the stories; call it after the hook that starts what they share. `timeoutMs`: of one story.
 * @param atOnce How many are told at a time, in their order; all by default.
 */
export function tellTogether<Shared>(
  shared: () => Shared,
  stories: readonly Story<Shared>[],
  timeoutMs: number,
  atOnce = Infinity,
): void {
  const ends = new Map<string, Promise<unknown>>();
  beforeAll(() => {
    const free = turns(Math.min(atOnce, stories.length));
    for (const { title, tell } of stories) {
      const end = free(() => tell(shared())).then(
        () => null,
        (error: unknown) => error,
      );
      ends.set(title, end);
    }
  });
  test.each(stories)(
    '$title',
    async ({ title }) => {
      const error = await ends.get(title);
      if (error !== null) throw error;
    },
    timeoutMs,
  );
}
