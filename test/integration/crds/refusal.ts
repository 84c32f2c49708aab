/** What the API server says to a request that it must refuse. */
import { expect } from '@jest/globals';
import { ApiError } from '../../../src/kube/index.ts';

/** Its message; fails the test where the request succeeds or is refused for another cause than an invalid object. */
export async function refusal(request: Promise<unknown>): Promise<string> {
  const error = await request.then(
    () => new Error('accepted'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ApiError)) throw new Error(`no refusal by the API server: ${String(error)}`);
  expect([error.status, error.reason]).toEqual([422, 'Invalid']);
  return error.serverMessage;
}
