/** From the endpoints' documents to a Trial's measurements, through the validity gates. */
import type { PointResult, ResultDocument, TestPoint } from '../api/protocol.ts';
import type { TrialMeasurement } from '../api/v1alpha1.ts';
import { metricsFor, pointOf } from '../results/catalogue.ts';
import { firstProblem, gatePoint, type Link } from '../results/gates.ts';
import { parseQuantity } from './quantity.ts';
import type { Finding } from './observed.ts';
import type { TrialObserved } from './trialObserved.ts';

export interface Measured {
  measurements: TrialMeasurement[];
  /** From the first point's start to the last one's end, by the clients' clocks. */
  seconds: number;
}

const find = (document: ResultDocument | null | undefined, id: number): PointResult | undefined =>
  document?.points.find((point) => point.id === id);

const isPrimary = (point: TestPoint, metric: string): boolean =>
  metricsFor(point).some((info) => info.primary && info.metric === metric);

function duration(documents: readonly ResultDocument[]): number {
  const starts = documents.flatMap((d) => d.points.map((p) => p.startedAt));
  const ends = documents.flatMap((d) => d.points.map((p) => p.endedAt));
  return starts.length === 0 ? 0 : Math.max(0, (Math.max(...ends) - Math.min(...starts)) / 1000);
}

const label = ({ pair, point }: { pair: number; point: TestPoint }): string =>
  `Pair ${pair}: test ${point.test} (point ${point.id})`;

/** One point of one pair, through the gates. */
function measurePoint(
  at: { pair: number; point: TestPoint },
  ends: { client: PointResult | undefined; server: PointResult | undefined },
  path: { link: Link; crossNode: boolean },
): TrialMeasurement[] | Finding {
  const { client, server } = ends;
  if (client === undefined || server === undefined) {
    const end = client === undefined ? 'client' : 'server';
    return { reason: 'ResultLost', message: `${label(at)} is missing in the ${end}'s results` };
  }
  const { pair, point } = at;
  const input = { point, client, server, ...path };
  const gated = gatePoint(input);
  if (!gated.some((m) => m.value !== null && isPrimary(point, m.metric))) {
    const fallback = gated.find((m) => m.reason !== null)?.reason ?? 'no measurement';
    const { reason, message } = firstProblem(input) ?? { reason: 'InvalidMeasurement', message: fallback };
    return { reason, message: `${label(at)}: ${message}` };
  }
  return gated.map(({ metric, unit, value, reason, source, loop }) => ({
    test: point.test,
    point: pointOf(point),
    pair,
    metric,
    unit,
    ...(value === null ? { reason: reason ?? 'absent' } : { value }),
    ...(value === null || source === undefined ? {} : { source }),
    ...(value === null || loop === undefined ? {} : { loop }),
  }));
}

/**
 * The measurements of all points and pairs, or why the trial counts as failed: a point that is missing,
 * or one of which no primary metric stands up. Single metrics without a value stay, with their reason.
 */
export function measure({ trial, testbed, points, reports }: TrialObserved): Measured | Finding {
  if (testbed === null) return { reason: 'TestbedNotFound', message: 'The Testbed is gone' };
  const { bitsPerSecond, mtu } = testbed.spec.link;
  const path = {
    link: { bitsPerSecond: parseQuantity(bitsPerSecond) ?? 0, mtu, ipv6: testbed.spec.subnet.includes(':') },
    crossNode: trial.spec.placement === 'CrossNode',
  };
  const measurements: TrialMeasurement[] = [];
  const clients: ResultDocument[] = [];
  for (let pair = 0; pair < trial.spec.pairs; pair++) {
    const [server, client] = ['server', 'client'].map((role) => reports.get(`${role}-${pair}`)?.result);
    if (client) clients.push(client);
    for (const point of points) {
      const ends = { client: find(client, point.id), server: find(server, point.id) };
      const measured = measurePoint({ pair, point }, ends, path);
      if ('reason' in measured) return measured;
      measurements.push(...measured);
    }
  }
  return { measurements, seconds: duration(clients) };
}
