/**
 * Tests that wait for most of their time, told side by side: all begin together, each is a test of its own.
 * What they share is started by a hook before.
 */
import { beforeAll, test } from '@jest/globals';

export interface Story {
  title: string;
  tell: () => Promise<void>;
}

/** Registers the stories; call after the hook that starts what they need. */
export function tellTogether(stories: readonly Story[], timeoutMs: number): void {
  const ends = new Map<string, Promise<unknown>>();
  beforeAll(() => {
    for (const { title, tell } of stories) {
      const end = tell().then(
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
