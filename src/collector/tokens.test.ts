import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { issue, verify } from './tokens.ts';

const KEY = Buffer.alloc(32, 7);
const UID = '6a0c1a8e-95ac-4b1d-9f9b-2d1f0d0f3a11';

describe('tokens', () => {
  test('tell Trial and endpoint', () => {
    expect(verify(KEY, issue(KEY, UID, 'client-12'))).toEqual({ trialUid: UID, endpoint: 'client-12' });
  });

  test('of another key, Trial or endpoint are no tokens', () => {
    const [version, uid, , mac] = issue(KEY, UID, 'client-0').split('.');
    expect(verify(Buffer.alloc(32, 8), issue(KEY, UID, 'client-0'))).toBeNull();
    expect(verify(KEY, `${version}.${uid}.client-1.${mac}`)).toBeNull();
    expect(verify(KEY, `${version}.other.client-0.${mac}`)).toBeNull();
    expect(verify(KEY, `v2.${uid}.client-0.${mac}`)).toBeNull();
  });

  test('with any one character changed, or more of them, are no tokens', () => {
    const token = issue(KEY, UID, 'server-0');
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, other) => {
        fc.pre(token[at] !== other);
        expect(verify(KEY, token.slice(0, at) + other + token.slice(at + 1))).toBeNull();
        expect(verify(KEY, token + other)).toBeNull();
      }),
    );
  });

  test('are not found in any text', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(verify(KEY, text)).toBeNull()));
    expect(verify(KEY, 'v1.'.repeat(100_000))).toBeNull();
    expect(verify(KEY, issue(KEY, UID, 'guest-0' as 'client-0'))).toBeNull();
  });
});
