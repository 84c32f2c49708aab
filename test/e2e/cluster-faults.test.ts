/**
 * Faults that anybody can bring about on a cluster of his own: an image that is not there, a quota, endpoints that are
 * deleted or evicted. In a sandbox `sandbox-faults.test.ts` tells these too, and all others.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { isTrue } from '../../src/api/conditions.ts';
import { TARGET } from '../support/assets.ts';
import { describeUnless, skipReason } from '../support/skip.ts';
import { CLUSTER_CASES, endOf, FaultTarget, strikeable, succeededOf } from './fixtures/fault-target.ts';
import { Target } from './fixtures/target.ts';

/** Its nodes take one trial at a time: each case is told alone. */
const CASE_MS = 900_000;

const found =
  TARGET === undefined ? { reason: 'in a sandbox sandbox-faults.test.ts tells these' } : await strikeable(TARGET);

describeUnless('reason' in found ? found.reason : undefined, 'faults on any cluster', () => {
  let target: Target;
  let faults: FaultTarget;

  beforeAll(async () => {
    target = await Target.open();
    faults = await FaultTarget.open(target, `e2e-${Date.now().toString(36).slice(-5)}`);
  }, CASE_MS);

  afterAll(async () => {
    await faults?.close();
    await target?.close();
  }, CASE_MS);

  for (const each of CLUSTER_CASES) {
    const title = `${each.name}, ${each.type}: ${each.reason}`;
    if ('types' in found && !found.types.includes(each.type)) {
      skipReason(title, 'the Testbed has no network for modes of that type');
      continue;
    }
    test(
      title,
      async () => {
        const trial = await faults.tell(each);
        const { reason, message } = endOf(each);
        expect(succeededOf(trial)).toMatchObject({ status: 'False', reason, message: expect.stringMatching(message) });
        expect(isTrue(trial.status?.conditions, 'CleanedUp')).toBe(true);
      },
      CASE_MS,
    );
  }
});
