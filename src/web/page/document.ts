/** The page itself: no data, one script and one style that its policy names by their hashes, nothing from elsewhere. */
import { createHash } from 'node:crypto';
import { STYLE as REPORT_STYLE } from '../../results/report/html/style.ts';
import { SCRIPT, STYLE } from './assets.ts';
import type { PageAccess } from './gate.ts';

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/**
 * The report is shown from a blob in a frame without scripts; it inherits this policy, so its style is named as well.
 * Trusted Types: no text ever becomes markup.
 */
const POLICY = [
  "default-src 'none'",
  `script-src ${hashOf(SCRIPT)}`,
  `style-src ${hashOf(STYLE)} ${hashOf(REPORT_STYLE)}`,
  "connect-src 'self'",
  'frame-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** Of everything that is not the page. */
export const NOTHING_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox";

export const PAGE_HEADERS = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY };

/** @param access tells the page whether to ask for a token. */
export const pageDocument = (access: PageAccess): string => `<!doctype html>
<html lang="en" data-access="${access}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>vfbench</title>
<style>${STYLE}</style>
</head>
<body>
<noscript><p>This page needs JavaScript. Without it: kubectl get experiments -A, kubectl vfbench report NAME -o html.</p></noscript>
<script>${SCRIPT}</script>
</body>
</html>
`;
