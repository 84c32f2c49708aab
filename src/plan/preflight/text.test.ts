import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { testbed } from '../../../test/support/builders.ts';
import { nad, nads, observed, readyMessage, statusOf } from '../../../test/support/preflight.ts';
import { NOW } from '../../../test/support/builders.ts';
import type { TestbedFinding } from '../../api/v1alpha1.ts';
import { isEmpty } from '../types.ts';
import { parseAttachment } from './attachment.ts';
import { arrange, clip, failure, some, warning } from './finding.ts';
import { planTestbed } from './plan.ts';

describe('texts of others', () => {
  test('one line, of bounded length', () => {
    expect(clip(' a\n\tb\u0000c ')).toBe('a b c');
    expect(clip('x'.repeat(300), 10)).toBe('xxxxxxx...');
    expect(some(['a', 'b', 'c'], 2)).toBe('a, b and 1 more');
  });

  test('any configuration is judged, within the bounds of the CRD', () => {
    const json = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({ type: fc.anything(), ipam: fc.anything(), capabilities: fc.anything(), plugins: fc.anything() })
        .map((x) => JSON.stringify(x) ?? ''),
      fc
        .record({
          type: fc.constantFrom('sriov', 'bridge', 'x'.repeat(5000)),
          mtu: fc.anything(),
          max_tx_rate: fc.anything(),
          bridge: fc.anything(),
        })
        .map((x) => JSON.stringify(x)),
    );
    fc.assert(
      fc.property(json, (text) => {
        const attachments = nads(nad('br-data', text), nad('vf-net', text), nad('vf-vfio', text));
        const status = statusOf({ attachments });
        expect(status.findings?.length).toBeLessThanOrEqual(64);
        for (const { message } of status.findings ?? []) expect(message.length).toBeLessThanOrEqual(1024);
        expect(readyMessage(status).length).toBeLessThanOrEqual(2048);
        const again = planTestbed(observed({ attachments, testbed: { ...testbed(), status } }), NOW + 1000);
        expect(isEmpty(again)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('a plugin name that is no text is named', () => {
    expect(parseAttachment(nad('x', { type: 7 }))).toEqual({ problem: 'spec.config names no type of CNI plugin' });
  });
});

test('errors first, nothing twice, no more than the CRD holds', () => {
  const many = Array.from({ length: 80 }, (_, n): TestbedFinding => warning('OneNode', `w${n}`));
  const arranged = arrange([...many, ...many, failure('NoKVM', 'e'), failure('NoKVM', 'e')]);
  expect(arranged).toHaveLength(64);
  expect(arranged.slice(0, 2).map(({ message }) => message)).toEqual(['e', 'w0']);
});
