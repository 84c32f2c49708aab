/** Structural schemas of the CRDs, as far as a file is checked by them without a cluster. Pure. */

export interface Schema {
  type?: string;
  enum?: readonly string[];
  default?: unknown;
  required?: readonly string[];
  properties?: Readonly<Record<string, Schema>>;
  additionalProperties?: Schema;
  items?: Schema;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  'x-kubernetes-int-or-string'?: boolean;
}

export interface Checked {
  /** With the schema's defaults filled in. */
  value: unknown;
  /** `spec.modes[0].type: Native2 is none of Native, Virtio, Passthrough`. */
  problems: string[];
}

/** A copy with defaults, and all that the schema refuses. Rules across fields (CEL) are the API server's to check. */
export function check(schema: Schema, value: unknown, path: string): Checked {
  if (value === undefined || value === null) return { value, problems: [`${path}: is missing`] };
  if (schema.properties !== undefined) return checkObject(schema, value, path);
  if (schema.items !== undefined) return checkList(schema, schema.items, value, path);
  if (schema.additionalProperties !== undefined) return checkMap(schema.additionalProperties, value, path);
  return { value, problems: scalarProblems(schema, value).map((problem) => `${path}: ${problem}`) };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function checkObject({ properties = {}, required = [] }: Schema, value: unknown, path: string): Checked {
  if (!isObject(value)) return { value, problems: [`${path}: must be an object`] };
  const problems = Object.keys(value)
    .filter((key) => properties[key] === undefined)
    .map((key) => `${path}.${key}: there is no such field; ${path} has ${Object.keys(properties).join(', ')}`);
  const entries = Object.entries(properties).flatMap(([key, schema]): [string, unknown][] => {
    const given = value[key] ?? structuredClone(schema.default);
    if (given === undefined) {
      if (required.includes(key)) problems.push(`${path}.${key}: is missing`);
      return [];
    }
    const checked = check(schema, given, `${path}.${key}`);
    problems.push(...checked.problems);
    return [[key, checked.value]];
  });
  return { value: Object.fromEntries(entries), problems };
}

function checkList(schema: Schema, items: Schema, value: unknown, path: string): Checked {
  if (!Array.isArray(value)) return { value, problems: [`${path}: must be a list`] };
  const all = value.map((item, i) => check(items, item, `${path}[${i}]`));
  const { minItems = 0, maxItems = Infinity } = schema;
  const size =
    value.length < minItems || value.length > maxItems ? [`${path}: must have ${range(minItems, maxItems)} items`] : [];
  return { value: all.map((item) => item.value), problems: [...size, ...all.flatMap(({ problems }) => problems)] };
}

function checkMap(schema: Schema, value: unknown, path: string): Checked {
  if (!isObject(value)) return { value, problems: [`${path}: must be an object`] };
  return {
    value,
    problems: Object.entries(value).flatMap(([key, item]) => check(schema, item, `${path}.${key}`).problems),
  };
}

function scalarProblems(schema: Schema, value: unknown): string[] {
  const shown = JSON.stringify(value);
  const wrong = typeProblem(schema, value);
  if (wrong !== null) return [`${shown} must be ${wrong}`];
  if (schema.enum !== undefined && !schema.enum.includes(String(value)))
    return [`${shown} is none of ${schema.enum.join(', ')}`];
  if (typeof value === 'number') return numberProblems(schema, value);
  return typeof value === 'string' ? textProblems(schema, value) : [];
}

/** What it must be; null where it is. */
function typeProblem(schema: Schema, value: unknown): string | null {
  if (schema['x-kubernetes-int-or-string'] === true)
    return typeof value === 'string' || Number.isInteger(value) ? null : 'a whole number or a string';
  if (isOfType(value, schema.type)) return null;
  return schema.type === 'integer' ? 'a whole number' : `a ${schema.type}`;
}

function numberProblems({ minimum = -Infinity, maximum = Infinity }: Schema, value: number): string[] {
  return value < minimum || value > maximum ? [`${value} must be ${range(minimum, maximum)}`] : [];
}

function textProblems({ minLength = 0, maxLength = Infinity, pattern }: Schema, value: string): string[] {
  if (value.length < minLength || value.length > maxLength)
    return [`must have ${range(minLength, maxLength)} characters`];
  if (pattern === undefined || new RegExp(pattern, 'u').test(value)) return [];
  return [`${JSON.stringify(value)} must match ${pattern}`];
}

function isOfType(value: unknown, type: string | undefined): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'number' || type === 'string' || type === 'boolean') return typeof value === type;
  return true;
}

function range(least: number, most: number): string {
  if (most === Infinity) return `at least ${least}`;
  return least === -Infinity ? `at most ${most}` : `${least} to ${most}`;
}
