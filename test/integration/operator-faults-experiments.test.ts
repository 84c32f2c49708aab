/** What may befall Experiments: trials that fail, a Testbed that is not fit or changes, others that want the same nodes. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWithCluster } from '../support/cluster.ts';
import { changeStories } from '../support/faults/changes.ts';
import { resultStories } from '../support/faults/results.ts';
import { Stage } from '../support/faults/stage.ts';
import { testbedStories } from '../support/faults/testbeds.ts';
import { turnStories } from '../support/faults/turns.ts';
import { FLEET_CLUSTER } from '../support/fleet.ts';
import { tellTogether } from '../support/stories.ts';

describeWithCluster('faults of experiments', FLEET_CLUSTER, (cluster) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open(cluster());
    await stage.scene.fleet.operator('faults', { leaderElection: false });
  }, 120_000);
  afterAll(async () => stage?.scene.close());

  tellTogether(() => stage, [...resultStories, ...testbedStories, ...changeStories, ...turnStories], 100_000);

  test('each trial had one end, no two shared what they may not', () => {
    expect(stage.scene.witness.breaches).toEqual([]);
  });
});
