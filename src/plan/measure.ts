/** From the endpoints' documents to a Trial's measurements, through the validity gates. */
import type { PointResult, ResultDocument, TestPoint } from '../api/protocol.ts';
import type { TrialMeasurement } from '../api/v1alpha1.ts';
import { CATALOGUE, pointOf } from '../results/catalogue.ts';
import { firstProblem, gatePoint } from '../results/gates.ts';
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
  CATALOGUE[point.type].metrics.some((info) => info.primary && info.metric === metric);

function duration(documents: readonly ResultDocument[]): number {
  const starts = documents.flatMap((d) => d.points.map((p) => p.startedAt));
  const ends = documents.flatMap((d) => d.points.map((p) => p.endedAt));
  return starts.length === 0 ? 0 : Math.max(0, (Math.max(...ends) - Math.min(...starts)) / 1000);
}

/**
 * The measurements of all points and pairs, or why the trial counts as failed: a point that is missing,
 * or one of which no primary metric stands up. Single metrics without a value stay, with their reason.
 */
export function measure(observed: TrialObserved): Measured | Finding {
  const { trial, testbed, points, reports } = observed;
  if (testbed === null) return { reason: 'TestbedNotFound', message: 'The Testbed is gone' };
  const link = { bitsPerSecond: parseQuantity(testbed.spec.link.bitsPerSecond) ?? 0, mtu: testbed.spec.link.mtu };
  const crossNode = trial.spec.placement === 'CrossNode';
  const measurements: TrialMeasurement[] = [];
  const clients: ResultDocument[] = [];
  for (let pair = 0; pair < trial.spec.pairs; pair++) {
    const [server, client] = ['server', 'client'].map((role) => reports.get(`${role}-${pair}`)?.result);
    if (client) clients.push(client);
    for (const point of points) {
      const [ours, theirs] = [find(client, point.id), find(server, point.id)];
      if (ours === undefined || theirs === undefined) {
        return {
          reason: 'ResultLost',
          message: `Pair ${pair}: test ${point.test} (point ${point.id}) is missing in the ${ours === undefined ? 'client' : 'server'}'s results`,
        };
      }
      const input = { point, client: ours, server: theirs, link, crossNode };
      const gated = gatePoint(input);
      if (!gated.some((m) => m.value !== null && isPrimary(point, m.metric))) {
        const { reason, message } = firstProblem(input) ?? {
          reason: 'InvalidMeasurement',
          message: gated.find((m) => m.reason !== null)?.reason ?? 'no measurement',
        };
        return { reason, message: `Pair ${pair}: test ${point.test} (point ${point.id}): ${message}` };
      }
      for (const { metric, unit, value, reason } of gated) {
        measurements.push({
          test: point.test,
          point: pointOf(point),
          pair,
          metric,
          unit,
          ...(value === null ? { reason: reason ?? 'absent' } : { value }),
        });
      }
    }
  }
  return { measurements, seconds: duration(clients) };
}
