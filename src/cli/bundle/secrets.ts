/** Secrets in a text: what they look like, and what stands before them. Pure. */

export const REDACTED = '<redacted>';

/** Part of a name whose value nobody should see. */
const WORDS = [
  'passw(?:or)?d',
  'passphrase',
  'pwd',
  'secret',
  'token',
  'api[-_]?key',
  'private[-_]?key',
  'access[-_]?key',
  'credential',
  'authorization',
  'cookie',
  'session[-_]?id',
];
/** Bounded, as all that begins in the middle of a text: long words must not cost the square of their length. */
const NAME = `[\\w.-]{0,48}(?:${WORDS.join('|')})[\\w.-]{0,48}`;
const SENSITIVE = new RegExp(`^${NAME}$`, 'i');
/** They name a Secret, or say something about a token, and are none. */
const HARMLESS = new Set(['secretName', 'secretname', 'automountServiceAccountToken', 'tokenExpirationSeconds']);

export const isSensitive = (name: string): boolean => SENSITIVE.test(name) && !HARMLESS.has(name);

const FLAG = new RegExp(`^--?${NAME}$`, 'i');
/** `--password`, which the secret follows as the next argument. */
export const isSensitiveFlag = (text: string): boolean => FLAG.test(text);

interface Shape {
  pattern: RegExp;
  /** What stands in its place; `$1` and so on as in a replacement. */
  by: string;
}

const QUOTED = String.raw`\\*"[^"]*"|\\*'[^']*'`;

const SHAPES: readonly Shape[] = [
  { pattern: /-----BEGIN [A-Z0-9 ]+-----[\s\S]*?(?:-----END [A-Z0-9 ]+-----|$)/g, by: REDACTED },
  { pattern: /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, by: REDACTED },
  {
    pattern: /\b(authorization\\*["']?\s{0,9}[:=]\s{0,9}\\*["']?(?:[\w-]{1,48}\s{1,9})?)[^\s"',;\\]+/gi,
    by: `$1${REDACTED}`,
  },
  { pattern: /\b(bearer|negotiate)\s+[\w.~+/-]{8,}=*/gi, by: `$1 ${REDACTED}` },
  { pattern: /\b(basic)\s+(?=\S*[0-9=A-Z])[A-Za-z0-9+/]{6,}=*/gi, by: `$1 ${REDACTED}` },
  { pattern: /\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@"']+@/gi, by: `$1${REDACTED}@` },
  { pattern: new RegExp(String.raw`((?<![\w-])--?${NAME})(\s+)(?:${QUOTED}|[^\s"']+)`, 'gi'), by: `$1$2${REDACTED}` },
  {
    pattern: new RegExp(String.raw`(\b${NAME}\\*["']?\s{0,9}[=:]\s{0,9})(?:${QUOTED}|[^\s,;&)}\]"']+)`, 'gi'),
    by: `$1${REDACTED}`,
  },
  { pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, by: REDACTED },
  { pattern: /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|npm_|hf_|sk-|AIza)[\w-]{16,}/g, by: REDACTED },
  // A bootstrap token of Kubernetes.
  { pattern: /\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g, by: REDACTED },
  { pattern: /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{20,}={1,2}/g, by: REDACTED },
  // Digests are no secret.
  { pattern: /(?<![\w-])(?<!sha(?:256|512):)[0-9a-f]{32,}(?![\w-])/gi, by: REDACTED },
  // Upper and lower case and digits in one long word.
  {
    pattern: /(?<![\w-])(?<!sha(?:256|512):)(?=[\w-]*[A-Z])(?=[\w-]*[a-z])(?=[\w-]*[0-9])[\w-]{32,}(?![\w-])/g,
    by: REDACTED,
  },
];

/** A PEM block over several lines, each of base64. */
const PEM_LINES =
  /-----BEGIN [A-Z0-9 ]{1,64}-----[ \t]*\r?\n(?:[A-Za-z0-9+/=]+\r?\n)*(?:-----END [A-Z0-9 ]{1,64}-----)?/g;

/** Takes away what goes over several lines of a log. */
export const withoutBlocks = (text: string): string => text.replace(PEM_LINES, `${REDACTED}\n`);

/** The text without what looks like a secret, and how many places were changed. */
export function scrub(text: string): { text: string; count: number } {
  let [result, count] = [text, 0];
  for (const { pattern, by } of SHAPES) {
    result = result.replace(pattern, (...match: unknown[]) => {
      const groups = match.slice(1).filter((part) => typeof part === 'string');
      const found = by.replaceAll(/\$(\d)/g, (_, digit: string) => groups[Number(digit) - 1] ?? '');
      if (found !== match[0]) count++;
      return found;
    });
  }
  return { text: result, count };
}
