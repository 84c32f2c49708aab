import { describe, expect, test } from '@jest/globals';
import { completion } from './completion.ts';
import { parse, seconds, UsageError } from './parse.ts';
import { COMMANDS, EXIT_CODES, SHELLS } from './table.ts';
import { EXIT } from './exit.ts';
import { nextName } from './rerunName.ts';
import { usage } from './usage.ts';

describe('calls', () => {
  test('options before and after the name, short and long', () => {
    const parsed = parse(['report', '-o', 'json', 'exp', '--namespace=bench']);
    expect(parsed).toMatchObject({
      kind: 'call',
      call: { positionals: ['exp'], values: { output: 'json', namespace: 'bench' } },
    });
  });

  test.each([[['--help']], [['-h']], [[]], [['help']], [['help', 'run']], [['run', '--help']]])(
    '%p is help',
    (argv) => {
      expect(parse(argv).kind).toBe('help');
    },
  );

  test.each([
    [['wtach'], /no command wtach/],
    [['watc'], /did you mean watch\?/],
    [['watch'], /watch needs NAME/],
    [['watch', 'a', 'b'], /does not take b/],
    [['report', 'a', '-o', 'pdf'], /--output pdf: use table, html/],
    [['watch', 'a', '--nope'], /unknown option '--nope'/],
    [['compare', 'a'], /compare needs A B/],
    [['watch', 'a', '--timeout'], /--timeout/],
  ])('%p is refused', (argv, message) => {
    expect(() => parse(argv)).toThrow(UsageError);
    expect(() => parse(argv)).toThrow(message);
  });

  test.each([
    ['90s', 90],
    ['5m', 300],
    ['1h30m', 5400],
    ['2d', 172_800],
    ['0', 0],
  ])('duration %s', (given, wanted) => {
    const parsed = parse(['watch', 'a', '--timeout', given]);
    expect(parsed.kind === 'call' && seconds(parsed.call, 'timeout')).toBe(wanted);
  });

  test.each(['10', '5x', '', '-5m', '1.5h', 'm'])('duration %p is refused', (given) => {
    const parsed = parse(['watch', 'a', `--timeout=${given}`]);
    expect(() => parsed.kind === 'call' && seconds(parsed.call, 'timeout')).toThrow(/write a duration/);
  });
});

test('every exit code of the program is documented, and no other', () => {
  expect(EXIT_CODES.map(([code]) => code)).toEqual(Object.values(EXIT));
});

test.each(COMMANDS.map(({ name }) => name))('usage of %s names all its options', (name) => {
  const command = COMMANDS.find((one) => one.name === name);
  const text = usage(command);
  for (const option of command?.options ?? []) expect(text).toContain(`--${option.name}`);
  expect(usage()).toContain(command?.summary);
});

test.each(SHELLS)('completion for %s names every command and option', (shell) => {
  const script = completion(shell);
  for (const { name, options } of COMMANDS) {
    expect(script).toContain(name);
    for (const option of options) expect(script).toMatch(new RegExp(`(--|-l )${option.name}\\b`));
  }
});

test.each([
  ['a', 'a-2'],
  ['a-2', 'a-3'],
  ['v-9', 'v-10'],
  ['x'.repeat(63), `${'x'.repeat(61)}-2`],
])('after %s comes %s', (name, next) => {
  expect(nextName(name)).toBe(next);
});
