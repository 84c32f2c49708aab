import { createHash } from 'node:crypto';

/** SHA-256 as it stands in status: `sha256:` and 64 hexadecimal digits. */
export const digestOf = (data: Uint8Array | string): string =>
  `sha256:${createHash('sha256').update(data).digest('hex')}`;
