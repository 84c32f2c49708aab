import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isSensitive, REDACTED, scrub } from './secrets.ts';
import { PLANTED } from './planted.testing.ts';

describe('what is a secret goes, what is around it stays', () => {
  test.each(PLANTED.map((each) => [each.text, each.secret]))('%s', (text, secret) => {
    const { text: found, count } = scrub(`before ${text} after`);
    expect(found).not.toContain(secret);
    expect(found).toMatch(/^before .*after$/s);
    expect(found).toContain(REDACTED);
    expect(count).toBeGreaterThan(0);
  });
});

test.each([
  'Trials are still to be run',
  'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'image vfbench/operator@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 pulled',
  '7f0e4b1c-3f4e-4a51-8e0c-1f2d3c4b5a69',
  'vm-cost-b3-passthrough-1k2j3h4g-client-0 on node-a, 0000:3b:02.0, 02:00:00:00:01:01',
  'secret "vm-cost-b0-native-wwinugz0" not found',
  'node-a has 0: make VFs (sriov_numvfs), 2026-11-27T10:06:47Z, 192.168.50.1/24',
  'Passthrough: PassthroughReady is True, bypass the cache',
  'see https://example.com/docs/testbed.md?x=1#reasons',
  '/apis/vfbench.io/v1alpha1/namespaces/bench/experiments',
  'VirtualMachineInstance vm-cost-b0-virtio-tqm8hytp-server-0 (phase Running, waits for virt-launcher-0a1b2c3d)',
])('no secret: %s', (text) => {
  expect(scrub(text)).toEqual({ text, count: 0 });
});

test.each(['password', 'DB_PASSWD', 'client_secret', 'apiKey', 'X-Auth-Token', 'Cookie', 'aws-access-key-id'])(
  '%s is the name of a secret',
  (name) => expect(isSensitive(name)).toBe(true),
);
test.each(['secretName', 'passthrough', 'key', 'author', 'compass', 'tokenExpirationSeconds'])('%s is none', (name) =>
  expect(isSensitive(name)).toBe(false),
);

test('any text is read in a time that grows with its length, and twice is once', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300, unit: 'grapheme' }), (text) => {
      const once = scrub(text).text;
      expect(scrub(once).text).toBe(once);
    }),
  );
});

test.each(['a', '=', '"', '\\', 'token=', '-----BEGIN A-----', 'eyJ', 'A1a', 'https://', 'sha256:', '--token '])(
  '200 kB of %p take no second',
  (unit) => {
    const text = unit.repeat(Math.ceil(200_000 / unit.length));
    const start = performance.now();
    scrub(text);
    expect(performance.now() - start).toBeLessThan(5000);
  },
);
