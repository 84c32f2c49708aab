/** Values that stand apart from the others: flagged, never removed. */
import { median } from './median.ts';

/** Modified z beyond which a value is an outlier: Iglewicz and Hoaglin (1993), page 11. */
const LIMIT = 3.5;
/** With fewer values nearly any spread looks like outliers. */
const FEWEST = 6;

/**
 * Positions of the outliers: modified z 0.6745 |x - median| / MAD above 3.5, MAD the median absolute deviation. Where more
 * than half of the values are equal, MAD is 0 and the mean absolute deviation times 1.2533 takes its place. None below 6
 * values.
 * Source: B. Iglewicz and D. C. Hoaglin, How to Detect and Handle Outliers, ASQC Basic References in Quality Control 16
 * (1993); the form with the mean deviation from IBM SPSS Statistics Algorithms, "Modified z score".
 */
export function outliers(values: readonly number[]): number[] {
  const centre = median(values);
  if (centre === null || values.length < FEWEST) return [];
  const deviations = values.map((value) => Math.abs(value - centre));
  const mad = median(deviations) ?? 0;
  const scale = mad > 0 ? mad / 0.6745 : 1.253314 * mean(deviations);
  return deviations.flatMap((deviation, i) => (deviation > LIMIT * scale ? [i] : []));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
