import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Cluster } from '../../test/support/allocation-cluster.ts';
import { steps } from '../../test/support/allocation-steps.ts';

test('whatever comes and goes: no VF is promised twice, no node shared by two Testbeds, no address given twice; and nobody waits but for what is so', () => {
  let [granted, refused, short, histories] = [0, 0, 0, 0];
  const property = fc.property(steps, (history) => {
    const cluster = new Cluster();
    for (const step of history) cluster.do(step);
    cluster.grant();
    granted += cluster.live.length;
    refused += cluster.waiting.length;
    short += cluster.live.length === 0 ? 1 : 0;
    histories++;
  });
  fc.assert(property, { numRuns: 10_000 });
  expect(histories).toBeGreaterThanOrEqual(10_000);
  expect(granted).toBeGreaterThan(5000);
  expect(refused).toBeGreaterThan(5000);
  expect(short).toBeGreaterThan(100);
}, 120_000);
