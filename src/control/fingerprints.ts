/** Digests of what endpoints say of themselves. */
import { createHash } from 'node:crypto';
import type { Registration } from '../api/protocol.ts';
import { digestedText, type EndpointFingerprint, fieldsOf } from '../results/provenance/fields.ts';

/** A Trial is looked at often, its endpoints register once. */
const known = new WeakMap<Registration, EndpointFingerprint>();

export function fingerprintOf(registration: Registration): EndpointFingerprint {
  const found = known.get(registration);
  if (found !== undefined) return found;
  const fields = fieldsOf(registration);
  const digest = `sha256:${createHash('sha256').update(digestedText(fields)).digest('hex')}`;
  known.set(registration, { digest, fields });
  return { digest, fields };
}
