/** SVG as text: escaping, numbers, text that fits. */

/** Text as it may stand in an element or attribute of HTML, XML and SVG. What XML cannot hold at all becomes a mark. */
export function escaped(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** A coordinate: a tenth of a unit is finer than a pixel. */
export const at = (value: number): string => `${Math.round(value * 10) / 10}`;

/** Width of a character at the figures' size of text, in units of the drawing: of a wide font, since which one is not known. */
export const CHARACTER = 7.1;
const ELLIPSIS = '…';

export const widthOf = (text: string): number => text.length * CHARACTER;

/** Text cut in its middle so that it takes at most `width`: names tend to differ at their ends. */
export function fitted(text: string, width: number): string {
  const most = Math.max(4, Math.floor(width / CHARACTER));
  if (text.length <= most) return text;
  const tail = Math.floor((most - 1) / 2);
  return `${text.slice(0, most - 1 - tail)}${ELLIPSIS}${text.slice(text.length - tail)}`;
}

export interface TextStyle {
  anchor?: 'start' | 'middle' | 'end';
  /** Class names. */
  style?: string;
  /** Reads upwards. */
  turned?: boolean;
}

/** One line of text, its baseline at y. */
export function label(text: string, x: number, y: number, { anchor, style, turned }: TextStyle = {}): string {
  const turn = turned ? ` transform="rotate(-90 ${at(x)} ${at(y)})"` : '';
  const attributes = [
    anchor === undefined || anchor === 'start' ? '' : ` text-anchor="${anchor}"`,
    style === undefined ? '' : ` class="${style}"`,
  ].join('');
  return `<text x="${at(x)}" y="${at(y)}"${attributes}${turn}>${escaped(text)}</text>`;
}

/** `M0 0L1 1`: a line through points. */
export const through = (points: readonly (readonly [number, number])[]): string =>
  points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${at(x)} ${at(y)}`).join('');

type Line = [x1: number, y1: number, x2: number, y2: number, style: string];

export const line = (...[x1, y1, x2, y2, style]: Line): string =>
  `<path d="M${at(x1)} ${at(y1)}L${at(x2)} ${at(y2)}" class="${style}"/>`;

/** A whole drawing. Title and description are read aloud where it is not seen. */
export function drawing(
  { width, height, title, description }: { width: number; height: number; title: string; description: string },
  parts: readonly string[],
): string {
  const size = `viewBox="0 0 ${at(width)} ${at(height)}" width="${at(width)}" height="${at(height)}"`;
  return `<svg ${size} role="img" aria-label="${escaped(`${title}. ${description}`)}">${parts.join('')}</svg>`;
}
