/** From arguments to a call, by the table. */
import { parseArgs } from 'node:util';
import { COMMANDS, type Command, GLOBAL_OPTIONS, type Option } from './table.ts';

export interface Call {
  command: Command;
  positionals: string[];
  values: Record<string, string | boolean | undefined>;
}

/** What was typed is no call; `message` says what is. `command` where one was recognised. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly command: Command | undefined;

  constructor(message: string, command?: Command) {
    super(message);
    this.command = command;
  }
}

export type Parsed = { kind: 'call'; call: Call } | { kind: 'help'; command?: Command } | { kind: 'version' };

/** @throws UsageError for what is not in the table. */
export function parse(argv: readonly string[]): Parsed {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') return helpOn(rest[0]);
  if (name === '--version') return { kind: 'version' };
  const command = COMMANDS.find((one) => one.name === name);
  if (command === undefined)
    throw new UsageError(
      `there is no command ${name}${nearest(
        name,
        COMMANDS.map((one) => one.name),
      )}`,
    );
  const { values, positionals } = split(command, rest);
  if (values['help'] === true) return { kind: 'help', command };
  const [least, most] = command.count;
  if (positionals.length < least) throw new UsageError(`${name} needs ${command.args}`, command);
  if (positionals.length > most)
    throw new UsageError(`${name} does not take ${positionals.slice(most).join(' ')}`, command);
  for (const option of command.options) checkChoice(command, option, values[option.name]);
  return { kind: 'call', call: { command, positionals, values } };
}

function helpOn(name: string | undefined): Parsed {
  const command = COMMANDS.find((one) => one.name === name);
  return command === undefined ? { kind: 'help' } : { kind: 'help', command };
}

function split(command: Command, args: readonly string[]): Pick<Call, 'values' | 'positionals'> {
  const options = Object.fromEntries(
    [...command.options, ...GLOBAL_OPTIONS].map(({ name, short, value }) => [
      name,
      {
        type: value === undefined ? ('boolean' as const) : ('string' as const),
        ...(short === undefined ? {} : { short }),
      },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    return { values, positionals };
  } catch (error) {
    const [first = ''] = (error as Error).message.split('. ');
    throw new UsageError(`${first.charAt(0).toLowerCase()}${first.slice(1)}`, command);
  }
}

function checkChoice(command: Command, { name, choices }: Option, value: string | boolean | undefined): void {
  if (choices === undefined || typeof value !== 'string' || choices.includes(value)) return;
  throw new UsageError(`--${name} ${value}: use ${choices.join(', ')}`, command);
}

/** `; did you mean watch?` where a known word starts alike. */
function nearest(word: string, known: readonly string[]): string {
  const found = known.find((one) => one.startsWith(word.slice(0, 2)));
  return found === undefined ? '' : `; did you mean ${found}?`;
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds of `90s`, `1h30m`, `0`; undefined of nothing. @throws UsageError for anything else. */
export function seconds(call: Call, name: string): number | undefined {
  const text = call.values[name];
  if (typeof text !== 'string') return undefined;
  if (text === '0') return 0;
  if (!/^(\d{1,7}[smhd])+$/.test(text))
    throw new UsageError(`--${name} ${text}: write a duration such as 90s, 5m or 1h30m`, call.command);
  return [...text.matchAll(/(\d+)([smhd])/g)].reduce(
    (sum, [, count, unit = 's']) => sum + Number(count) * (UNITS[unit] ?? 1),
    0,
  );
}

/** The text of an option; undefined where it was not given. */
export function text(call: Call, name: string): string | undefined {
  const value = call.values[name];
  return typeof value === 'string' ? value : undefined;
}
