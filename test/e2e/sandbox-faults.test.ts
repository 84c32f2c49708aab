/** Faults with real pods, guests and packets: their named reason in bounded time, nothing left, the healthy not harmed. */
import { afterAll, beforeAll, test } from '@jest/globals';
import { noSandbox } from '../support/assets.ts';
import type { FaultLab } from '../support/faults/fault-lab.ts';
import {
  expectNothingLeft,
  FAULT_NODES,
  faultStories,
  HEALTHY,
  prepareFaults,
} from '../support/faults/fault-stories.ts';
import { lost, nodesFor } from '../support/faults/parity-stories.ts';
import { openRealWorld } from '../support/faults/real-world.ts';
import { describeUnless } from '../support/skip.ts';
import { tellTogether } from '../support/stories.ts';
import { REAL_CASES } from './faults/cases.ts';
import { START_MS } from './fixtures/sandbox-lab.ts';

/** Of one case, from its turn: the slowest boot and measure, beside others. */
const BOUND_SECONDS = 240;
/** Of each test: the last case waits for all before it. */
const STORY_MS = 900_000;
/** More guests would boot at once than a small machine has time for. */
const AT_ONCE = 5;

describeUnless(noSandbox, 'faults', () => {
  let lab: FaultLab;

  beforeAll(async () => {
    lab = await prepareFaults(await openRealWorld([...FAULT_NODES, ...nodesFor('lostnative')]), REAL_CASES);
  }, START_MS);

  afterAll(async () => lab?.close(), START_MS);

  const stories = [...faultStories(REAL_CASES, BOUND_SECONDS), HEALTHY, lost('Native')];
  tellTogether(() => lab, stories, STORY_MS, AT_ONCE);

  test('nothing is left, in the cluster or on the nodes; each trial had one end', () => expectNothingLeft(lab), 60_000);
});
