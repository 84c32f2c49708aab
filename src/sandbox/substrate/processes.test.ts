import { describe, expect, test } from '@jest/globals';
import { namespaceOf, parseNamespacePids, processesIn } from './processes.ts';

describe('processes', () => {
  test('are known by their ids in each namespace, outermost first', () => {
    expect(parseNamespacePids('Name:\tx\nNSpid:\t16560\t17\t1\nThreads:\t1\n')).toEqual([16560, 17, 1]);
    expect(parseNamespacePids('Name:\tx\n')).toEqual([]);
  });

  test('are found by their user namespace', () => {
    const own = namespaceOf('self', 'user');
    expect(own).toMatch(/^user:\[\d+\]$/);
    expect(processesIn(own ?? '')).toContain(process.pid);
    expect(namespaceOf(2 ** 30, 'user')).toBeNull();
  });
});
