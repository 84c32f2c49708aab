/**
 * Every fault of every type of endpoint, as the sandbox's stand-ins and the cluster itself play it, with the real
 * operator: its reason, its message, nothing left. Only packets and boots are missing here.
 */
import { afterAll, beforeAll, test } from '@jest/globals';
import { CASES } from '../e2e/faults/cases.ts';
import { describeWithCluster } from '../support/cluster.ts';
import type { FaultLab } from '../support/faults/fault-lab.ts';
import { expectNothingLeft, FAULT_NODES, faultStories, prepareFaults } from '../support/faults/fault-stories.ts';
import { PARITY_STORIES, STORY_NODES } from '../support/faults/parity-stories.ts';
import { openPlayedWorld, PLAYED_CLUSTER } from '../support/faults/played-world.ts';
import { tellTogether } from '../support/stories.ts';

/** Of one case, on a busy machine; by its limits a minute and a half. */
const BOUND_SECONDS = 180;
/** Of each test: the last case waits for all before it. */
const STORY_MS = 300_000;
/** More would wait for the machine, longer than the limits that are under test. */
const AT_ONCE = 24;

describeWithCluster("faults, by the sandbox's stand-ins", PLAYED_CLUSTER, (cluster) => {
  let lab: FaultLab;

  beforeAll(async () => {
    lab = await prepareFaults(await openPlayedWorld(cluster(), [...FAULT_NODES, ...STORY_NODES]), CASES);
  }, 180_000);
  afterAll(async () => lab?.close(), 60_000);

  tellTogether(() => lab, [...PARITY_STORIES, ...faultStories(CASES, BOUND_SECONDS)], STORY_MS, AT_ONCE);

  test('nothing is left, in the cluster or on the nodes; each trial had one end', () => expectNothingLeft(lab), 60_000);
});
