/** Keys derived from the operator's one secret key; nothing is remembered, so a restart changes nothing. */
import { createHmac } from 'node:crypto';
import type { Credentials } from '../plan/render/secret.ts';

export interface CredentialSource {
  collectorUrl: string;
  /** PEM of the CA that signed the collector's certificate. */
  ca: string;
  /** Issues an endpoint's bearer token. */
  issue: (trialUid: string, endpoint: string) => string;
  key: Buffer;
}

export function createCredentials({ collectorUrl, ca, issue, key }: CredentialSource): Credentials {
  return {
    collectorUrl,
    ca,
    token: issue,
    controlKey: (trialUid, pair) => createHmac('sha256', key).update(`control/${trialUid}/${pair}`).digest('base64url'),
  };
}
