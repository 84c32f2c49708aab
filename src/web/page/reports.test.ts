import { beforeEach, describe, expect, test } from '@jest/globals';
import { condition } from '../../../test/support/builders.ts';
import { anotherExperiment, ended, HeldObjects, running, trialOf } from '../../../test/support/page.ts';
import type { Experiment, TrialMeasurement } from '../../api/v1alpha1.ts';
import { Reports } from './reports.ts';

const over = [condition('Finished', 'True'), condition('Succeeded', 'True')];
const value: TrialMeasurement = {
  test: 'bandwidth',
  point: { streams: 1 },
  pair: 0,
  metric: 'throughput',
  unit: 'bit/s',
  value: 1e9,
};
const one = anotherExperiment('bench', 'one', running());
let objects: HeldObjects;
let reports: Reports;
const held = (): Experiment => objects.experiment('bench/one') as Experiment;

beforeEach(() => {
  objects = new HeldObjects();
  reports = new Reports(objects);
  objects.put(one);
  objects.put(trialOf(one, {}, { conditions: over, measurements: [value] }));
});

test('of an Experiment that runs it is made from its Trials, once for each of its states', async () => {
  const html = await reports.html(held());
  expect(html).toContain('bench/one');
  expect(reports.html(held())).toBe(reports.html(held()));
  objects.put({ ...one, status: ended('Passed') });
  expect(await reports.html(held())).not.toBe(html);
});

describe('refused with the reason', () => {
  test('one with more values than the page shows: how else to get it', async () => {
    const measurements = Array.from({ length: 8192 }, () => value);
    for (let block = 1; block <= 31; block++) objects.put(trialOf(one, { block }, { conditions: over, measurements }));
    await expect(reports.html(held())).rejects.toMatchObject({
      status: 413,
      message: expect.stringContaining('kubectl vfbench report one -n bench -o html'),
    });
  });

  test('a stored one whose ConfigMap is gone, or is another’s; and it is tried again', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    objects.put({ ...one, status: { ...ended('Passed'), report: { configMap: 'one-report', digest, trials: 1 } } });
    await expect(reports.html(held())).rejects.toMatchObject({
      status: 409,
      message: expect.stringContaining('ConfigMap bench/one-report, a part of the stored report, is gone'),
    });
    const shards = [{ configMap: 'one-report', digest, bytes: 1 }];
    const index = { format: 'vfbench-report-index/1', experiment: 'other', seed: 7, digest, bytes: 1, shards };
    objects.parts.set('bench/one-report', { data: { 'index.json': JSON.stringify(index) } });
    await expect(reports.html(held())).rejects.toMatchObject({
      status: 409,
      message: expect.stringContaining('holds another report'),
    });
    const huge = { ...index, experiment: one.metadata.uid, bytes: 2 ** 29 };
    objects.parts.set('bench/one-report', { data: { 'index.json': JSON.stringify(huge) } });
    await expect(reports.html(held())).rejects.toMatchObject({
      status: 409,
      message: expect.stringContaining('are read here at most'),
    });
  });
});

test('one that fails does not keep the next from being made', async () => {
  const broken = {
    ...one,
    metadata: { ...one.metadata, uid: 'x' },
    status: { report: { configMap: 'gone', digest: 'd', trials: 1 } },
  };
  const [first, second] = await Promise.allSettled([reports.html(broken), reports.html(held())]);
  expect([first.status, second.status]).toEqual(['rejected', 'fulfilled']);
});
