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
import { bootsGuests, REAL_CASES } from './faults/cases.ts';
import type { FaultCase } from './faults/kinds.ts';
import { START_MS } from './fixtures/sandbox-lab.ts';

/** Of one case, from its turn: the slowest take two minutes beside others. */
const BOUND_SECONDS = 400;
/** Of each test: the last case waits for all before it. */
const STORY_MS = 900_000;
/** Told at once: more guests would boot than a small machine has time for. The long ones and those without guests mostly wait. */
const AT_ONCE = { long: 3, guests: 2, others: 8 };

describeUnless(noSandbox, 'faults', () => {
  let lab: FaultLab;

  beforeAll(async () => {
    lab = await prepareFaults(await openRealWorld([...FAULT_NODES, ...nodesFor('lostnative')]), REAL_CASES);
  }, 1.5 * START_MS);

  afterAll(async () => lab?.close(), START_MS);

  const {
    long = [],
    guests = [],
    others = [],
  } = Object.groupBy(REAL_CASES, (each) => {
    if (!bootsGuests(each)) return 'others';
    return each.long === true ? 'long' : 'guests';
  });
  const stories = (cases: readonly FaultCase[]) => faultStories(cases, BOUND_SECONDS);
  tellTogether(() => lab, stories(long), STORY_MS, AT_ONCE.long);
  tellTogether(() => lab, stories(guests), STORY_MS, AT_ONCE.guests);
  tellTogether(() => lab, [...stories(others), HEALTHY, lost('Native')], STORY_MS, AT_ONCE.others);

  test('nothing is left, in the cluster or on the nodes; each trial had one end', () => expectNothingLeft(lab), 60_000);
});
