import { describe, expect, jest, test } from '@jest/globals';
import { createProgress, duration, progressLine, secondsLeft } from './progress.ts';

function recorder(isTTY: boolean) {
  const lines: string[] = [];
  return { lines, output: { isTTY, columns: 40, write: (text: string) => lines.push(text) } };
}

describe('progress', () => {
  test.each([
    [0.04, '0.0 s'],
    [9.94, '9.9 s'],
    [9.97, '10 s'],
    [59.4, '59 s'],
    [59.6, '1 min 0 s'],
    [195, '3 min 15 s'],
  ])('%d seconds read %s', (seconds, want) => {
    expect(duration(seconds)).toBe(want);
  });

  test.each([
    { name: 'nothing known', elapsed: 5, expected: undefined, fraction: undefined, want: undefined },
    { name: 'usual duration', elapsed: 5, expected: 20, fraction: undefined, want: 15 },
    { name: 'longer than usual: no promise', elapsed: 25, expected: 20, fraction: undefined, want: undefined },
    { name: 'real pace beats the usual one', elapsed: 10, expected: 12, fraction: 0.25, want: 30 },
    { name: 'a pace of nothing is none', elapsed: 1, expected: 20, fraction: 0.001, want: 19 },
  ])('time left: $name', ({ elapsed, expected, fraction, want }) => {
    expect(secondsLeft(elapsed, expected, fraction)).toBe(want);
  });

  test('puts what, detail, elapsed and left into a line', () => {
    expect(progressLine('Building etcd', { elapsed: 12, detail: 'fetching bbolt', left: 20 })).toBe(
      'Building etcd (fetching bbolt): 12 s, about 20 s left',
    );
  });

  test('writes a plain line every 15 s into a pipe, without control characters', () => {
    jest.useFakeTimers();
    const { lines, output } = recorder(false);
    const step = createProgress(output).step('Building', { expectedSeconds: 60 });
    step.detail('one of two');
    jest.advanceTimersByTime(31_000);
    step.done('all well');
    jest.useRealTimers();
    expect(lines).toEqual([
      'Building: 0.0 s, about 1 min 0 s left\n',
      'Building (one of two): 15 s, about 45 s left\n',
      'Building (one of two): 30 s, about 30 s left\n',
      'Building: done in 31 s: all well\n',
    ]);
  });

  test('writes over one line on a terminal, cut to its width, and says nothing after the end', () => {
    jest.useFakeTimers();
    const { lines, output } = recorder(true);
    const step = createProgress(output).step('A title that is longer than this very narrow terminal');
    jest.advanceTimersByTime(1_000);
    step.fail('no network');
    jest.advanceTimersByTime(60_000);
    jest.useRealTimers();
    expect(lines).toHaveLength(6);
    const text = lines.slice(0, -1).map((line) => line.replace('\r\x1b[2K', ''));
    expect(text.every((line) => line.length < 40 && !line.includes('\n'))).toBe(true);
    expect(lines.at(-1)).toContain('failed in 1.0 s: no network\n');
  });
});
