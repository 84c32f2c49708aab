/**
 * A real API server for tests: one control plane per test file, removed at its end.
 *
 *     describeWithCluster('trials', {}, (cluster) => {
 *       test('...', async () => { await cluster().apply(yaml); ... });
 *     });
 */
import { afterAll, beforeAll } from '@jest/globals';
import { describeUnless } from './skip.ts';
import { noCluster, startCluster, type TestCluster, type TestClusterOptions } from './start-cluster.ts';

export { noCluster, startCluster, type TestCluster, type TestClusterOptions } from './start-cluster.ts';

const START_TIMEOUT_MS = 120_000;

/** `describe` with a cluster that is started before the first test and removed after the last; skipped where none can be. */
export function describeWithCluster(
  name: string,
  options: TestClusterOptions,
  body: (cluster: () => TestCluster) => void,
): void {
  describeUnless(noCluster, name, () => {
    let cluster: TestCluster | undefined;
    beforeAll(async () => {
      cluster = await startCluster(options);
    }, START_TIMEOUT_MS);
    afterAll(async () => cluster?.stop(), START_TIMEOUT_MS);
    body(() => {
      if (cluster === undefined) throw new Error('The cluster is there inside tests and hooks only');
      return cluster;
    });
  });
}
