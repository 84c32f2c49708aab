/**
 * Tests that wait for most of their time, told side by side: all begin together, each is a test of its own.
 * What they share is started by a hook before.
 */
import { beforeAll, test } from '@jest/globals';

export interface Story<Shared> {
  title: string;
  tell: (shared: Shared) => Promise<void>;
}

/** Registers the stories; call it after the hook that starts what they share. */
export function tellTogether<Shared>(shared: () => Shared, stories: readonly Story<Shared>[], timeoutMs: number): void {
  const ends = new Map<string, Promise<unknown>>();
  beforeAll(() => {
    for (const { title, tell } of stories) {
      const end = tell(shared()).then(
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
