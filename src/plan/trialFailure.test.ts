import { describe, expect, test } from '@jest/globals';
import type { Mode } from '../api/v1alpha1.ts';
import { pod } from '../../test/support/builders.ts';
import { measuring } from '../../test/support/trial-failures.ts';
import { TrialWorld } from '../../test/support/trial-world.ts';
import { failureOf } from './trialFailure.ts';
import { nextDeadline } from './trialWaits.ts';

describe('a failure', () => {
  const failed = (): TrialWorld => {
    const world = new TrialWorld();
    world.settle();
    measuring(world).setPod('server-0', 'Failed');
    return world;
  };

  test('is not forgotten when the operator dies after writing it down', () => {
    const world = failed();
    world.reconcile('status');
    world.restart();
    world.setPod('server-0', 'Running');
    world.registerAll().deliverAll().settle();
    world.vanish().settle();
    expect(world.conditions().slice(-2)).toEqual(['Finished=True/EndpointFailed', 'Succeeded=False/EndpointFailed']);
  });

  test('counts once results are complete no more', () => {
    const world = new TrialWorld();
    world.settle();
    measuring(world).deliverAll().reconcile();
    world.setPod('server-0', 'Failed');
    world.nodes.clear();
    world.experiment = null;
    world.pass(20).settle();
    world.vanish().settle();
    expect(world.isTrue('Succeeded')).toBe(true);
  });

  test('of what has delivered everything does not count, before that is stored either', () => {
    const world = new TrialWorld();
    world.settle();
    measuring(world).deliverAll();
    world.setPod('server-0', 'Failed');
    world.nodes.clear();
    world.pods.pop();
    world.pass(10_000).reconcile();
    expect(world.isTrue('Measured')).toBe(true);
  });

  test('of a wrong data path counts, delivered or not', () => {
    const world = new TrialWorld();
    world.settle();
    measuring(world).deliverAll().register('server-0', { mtu: 576 });
    expect(failureOf(world.observed(), world.now)?.reason).toBe('WrongDataPath');
  });

  test("others' pods on the way do not matter", () => {
    const world = new TrialWorld();
    world.settle();
    world.pods.push(pod('stranger', {}, { phase: 'Failed' }));
    expect(failureOf(world.observed(), world.now)).toBeNull();
  });
});

describe('the next deadline', () => {
  const MODE: Mode = { name: 'native', type: 'Native' };
  const at = (seconds: number, arrange: (w: TrialWorld) => unknown = () => {}): number | null => {
    const world = new TrialWorld({ mode: MODE });
    world.settle();
    arrange(world);
    return nextDeadline(world.pass(seconds).observed(), world.now);
  };

  test.each<[string, number | null, number | null]>([
    ['scheduling', at(0), 120_050],
    ['starting', at(130), 170_050],
    ['all over', at(301), null],
    // two bandwidth points and one latency point of 2 s + 1 s + 5 s, and a margin of 60 s
    ['measuring', at(10, measuring), 74_050],
    ['without a Testbed', at(0, (w) => (w.testbed = null)), null],
  ])('%s', (_, found, expected) => {
    expect(found).toBe(expected);
  });
});
