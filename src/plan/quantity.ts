/** Kubernetes quantities (k8s.io/apimachinery resource.Quantity): `2`, `500m`, `10G`, `2Gi`, `1e3`. */

const FACTORS: Record<string, number> = {
  '': 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};
const FORM = /^([+-]?\d+(?:\.\d*)?|[+-]?\.\d+)(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i))?$/;

/** The quantity as a number, or null where the text is none. */
export function parseQuantity(text: string | number | undefined): number | null {
  if (text === undefined) return null;
  if (typeof text === 'number') return Number.isFinite(text) ? text : null;
  const match = FORM.exec(text.trim());
  if (match === null) return null;
  const [, digits = '', exponent = '', suffix = ''] = match;
  return Number(digits + exponent) * (FACTORS[suffix] ?? NaN);
}

/** Fractions come with the error of their last binary digit. */
const DIGITS = 15;

/** The shortest text for the amount: equal amounts are spelled alike. What is no quantity stays as it is. */
export function spelled(quantity: string | number): string {
  const amount = parseQuantity(quantity);
  if (amount === null) return `${quantity}`;
  const texts = Object.entries(FACTORS).map(([suffix, factor]) => `${exact(amount / factor)}${suffix}`);
  return texts.reduce((short, text) => (text.length < short.length ? text : short));
}

const exact = (amount: number): number => Number(amount.toPrecision(DIGITS));
