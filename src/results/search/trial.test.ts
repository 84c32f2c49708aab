/** From runs of the generator to trials, and from a search's end to measurements. */
import { describe, expect, test } from '@jest/globals';
import { streamPoint, values } from '../../../test/support/results/samples.ts';
import type { ParseOutcome } from '../parse/outcome.ts';
import { rateSearch } from './goals.ts';
import { offered, searchMeasurements, trialOf, trialPoint } from './trial.ts';
import type { GoalResult } from './types.ts';

const point = streamPoint({ type: 'RateSearch', protocol: 'UDP', messageBytes: 100, durationSeconds: 10, streams: 4 });

function outcome(packetRate: number | null, lossRatio: number | null): ParseOutcome {
  const measurements = Object.entries({ packetRate, lossRatio }).map(([metric, value]) => ({
    metric,
    unit: '1',
    value,
    reason: value === null ? 'NotReported: no' : null,
  }));
  const facts = {
    version: null,
    durationSeconds: 1,
    samples: null,
    bytesReceived: 1,
    messagesSent: 1,
    messagesReceived: 1,
    moved: { toServer: 1, toClient: 0 },
  };
  return { ok: true, measurements, facts };
}

describe('a trial', () => {
  test('offers datagrams as bit/s over all flows, for a second', () => {
    expect(trialPoint(point, 1000)).toMatchObject({
      type: 'PacketRate',
      rate: 800_000,
      durationSeconds: 1,
      streams: 4,
    });
    expect(trialPoint(point, null).rate).toBeUndefined();
  });

  test('was offered what arrived and what was lost', () => {
    expect(offered(outcome(900, 0.1))).toEqual({ rate: 1000, lossRatio: 0.1 });
    expect(offered(outcome(null, 0.1))).toBeNull();
    expect(offered(outcome(900, null))).toBeNull();
    expect(offered(outcome(0, 1))).toBeNull();
    expect(offered({ ok: false, problem: { reason: 'ToolFailed', message: '' } })).toBeNull();
  });

  test('loses what was sent and did not arrive, and what was not sent at all', () => {
    expect(trialOf(1000, { rate: 995, lossRatio: 0 }).lossRatio).toBe(0);
    expect(trialOf(1000, { rate: 1002, lossRatio: 0.01 }).lossRatio).toBe(0.01);
    expect(trialOf(1000, { rate: 900, lossRatio: 0.1 }).lossRatio).toBeCloseTo(0.19, 9);
  });
});

describe('goals', () => {
  test('are NDR and PDR over the time of the test, from what the sender can down to next to nothing', () => {
    const { goals, minLoad, maxLoad } = rateSearch({ ...point, widthPercent: 2 }, 1e6);
    expect(goals.map(({ name, lossRatio, durationSum, width }) => [name, lossRatio, durationSum, width])).toEqual([
      ['ndr', 0, 10, 0.02],
      ['pdr', 0.005, 10, 0.02],
    ]);
    expect([minLoad, maxLoad]).toEqual([100, 1e6]);
    expect(rateSearch(point, 0.5)).toMatchObject({ minLoad: 0.5, maxLoad: 0.5 });
  });
});

describe('a search', () => {
  const result = (goal: string, changes: Partial<GoalResult>): GoalResult => ({
    goal,
    end: 'Regular',
    lower: 100,
    upper: 101,
    conditionalThroughput: 100,
    ...changes,
  });
  const found = (ndr: Partial<GoalResult>) =>
    values(searchMeasurements(point, [result('ndr', ndr), result('pdr', { conditionalThroughput: 99.5 })], 5000));

  test.each<[string, Partial<GoalResult>, number | string]>([
    ['gives what got through', {}, 100],
    [
      'gives the largest rate where none was too much',
      { end: 'NoUpperBound', lower: 5000, upper: null, conditionalThroughput: 5000 },
      5000,
    ],
    [
      'gives nothing where every rate was too much',
      { end: 'NoLowerBound', lower: null, conditionalThroughput: null },
      'NoRateWithinGoal',
    ],
    ['gives nothing where it was cut off', { end: 'Unfinished' }, 'SearchUnfinished'],
  ])('%s', (_, ndr, wanted) => {
    expect(found(ndr)).toEqual({ ndrRate: wanted, pdrRate: 99.5, maxOfferedRate: 5000 });
  });

  test('that was cut off says between what the rate lies', () => {
    const [ndr] = searchMeasurements(point, [result('ndr', { end: 'Unfinished', upper: null })], 5000);
    expect(ndr?.reason).toContain('between 100 and an unknown rate datagrams/s');
  });
});
