/** How much of the collector a caller may use. */

export interface CollectorLimits {
  /** Longest a call is held before it is asked to come again. */
  holdMs: number;
  /** What a caller is told to wait after a 202. */
  retryAfterSeconds: number;
  /** TLS handshake; request line and headers; whole request; idle connection. */
  handshakeMs: number;
  headersMs: number;
  requestMs: number;
  idleMs: number;
  headerBytes: number;
  connections: number;
  /** Result documents read at once: each may take a multiple of `resultUnpackedBytes`. */
  bodiesAtOnce: number;
  /** Bodies other than results. */
  smallBytes: number;
  resultBytes: number;
  resultUnpackedBytes: number;
  /** JSON values in a result. */
  resultValues: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_LIMITS: CollectorLimits = {
  holdMs: 20_000,
  retryAfterSeconds: 0,
  handshakeMs: 10_000,
  headersMs: 10_000,
  requestMs: 30_000,
  idleMs: 5000,
  headerBytes: 8 * 1024,
  connections: 4096,
  bodiesAtOnce: 2,
  smallBytes: 64 * 1024,
  resultBytes: 8 * MIB,
  resultUnpackedBytes: 64 * MIB,
  resultValues: 500_000,
};
