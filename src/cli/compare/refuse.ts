/** Why two reports may not be compared: every difference that would make a ratio mean something else. Pure. */
import { expandTests } from '../../results/catalogue.ts';
import type { Document } from './document.ts';

/** Of the fingerprints: what must be equal, since it is how it was measured. */
const EQUAL_FIELDS = /^(tool\.|nic\.mtu$|nic\.speed$|testbed\.link\.|testbed\.network\.family$)/;

/** All reasons; none: they are comparable. */
export function refusals(a: Document, b: Document): string[] {
  return [
    ...differ('environment', a.environment ?? 'real', b.environment ?? 'real'),
    ...differ('durationSeconds', a.spec.durationSeconds, b.spec.durationSeconds),
    ...differ('warmupSeconds', a.spec.warmupSeconds, b.spec.warmupSeconds),
    ...testRefusals(a, b),
    ...modeRefusals(a, b),
    ...unitRefusals(a, b),
    ...fieldRefusals(a, b),
  ];
}

function differ(what: string, a: unknown, b: unknown): string[] {
  const [left, right] = [text(a), text(b)];
  return left === right ? [] : [`${what}: ${left} in A, ${right} in B`];
}

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Tests by name as the points that were measured: a default written out is no difference. */
function testRefusals(a: Document, b: Document): string[] {
  const [left, right] = [pointsByTest(a), pointsByTest(b)];
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((name) => {
    const [one, other] = [left.get(name), right.get(name)];
    if (one === undefined) return [`test ${name}: only in B`];
    if (other === undefined) return [`test ${name}: only in A`];
    return one === other ? [] : [`test ${name} is not the same: ${one} in A, ${other} in B`];
  });
}

function pointsByTest({ spec }: Document): Map<string, string> {
  const groups = Map.groupBy(expandTests(spec), ({ test }) => test);
  return new Map(
    [...groups].map(([name, points]) => [
      name,
      points
        .map(({ id: _id, test: _test, durationSeconds: _d, warmupSeconds: _w, ...point }) => JSON.stringify(point))
        .join(' '),
    ]),
  );
}

/** A mode of one name must be one thing; where none is in both there is nothing to compare. */
function modeRefusals(a: Document, b: Document): string[] {
  const shared = a.spec.modes.flatMap((mode) => {
    const other = b.spec.modes.find(({ name }) => name === mode.name);
    return other === undefined ? [] : [[mode, other] as const];
  });
  if (shared.length === 0) return [`no mode is in both: A has ${names(a)}, B has ${names(b)}`];
  return shared.flatMap(([mode, other]) => differ(`mode ${mode.name}`, sorted(mode), sorted(other)));
}

const names = ({ spec }: Document): string => spec.modes.map(({ name }) => name).join(', ');
const sorted = (value: object): object =>
  Object.fromEntries(Object.entries(value).toSorted(([x], [y]) => (x < y ? -1 : 1)));

function unitRefusals(a: Document, b: Document): string[] {
  const units = new Map(b.rows.map(({ metric, unit }) => [metric, unit]));
  const seen = new Map(a.rows.map(({ metric, unit }) => [metric, unit]));
  return [...seen].flatMap(([metric, unit]) => differ(`unit of ${metric}`, unit, units.get(metric) ?? unit));
}

function fieldRefusals(a: Document, b: Document): string[] {
  return fieldDifferences(a, b)
    .filter(({ name }) => EQUAL_FIELDS.test(name))
    .map(({ name, a: left, b: right }) => `${name}: ${left} in A, ${right} in B`);
}

export interface FieldDifference {
  name: string;
  a: string;
  b: string;
}

/** Fields of the endpoints' fingerprints whose values are not the same set; what one side does not tell is left out. */
export function fieldDifferences(a: Document, b: Document): FieldDifference[] {
  const [left, right] = [valuesOf(a), valuesOf(b)];
  return [...left].flatMap(([name, one]) => {
    const other = right.get(name);
    return other === undefined || one === other ? [] : [{ name, a: one, b: other }];
  });
}

function valuesOf({ fingerprints }: Document): Map<string, string> {
  const groups = Map.groupBy(Object.values(fingerprints).flat(), ({ name }) => name);
  return new Map(
    [...groups].map(([name, fields]) => [name, [...new Set(fields.map(({ value }) => value))].toSorted().join(' | ')]),
  );
}
