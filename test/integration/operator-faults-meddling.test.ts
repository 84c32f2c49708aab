/** Users, administrators and nodes do what they like under running Experiments: these end or recover, with a reason. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWithCluster } from '../support/cluster.ts';
import { deletionStories } from '../support/faults/deletions.ts';
import { meddlingStories } from '../support/faults/meddling.ts';
import { nodeStories } from '../support/faults/nodes.ts';
import { Stage } from '../support/faults/stage.ts';
import { FLEET_CLUSTER } from '../support/fleet.ts';
import { tellTogether } from '../support/stories.ts';

describeWithCluster('meddling', FLEET_CLUSTER, (cluster) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open(cluster());
    await stage.scene.fleet.operator('meddled', { leaderElection: false });
  }, 120_000);
  afterAll(async () => stage?.scene.close());

  tellTogether(() => stage, [...meddlingStories, ...deletionStories, ...nodeStories], 100_000);

  test('each trial had one end, no two shared what they may not', () => {
    expect(stage.scene.witness.breaches).toEqual([]);
  });
});
