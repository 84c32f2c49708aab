/**
 * Bearer tokens of endpoints: an HMAC of the operator's key over Trial UID and endpoint.
 * Nothing is remembered, so a restarted operator accepts the tokens that its predecessor gave out.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { EndpointName } from '../api/protocol.ts';

export interface Bearer {
  trialUid: string;
  endpoint: EndpointName;
}

const VERSION = 'v1';
const UID = /^[0-9A-Za-z-]{1,64}$/;
const ENDPOINT = /^(?:server|client)-(?:0|[1-9][0-9]{0,3})$/;
const MAX_LENGTH = 256;

/** True for names such as `server-0`, `client-12`. */
export function isEndpointName(name: string): name is EndpointName {
  return ENDPOINT.test(name);
}

/** The token of one endpoint of one Trial: `v1.<uid>.<endpoint>.<HMAC-SHA256, base64url>`. */
export function issue(key: Buffer, trialUid: string, endpoint: EndpointName): string {
  return `${VERSION}.${trialUid}.${endpoint}.${mac(key, trialUid, endpoint).toString('base64url')}`;
}

/** Whose token this is; null for anything that `issue` did not make with this key. Compares in constant time. */
export function verify(key: Buffer, token: string): Bearer | null {
  if (token.length > MAX_LENGTH) return null;
  const [version, trialUid = '', endpoint = '', signature = '', ...rest] = token.split('.');
  if (version !== VERSION || rest.length > 0 || !UID.test(trialUid) || !isEndpointName(endpoint)) return null;
  const expected = Buffer.from(mac(key, trialUid, endpoint).toString('base64url'));
  const given = Buffer.from(signature);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  return { trialUid, endpoint };
}

function mac(key: Buffer, trialUid: string, endpoint: string): Buffer {
  return createHmac('sha256', key).update(`${trialUid}/${endpoint}`).digest();
}
