/** Text for terminals: colours and wrapping. */

const CODES = { bold: 1, dim: 2, underline: 4, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

export type Style = keyof typeof CODES;

/** Text in a style of ECMA-48 (ANSI), reset after it. */
export function paint(text: string, style: Style): string {
  return `\u001b[${CODES[style]}m${text}\u001b[0m`;
}

/** Lines of at most `width` characters, broken at spaces; longer words are cut. Control characters become spaces. */
export function wrapped(text: string, width: number): string[] {
  const words = text
    .replace(/\p{Cc}/gu, ' ')
    .split(/ +/)
    .filter((word) => word !== '')
    .flatMap((word) =>
      Array.from({ length: Math.ceil(word.length / width) }, (_, i) => word.slice(i * width, (i + 1) * width)),
    );
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
