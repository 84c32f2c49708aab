import { describe, expect, test } from '@jest/globals';
import {
  ApiError,
  isAlreadyExists,
  isConflict,
  isExpired,
  isForbidden,
  isInvalid,
  isNotConnected,
  isNotFound,
  isTooManyRequests,
  TransportError,
} from './errors.ts';

const api = (code: number, reason?: string): ApiError =>
  new ApiError('GET /x', code, { code, message: 'words', ...(reason === undefined ? {} : { reason }) });

describe('predicates', () => {
  test.each([
    [isNotFound, api(404, 'NotFound'), true],
    [isNotFound, api(404), true],
    [isNotFound, api(404, 'Conflict'), false],
    [isNotFound, api(500, 'NotFound'), true],
    [isNotFound, new Error('NotFound'), false],
    [isNotFound, undefined, false],
    [isConflict, api(409, 'AlreadyExists'), false],
    [isConflict, api(409), true],
    [isAlreadyExists, api(409, 'AlreadyExists'), true],
    [isAlreadyExists, api(409), false],
    [isExpired, api(410, 'Expired'), true],
    [isExpired, api(410, 'Gone'), true],
    [isExpired, api(410), true],
    [isForbidden, api(403, 'Forbidden'), true],
    [isInvalid, api(422, 'Invalid'), true],
    [isTooManyRequests, api(429), true],
    [isNotConnected, new TransportError('x', { code: 'ECONNREFUSED', maybeSent: false }), true],
    [isNotConnected, new TransportError('x', { code: 'ECONNRESET', maybeSent: true }), false],
  ])('%p of %p is %p', (predicate, error, expected) => expect(predicate(error)).toBe(expected));
});

test('ApiError keeps the words of the server and says what was asked', () => {
  const error = new ApiError('POST /api/v1/pods', 422, { reason: 'Invalid', message: 'spec: "bad"' });
  expect(error.serverMessage).toBe('spec: "bad"');
  expect(error.message).toBe('POST /api/v1/pods: 422 Invalid: spec: "bad"');
});

test('the time to wait comes from the header, else from the details', () => {
  const status = { details: { retryAfterSeconds: 2 } };
  expect(new ApiError('x', 429, status).retryAfterMs).toBe(2000);
  expect(new ApiError('x', 429, status, 500).retryAfterMs).toBe(500);
});
