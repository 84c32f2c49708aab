/** What a row is called in sentences. */
import type { Point, ResultRow, Test } from '../api/v1alpha1.ts';
import { CATALOGUE } from './catalogue.ts';
import { formatQuantity } from './quantity.ts';

type Named = Pick<ResultRow, 'test' | 'point' | 'placement' | 'pairs' | 'metric' | 'mode'>;
export type TestKind = Pick<Test, 'name' | 'type'>;
export type RateUnit = 'bit/s' | '1/s';

/** `latency rttP99 of virtio (64 B, CrossNode, 1 pair)`. */
export function rowName({ test, point, placement, pairs, metric, mode }: Named, tests: readonly TestKind[]): string {
  const where = [...pointText(point, rateUnitOf(test, tests)), placement, pairsWords(pairs)];
  return `${test} ${metric} of ${mode} (${where.join(', ')})`;
}

export const pairsWords = (pairs: number): string => `${pairs} ${pairs === 1 ? 'pair' : 'pairs'}`;

/** What a test offers its rates in; undefined where it sweeps none, or is not among the tests. */
export function rateUnitOf(test: string, tests: readonly TestKind[]): RateUnit | undefined {
  const type = tests.find(({ name }) => name === test)?.type;
  return type === undefined ? undefined : CATALOGUE[type]?.sweeps.rates?.unit;
}

/** The swept values of a point, each with its unit: `64 B`, `4 streams`, `1.00 Gb/s offered`, `10.0 k messages/s offered`. */
export function pointText({ messageBytes, streams, rate }: Point, rateUnit: RateUnit | undefined): string[] {
  return [
    ...(messageBytes === undefined ? [] : [`${messageBytes} B`]),
    ...(streams === undefined ? [] : [`${streams} ${streams === 1 ? 'stream' : 'streams'}`]),
    ...(rate === undefined ? [] : [`${rateText(rate, rateUnit)} offered`]),
  ];
}

function rateText(rate: number, unit: RateUnit | undefined): string {
  if (unit === 'bit/s') return formatQuantity(rate, unit);
  return unit === undefined ? formatQuantity(rate, '1') : `${formatQuantity(rate, '1')} messages/s`;
}
