/** Usage and the generated part of docs/cli.md, from the table. Pure. */
import { COMMANDS, type Command, EXIT_CODES, GLOBAL_OPTIONS, type Option } from './table.ts';

export const PROGRAM = 'kubectl vfbench';

const flag = ({ name, short, value }: Option): string =>
  `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;

const synopsis = ({ name, args }: Command): string =>
  [PROGRAM, name, args, '[OPTIONS]'].filter((part) => part !== '').join(' ');

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}

/** All commands, or one with its options. */
export function usage(command?: Command): string {
  if (command !== undefined) {
    const rows = [...command.options, ...GLOBAL_OPTIONS].map((option) => [flag(option), helpOf(option)] as const);
    return [`Usage: ${synopsis(command)}`, '', `${command.summary}.`, '', 'Options:', ...columns(rows), ''].join('\n');
  }
  return [
    `Usage: ${PROGRAM} COMMAND [OPTIONS]`,
    '',
    'Commands:',
    ...columns(COMMANDS.map(({ name, args, summary }) => [`${name} ${args}`.trim(), summary] as const)),
    '',
    'NAME may be written NAMESPACE/NAME. Options of a command: kubectl vfbench COMMAND --help',
    '',
    'Exit codes:',
    ...columns(EXIT_CODES.map(([code, meaning]) => [`${code}`, meaning] as const)),
    '',
  ].join('\n');
}

const helpOf = ({ help, choices }: Option): string => (choices === undefined ? help : `${help}: ${choices.join(', ')}`);

/** The commands and exit codes as Markdown. */
export function reference(): string {
  const commands = COMMANDS.flatMap((command) => [
    `### ${command.name}`,
    `\`${synopsis(command)}\`: ${lower(command.summary)}.`,
    '',
    ...(command.options.length === 0
      ? []
      : [
          '| option | does |',
          '| --- | --- |',
          ...command.options.map((option) => `| \`${flag(option).trim()}\` | ${cell(helpOf(option))} |`),
          '',
        ]),
  ]);
  const codes = EXIT_CODES.map(([code, meaning]) => `| ${code} | ${cell(meaning)} |`);
  return ['## Exit codes', '| code | means |', '| --- | --- |', ...codes, '', '## Commands', ...commands].join('\n');
}

const lower = (text: string): string => `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
const cell = (text: string): string => text.replaceAll('|', '\\|');
