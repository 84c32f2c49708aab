/** Numbers for people: SI base units in, prefixes out; and the bounds that people write in specs. */

const PREFIXES: [factor: number, prefix: string][] = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
  [1, ''],
];
const SECONDS: [factor: number, prefix: string][] = [
  [1, 's'],
  [1e-3, 'ms'],
  [1e-6, 'µs'],
  [1e-9, 'ns'],
];
const SUFFIXES: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/**
 * A value in an SI base unit with three significant digits and a prefix: 0.0000312 s is `31.2 µs`, 9.41e9 bit/s is
 * `9.41 Gb/s`, 0.00123 of unit 1 is `0.00123`. Prefixes are powers of 1000.
 */
export function formatQuantity(value: number, unit: string): string {
  if (!Number.isFinite(value)) return '-';
  if (unit === 's' || unit === 's/B') return scaled(value, SECONDS, unit.slice(1));
  if (unit === 'bit/s') return scaled(value, PREFIXES, 'b/s');
  if (unit === '1' && Number.isInteger(value) && Math.abs(value) < 1000) return `${value}`;
  if (unit === '1') return Math.abs(value) >= 1000 ? scaled(value, PREFIXES, '').replace(/ $/, '') : digits(value);
  return scaled(value, PREFIXES, unit === '1/s' ? '/s' : unit);
}

/** Three significant digits without exponent for what fits: 1, 12.3, 1230, 0.00123. */
export function digits(value: number): string {
  if (value === 0) return '0';
  const rounded = Number(value.toPrecision(3));
  return Math.abs(rounded) < 1e-6 || Math.abs(rounded) >= 1e7 ? rounded.toExponential() : plainDigits(rounded);
}

/**
 * A bound as users write it: a decimal number, perhaps with a Kubernetes quantity suffix: `1.25`, `50u` (of a second),
 * `9G` (bit/s). Null for anything else.
 */
export function parseBound(text: string): number | null {
  const match = /^([+-]?\d{1,20}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,3})?)(n|u|m|k|M|G|T|P|Ki|Mi|Gi|Ti)?$/.exec(text.trim());
  if (match === null) return null;
  const value = Number(match[1]) * (SUFFIXES[match[2] ?? ''] ?? Number.NaN);
  return Number.isFinite(value) ? value : null;
}

function scaled(value: number, prefixes: [number, string][], unit: string): string {
  const rounded = Number(value.toPrecision(3));
  const [factor, prefix] = prefixes.find(([size]) => Math.abs(rounded) >= size) ?? prefixes.at(-1) ?? [1, ''];
  const number = value === 0 ? '0' : digits(value / factor);
  return `${number} ${value === 0 ? (prefixes === SECONDS ? 's' : '') : prefix}${unit}`;
}

/** Keeps the zeros that are significant: 9.40, not 9.4. */
function plainDigits(rounded: number): string {
  const magnitude = Math.floor(Math.log10(Math.abs(rounded)));
  return rounded.toFixed(Math.max(0, 2 - magnitude));
}
