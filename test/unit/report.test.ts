/** The sum over all parts must not hide anything: files that do not load, skipped tests, suites that break. */
import { describe, expect, test } from '@jest/globals';
import { failures, lastLine, skippedLines, summarize, total, type JestReport } from '../support/report.ts';
import { reasonOf, skippedName } from '../support/skip-reason.ts';

const report = (...tests: [string, string][]): JestReport => ({
  testResults: [
    {
      name: 'a.test.ts',
      status: tests.some(([, status]) => status === 'failed') ? 'failed' : 'passed',
      message: '',
      assertionResults: tests.map(([fullName, status]) => ({ fullName, status })),
    },
  ],
});

const unloadable: JestReport = {
  testResults: [{ name: 'b.test.ts', status: 'failed', message: 'Cannot find module', assertionResults: [] }],
};

describe('summary of test parts', () => {
  test('adds up over parts', () => {
    const parts = [report(['one', 'passed'], ['two', 'failed']), report(['three', 'passed'], ['four', 'pending'])];
    expect(lastLine(total(parts.map(summarize)))).toBe('2 passed, 1 failed, 1 skipped');
  });

  test('counts a file that could not be loaded as one failure', () => {
    const summary = summarize(unloadable);
    expect(failures(summary)).toBe(1);
    expect(summary.broken).toEqual(['b.test.ts']);
  });

  test('counts a file whose tests passed but which failed as a whole', () => {
    const broken = report(['one', 'passed']);
    broken.testResults[0]!.status = 'failed';
    expect(lastLine(summarize(broken))).toBe('1 passed, 1 failed, 0 skipped');
  });

  test('does not count a failing test twice', () => {
    expect(failures(summarize(report(['one', 'failed'])))).toBe(1);
  });

  test('counts tests that are not written yet as skipped', () => {
    expect(summarize(report(['later', 'todo'])).skipped).toEqual([{ name: 'later', reason: 'not written yet' }]);
  });

  test('lists skipped tests by reason, and says so when there is none', () => {
    const suite = skippedName('guests', 'no QEMU');
    const tests = ['a', 'b', 'c', 'd'].map((name): [string, string] => [`${suite} ${name}`, 'pending']);
    expect(skippedLines(summarize(report(...tests, ['lonely', 'pending'])))).toEqual([
      '4 skipped, no QEMU: guests a; guests b; guests c and 1 more',
      '1 skipped, no reason given: lonely',
    ]);
  });

  test('finds the reason again whatever it holds', () => {
    expect(reasonOf(`${skippedName('suite', 'list [a] is missing\nsecond line')} inner test`)).toBe(
      'list (a) is missing',
    );
    expect(reasonOf('an ordinary name')).toBeUndefined();
  });
});
