/** The prefix that suits an axis. */

export interface AxisUnit {
  /** What a value is divided by to stand on the axis. */
  factor: number;
  text: string;
}

const STEPS: readonly [number, string][] = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
  [1, ''],
  [1e-3, 'm'],
  [1e-6, 'µ'],
  [1e-9, 'n'],
];
const NAMES: Readonly<Record<string, string>> = { 'bit/s': 'b/s', '1/s': '/s' };

/** By the largest of the values; shares and counts (unit 1) and bytes keep theirs. */
export function axisUnit(values: readonly number[], unit: string): AxisUnit {
  if (unit === '1') return { factor: 1, text: '' };
  const largest = Math.max(0, ...values.filter(Number.isFinite).map(Math.abs));
  const [factor, prefix] = STEPS.find(
    ([step]) => largest >= step && (unit.startsWith('s') ? step <= 1 : step >= 1),
  ) ?? [1, ''];
  return { factor, text: `${prefix}${NAMES[unit] ?? unit}` };
}

/** `Round trip, median (µs)`. */
export function axisTitle(name: string, { text }: AxisUnit): string {
  const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  return text === '' ? title : `${title} (${text})`;
}
