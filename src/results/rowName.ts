/** What a row is called in sentences. */
import type { Point, ResultRow } from '../api/v1alpha1.ts';
import { formatQuantity } from './quantity.ts';

type Named = Pick<ResultRow, 'test' | 'point' | 'placement' | 'pairs' | 'metric' | 'mode'>;

/** `latency rttP99 of virtio (64 B, CrossNode, 1 pair)`. */
export function rowName({ test, point, placement, pairs, metric, mode }: Named): string {
  const where = [...pointText(point), placement, pairs === 1 ? '1 pair' : `${pairs} pairs`];
  return `${test} ${metric} of ${mode} (${where.join(', ')})`;
}

/** The swept values of a point, each with its unit; an offered rate is per second, of what its test counts. */
export function pointText({ messageBytes, streams, rate }: Point): string[] {
  return [
    ...(messageBytes === undefined ? [] : [`${messageBytes} B`]),
    ...(streams === undefined ? [] : [`${streams} ${streams === 1 ? 'stream' : 'streams'}`]),
    ...(rate === undefined ? [] : [`${formatQuantity(rate, '1')} offered`]),
  ];
}
