/** From the endpoints' documents to a Trial's measurements, through the validity gates. */
import type { PointResult, ResultDocument, TestPoint } from '../api/protocol.ts';
import type { TrialMeasurement } from '../api/v1alpha1.ts';
import { metricsFor, pointKey, pointOf } from '../results/catalogue.ts';
import { firstProblem, gatePoint, type Link } from '../results/gates.ts';
import { exceedsTogether, startSkews } from '../results/together.ts';
import { parseQuantity } from './quantity.ts';
import type { Finding } from './observed.ts';
import type { TrialObserved } from './trialObserved.ts';
import { endpointsOf } from './trialStates.ts';

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

/**
 * The first point that a client could not measure, out of the results that are there: enough for the trial to fail, by
 * whatever its server will say. That one may be out of reach, and deliver only when it has waited long for its client.
 */
export function failedPoint({ trial, points, reports }: TrialObserved): Finding | null {
  for (let pair = 0; pair < trial.spec.pairs; pair++) {
    const client = reports.get(`client-${pair}`)?.result;
    for (const point of points) {
      const error = find(client, point.id)?.error;
      if (error) return { reason: error.reason, message: `${label({ pair, point })}: ${error.message}` };
    }
  }
  return null;
}

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
  const ipv6 = endpointsOf(trial).some(({ address }) => address.includes(':'));
  const path = {
    link: { bitsPerSecond: parseQuantity(bitsPerSecond) ?? 0, mtu, ipv6 },
    crossNode: trial.spec.placement === 'CrossNode',
  };
  const measurements: TrialMeasurement[] = [];
  const pairs = Array.from({ length: trial.spec.pairs }, (_, pair) => ({
    server: reports.get(`server-${pair}`)?.result,
    client: reports.get(`client-${pair}`)?.result,
  }));
  for (const [pair, { server, client }] of pairs.entries()) {
    for (const point of points) {
      const ends = { client: find(client, point.id), server: find(server, point.id) };
      const measured = measurePoint({ pair, point }, ends, path);
      if ('reason' in measured) return measured;
      measurements.push(...measured);
    }
  }
  const clients = pairs.flatMap(({ client }) => client ?? []);
  const apart = path.crossNode ? points.map((point) => together(point, measurements, path.link)) : [];
  const impossible = apart.find((finding) => finding !== null);
  if (impossible !== undefined) return impossible;
  const skews = points.flatMap((point) =>
    startSkews(
      { test: point.test, point: pointOf(point) },
      clients.map((client) => find(client, point.id)),
    ),
  );
  return { measurements: [...measurements, ...skews], seconds: duration(clients) };
}

/** All pairs of a point against the wire that they share. */
function together(point: TestPoint, measurements: readonly TrialMeasurement[], link: Link): Finding | null {
  const key = pointKey(point.test, pointOf(point));
  const rates = measurements.flatMap((found) =>
    found.metric === 'throughput' && pointKey(found.test, found.point) === key ? (found.value ?? []) : [],
  );
  const problem = exceedsTogether(point, link, rates);
  if (problem === null) return null;
  return { reason: problem.reason, message: `Test ${point.test} (point ${point.id}): ${problem.message}` };
}
