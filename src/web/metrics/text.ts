/** Prometheus' text format, version 0.0.4. */

export type Labels = readonly (readonly [name: string, value: string])[];

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Control characters are not forbidden there, but nobody wants them. */
const shown = (text: string): string => text.replaceAll(/(?!\n)\p{Cc}/gu, ' ');
const escapedLabel = (text: string): string =>
  shown(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
const escapedHelp = (text: string): string => shown(text).replaceAll('\\', '\\\\').replaceAll('\n', '\\n');

function number(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : `${value}`;
}

export function line(name: string, labels: Labels, value: number): string {
  const pairs = labels.map(([label, text]) => `${label}="${escapedLabel(text)}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${number(value)}`;
}

interface Written {
  name: string;
  help: string;
  kind: string;
  lines(): string[];
}

/** Families without a series are left out. */
export function metricsText(families: readonly Written[]): string {
  return families
    .map((family) => ({ ...family, name: family.name, help: family.help, kind: family.kind, written: family.lines() }))
    .filter(({ written }) => written.length > 0)
    .map(({ name, help, kind, written }) =>
      [`# HELP ${name} ${escapedHelp(help)}`, `# TYPE ${name} ${kind}`, ...written, ''].join('\n'),
    )
    .join('');
}
