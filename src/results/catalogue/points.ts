/** How a test's sweeps become points, and what results call a point. */
import type { TestPoint } from '../../api/protocol.ts';
import type { ExperimentSpec, Point, Test } from '../../api/v1alpha1.ts';
import { CATALOGUE } from './entries.ts';
import { parseBound } from '../quantity.ts';

interface Swept {
  messageBytes: number;
  streams: number;
  rate?: number;
}

/**
 * Sweeps become points, ids 0..n-1 in spec order; the same spec always gives the same points. What a test does not list
 * has the catalogue's default. Sizes are taken as written: what a tool cannot carry is refused by the CRD, and by the
 * tool, never silently changed to another size.
 */
export function expandTests(spec: Pick<ExperimentSpec, 'tests' | 'durationSeconds' | 'warmupSeconds'>): TestPoint[] {
  const { durationSeconds, warmupSeconds } = spec;
  return spec.tests
    .flatMap((test) => sweep(test).map((values) => ({ test, values })))
    .map(({ test, values }, id) => ({
      id,
      test: test.name,
      type: test.type,
      protocol: test.protocol ?? CATALOGUE[test.type].protocols[0] ?? 'TCP',
      ...(test.tool === undefined ? {} : { tool: test.tool }),
      ...values,
      direction: test.direction,
      durationSeconds,
      warmupSeconds,
      ...(test.widthPercent === undefined ? {} : { widthPercent: test.widthPercent }),
    }));
}

/** What a result row says of its point: the swept values that were really set, not the tool's defaults. */
export function pointOf(point: TestPoint): Point {
  const { sweeps } = CATALOGUE[point.type];
  return {
    ...(sweeps.messageBytes === undefined || point.messageBytes === 0 ? {} : { messageBytes: point.messageBytes }),
    ...(sweeps.streams === undefined ? {} : { streams: point.streams }),
    ...(sweeps.rates === undefined || point.rate === undefined ? {} : { rate: point.rate }),
  };
}

/** One string per test and point, for maps; equal points give equal keys whatever the order of their fields. */
export function pointKey(test: string, point: Point): string {
  return `${test}/${point.messageBytes ?? ''}/${point.streams ?? ''}/${point.rate ?? ''}`;
}

function sweep(test: Test): Swept[] {
  const { sweeps } = CATALOGUE[test.type];
  const rates = sweeps.rates === undefined ? [undefined] : ratesOf(test);
  return orDefault(test.messageBytes, sweeps.messageBytes ?? 0).flatMap((messageBytes) =>
    orDefault(test.streams, sweeps.streams ?? 1).flatMap((streams) =>
      rates.map((rate) => ({ messageBytes, streams, ...(rate === undefined ? {} : { rate }) })),
    ),
  );
}

/** Rates as numbers, each once: 1k and 1000 are one. Quantities that are none were refused by the CRD. */
function ratesOf({ rates }: Test): (number | undefined)[] {
  const values = (rates ?? []).map((rate) => parseBound(`${rate}`)).filter((rate) => rate !== null);
  return values.length === 0 ? [undefined] : [...new Set(values)];
}

function orDefault(values: number[] | undefined, fallback: number): number[] {
  return values === undefined || values.length === 0 ? [fallback] : values;
}
