/** Lines and one status line: rewritten in place on a terminal, printed as they come in a pipe. */

export interface Terminal {
  /** True where the status line is rewritten in place. */
  readonly live: boolean;
  readonly colour: boolean;
  readonly width: number;
  line(text: string): void;
  status(text: string): void;
  /** Takes the status line away. */
  clear(): void;
}

/** Control characters in names or messages must not steer the terminal. */
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

export function createTerminal(stream: NodeJS.WriteStream, env: Record<string, string | undefined>): Terminal {
  const live = stream.isTTY === true && env['TERM'] !== 'dumb' && env['CI'] === undefined;
  const width = (): number => (live ? (stream.columns ?? 80) : 120);
  let shown = false;
  const clear = (): void => {
    if (shown) stream.write('\r\u001b[2K');
    shown = false;
  };
  const clean = (text: string): string => text.replaceAll(CONTROL, ' ');
  return {
    live,
    colour: live && env['NO_COLOR'] === undefined,
    get width() {
      return width();
    },
    line(text) {
      clear();
      stream.write(`${clean(text)}\n`);
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
