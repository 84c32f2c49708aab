/**
 * The one logger factory. Messages are constant, capitalised, and say the act before it happens;
 * what varies goes into the object. Objects of Kubernetes are named by kind: `{Trial: 'ns/name'}`.
 */
import { pino, type Logger } from 'pino';

export type { Logger };

const REDACTED = ['token', '*.token', 'authorization', '*.authorization', 'headers.authorization'];

/** A JSON logger on standard error. `level` is one of pino's (`silent` for tests). */
export function createLogger(app: string, level = 'info'): Logger {
  return pino(
    {
      base: { app },
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED, censor: '[redacted]' },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
