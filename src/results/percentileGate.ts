/** Whether a percentile stands on what the run itself says: enough transactions, and none of them lost. */
import type { Measurement, TestPoint } from '../api/protocol.ts';
import { measuredSeconds } from './commands.ts';
import { absent } from './parse/outcome.ts';
import { OBSERVATIONS_NEEDED } from './parse/readings.ts';

/** Rates are of the time really measured, which may be as much longer than asked as the duration gate allows. */
const SLACK = 1.05;

/**
 * The measurements, percentiles that do not stand replaced by their reason: they need 10 / (1 - q) transactions
 * (`transactionRate` over the point's time), and mean nothing where `lossRatio` is above 0, the lost ones being the slow ones.
 */
export function percentilesThatStand(point: TestPoint, measurements: readonly Measurement[]): Measurement[] {
  const valueOf = (name: string): number | null => measurements.find(({ metric }) => metric === name)?.value ?? null;
  const loss = valueOf('lossRatio') ?? 0;
  const rate = valueOf('transactionRate');
  const observations = rate === null ? null : Math.floor(rate * measuredSeconds(point) * SLACK);
  return measurements.map((measurement) => {
    const needed = OBSERVATIONS_NEEDED[measurement.metric];
    if (measurement.value === null || needed === undefined) return measurement;
    if (loss > 0) {
      return absent(
        measurement,
        'MessagesLost',
        `a share of ${loss.toPrecision(3)} was lost: the slow ones are missing`,
      );
    }
    if (observations === null || observations >= needed) return measurement;
    return absent(measurement, 'TooFewSamples', `${observations} observations, at least ${needed} are needed`);
  });
}
