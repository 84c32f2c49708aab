/** Reads Prometheus' text format (0.0.4) as strictly as its specification has it. */

export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

export interface ReadFamily {
  name: string;
  help: string;
  type: string;
  samples: Sample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (NaN|[+-]?Inf|[+-]?[0-9.]+(?:e[+-]?[0-9]+)?)$/s;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/y;
const SUFFIXES: Record<string, readonly string[]> = { histogram: ['_bucket', '_sum', '_count'] };

/** @throws Error that names the line that is wrong. */
export function parseExposition(text: string): Map<string, ReadFamily> {
  if (text !== '' && !text.endsWith('\n')) throw new Error('The last line has no end');
  const families = new Map<string, ReadFamily>();
  let family: ReadFamily | null = null;
  for (const line of text.split('\n').slice(0, -1)) {
    const [, name = '', help] = /^# HELP (\S+) (.*)$/s.exec(line) ?? [];
    if (help !== undefined) {
      if (!NAME.test(name) || families.has(name)) throw new Error(`Name or repeated family: ${line}`);
      families.set(name, (family = { name, help, type: '', samples: [] }));
    } else if (line.startsWith('# TYPE ')) family = typed(line, family);
    else family?.samples.push(sample(line, family));
    if (family === null) throw new Error(`A sample before its family: ${line}`);
  }
  for (const one of families.values()) check(one);
  return families;
}

function typed(line: string, family: ReadFamily | null): ReadFamily {
  const [, name, type = ''] = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line) ?? [];
  if (family === null || family.name !== name || family.type !== '')
    throw new Error(`Type in the wrong place: ${line}`);
  family.type = type;
  return family;
}

function sample(line: string, { name, type }: ReadFamily): Sample {
  const [, own = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
  if (!(SUFFIXES[type] ?? ['']).some((suffix) => own === `${name}${suffix}`))
    throw new Error(`Not a sample of ${name}: ${line}`);
  return { name: own, labels: labelsOf(labels, line), value: Number(value.replace('Inf', 'Infinity')) };
}

function labelsOf(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const [, name = '', value = ''] = LABEL.exec(text) ?? [];
    if (name === '' || name in labels) throw new Error(`Labels: ${line}`);
    labels[name] = value.replaceAll(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c));
  }
  return labels;
}

function check({ name, type, samples }: ReadFamily): void {
  const keys = samples.map((one) =>
    JSON.stringify([one.name, Object.entries(one.labels).toSorted(([a], [b]) => (a < b ? -1 : 1))]),
  );
  if (new Set(keys).size !== keys.length) throw new Error(`${name}: a series twice`);
  if (type === 'counter' && samples.some(({ value }) => value < 0)) throw new Error(`${name}: a counter below 0`);
  if (type === 'counter' && !/_(?:total|seconds_total)$/.test(name))
    throw new Error(`${name}: a counter's name ends in _total`);
  if (type === 'histogram') checkBuckets(name, samples);
}

function checkBuckets(name: string, samples: readonly Sample[]): void {
  const groups = Map.groupBy(samples, ({ labels }) => JSON.stringify({ ...labels, le: '' }));
  for (const group of groups.values()) {
    const buckets = group.filter((one) => one.name === `${name}_bucket`);
    const ends = buckets.map(({ labels }) => (labels['le'] === '+Inf' ? Infinity : Number(labels['le'])));
    const count = group.find((one) => one.name === `${name}_count`)?.value;
    const rises = (values: readonly number[]): boolean =>
      values.every((value, i) => i === 0 || value >= (values[i - 1] ?? 0));
    if (!rises(ends) || ends.at(-1) !== Infinity) throw new Error(`${name}: buckets`);
    if (!rises(buckets.map(({ value }) => value)) || buckets.at(-1)?.value !== count)
      throw new Error(`${name}: counts`);
  }
}
