/** Every example of our kinds in README and docs is taken by a real API server. */
import { expect, test } from '@jest/globals';
import { describeWithCluster } from '../support/cluster.ts';
import { examples } from '../support/pages.ts';

describeWithCluster('examples in pages', {}, (cluster) => {
  test('are valid', async () => {
    const all = examples();
    expect(all.length).toBeGreaterThan(0);
    await cluster().kubectl(['create', 'namespace', 'bench']);
    for (const { page, yaml } of all) {
      const said = cluster().kubectl(['apply', '--dry-run=server', '--validate=strict', '-f', '-'], { input: yaml });
      await expect(said.catch((error: Error) => `${page}: ${error.message}`)).resolves.toMatch(
        /created \(server dry run\)/,
      );
    }
  });
});
