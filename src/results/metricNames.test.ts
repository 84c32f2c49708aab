import { expect, test } from '@jest/globals';
import { CATALOGUE } from './catalogue.ts';
import { metricName } from './metricNames.ts';

const metrics = [...new Set(Object.values(CATALOGUE).flatMap((entry) => entry.metrics.map(({ metric }) => metric)))];

test('every metric of the catalogue has words of its own', () => {
  const names = metrics.map(metricName);
  expect(names.filter((name, i) => name === metrics[i])).toEqual([]);
  expect(new Set(names).size).toBe(metrics.length);
});

test('any other keeps its name, whatever that is', () => {
  expect(['later', 'toString', '__proto__'].map(metricName)).toEqual(['later', 'toString', '__proto__']);
});
