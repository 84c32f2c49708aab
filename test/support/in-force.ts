/** What stands in the way of creations (policies, webhooks, quotas) takes effect a moment after it is made. */
import { eventually } from './eventually.ts';

/** Creates nothing: resolves with the object as it would be stored, as JSON, or rejects with what the API server said. */
export type DryRun = (manifest: object) => Promise<string>;

/** The command of a {@link DryRun}; the manifest is its input. */
export const DRY_RUN = ['create', '--dry-run=server', '-o', 'json', '-f', '-'] as const;

/** Waits until the creation is turned down in those words. */
export async function untilRefused(dryRun: DryRun, manifest: object, words: RegExp): Promise<void> {
  await eventually(60, () =>
    dryRun(manifest).then(
      () => null,
      (error: Error) => words.test(error.message) || null,
    ),
  );
}

/** Waits until what would be created has those words in it. */
export async function untilChanged(dryRun: DryRun, manifest: object, words: RegExp): Promise<void> {
  await eventually(60, async () => words.test(await dryRun(manifest)) || null);
}
