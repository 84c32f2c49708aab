/** Lines and one status line: rewritten in place on a terminal, printed as they come in a pipe. */
import { paint, type Style } from '../results/text.ts';

/** A word before a line, in its style where there are colours. */
export interface Head {
  word: string;
  style: Style;
}

export interface Terminal {
  /** True where the status line is rewritten in place. */
  readonly live: boolean;
  readonly colour: boolean;
  readonly width: number;
  line(text: string, head?: Head): void;
  status(text: string): void;
  /** Takes the status line away. */
  clear(): void;
}

/** Control characters in names or messages must not steer the terminal. */
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
export const clean = (text: string): string => text.replaceAll(CONTROL, ' ');

type Env = Record<string, string | undefined>;
type Stream = Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>;

/** Colours and rewriting on terminals alone: not in a pipe, not in CI. NO_COLOR as https://no-color.org has it. */
export function createTerminal(stream: Stream, env: Env): Terminal {
  const isCi = env['CI'] !== undefined && env['CI'] !== '' && env['CI'] !== 'false';
  const live = stream.isTTY === true && env['TERM'] !== 'dumb' && !isCi;
  const colour = live && (env['NO_COLOR'] ?? '') === '';
  const width = (): number => (live ? (stream.columns ?? 80) : 120);
  let shown = false;
  const clear = (): void => {
    if (shown) stream.write('\r\u001b[2K');
    shown = false;
  };
  return {
    live,
    colour,
    get width() {
      return width();
    },
    line(text, head) {
      clear();
      const start = head === undefined ? '' : `${colour ? paint(head.word, head.style) : head.word} `;
      stream.write(`${start}${clean(text)}\n`);
    },
    status(text) {
      if (!live) return void stream.write(`${clean(text)}\n`);
      clear();
      stream.write(clean(text).slice(0, width() - 1));
      shown = true;
    },
    clear,
  };
}
