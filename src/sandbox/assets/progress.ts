/** Tells a waiting user what is being done, for how long, and about how long it still takes. */

export interface Step {
  /** What is being done right now, for example `120 of 340 packages`. */
  detail(text: string): void;
  /** Share of the work that is done, 0 to 1: the estimate then follows the real pace. */
  fraction(done: number): void;
  /** Ends the step well; `note` is added to its last line. */
  done(note?: string): void;
  /** Ends the step badly. */
  fail(note?: string): void;
}

export interface StepOptions {
  /** How long it takes on an ordinary machine, in seconds, as far as known. */
  expectedSeconds?: number;
}

export interface Progress {
  step(title: string, options?: StepOptions): Step;
  /** One line for the reader. */
  note(text: string): void;
}

export interface ProgressOutput {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
  columns?: number | undefined;
}

const PIPE_INTERVAL_MS = 15_000;
const TERMINAL_INTERVAL_MS = 250;

/** Progress on `output`: one line that is written over on a terminal, a plain line every 15 s in a pipe. */
export function createProgress(output: ProgressOutput = process.stderr, now: () => number = Date.now): Progress {
  const note = (text: string) => void output.write(`${clear(output)}${text}\n`);
  return { note, step: (title, options = {}) => startStep(output, now, title, options) };
}

/** Progress that says nothing. */
export function silentProgress(): Progress {
  const nothing = () => {};
  return { note: nothing, step: () => ({ detail: nothing, fraction: nothing, done: nothing, fail: nothing }) };
}

function startStep(output: ProgressOutput, now: () => number, title: string, options: StepOptions): Step {
  const start = now();
  let detail = '';
  let fraction: number | undefined;
  const line = () => {
    const elapsed = (now() - start) / 1000;
    return progressLine(title, { elapsed, detail, left: secondsLeft(elapsed, options.expectedSeconds, fraction) });
  };
  const draw = () => void output.write(output.isTTY ? `${clear(output)}${fit(line(), output.columns)}` : `${line()}\n`);
  const timer = setInterval(draw, output.isTTY ? TERMINAL_INTERVAL_MS : PIPE_INTERVAL_MS);
  timer.unref();
  const end = (word: string, note = '') => {
    clearInterval(timer);
    const suffix = note === '' ? '' : `: ${note}`;
    output.write(`${clear(output)}${title}: ${word} in ${duration((now() - start) / 1000)}${suffix}\n`);
  };
  draw();
  return {
    detail: (text) => void (detail = text),
    fraction: (done) => void (fraction = done),
    done: (text) => end('done', text),
    fail: (text) => end('failed', text),
  };
}

const clear = (output: ProgressOutput): string => (output.isTTY ? '\r\x1b[2K' : '');
const fit = (text: string, columns = 80): string => (text.length < columns ? text : `${text.slice(0, columns - 2)}…`);

/** Seconds that are left: from the share done where known, else from the usual duration; undefined when nobody knows. */
export function secondsLeft(elapsed: number, expected?: number, fraction?: number): number | undefined {
  if (fraction !== undefined && fraction > 0.02) return (elapsed * (1 - fraction)) / fraction;
  return expected !== undefined && expected > elapsed ? expected - elapsed : undefined;
}

/** One line of progress: title, detail, elapsed, about how long is left. Seconds. */
export function progressLine(
  title: string,
  state: { elapsed: number; detail?: string; left?: number | undefined },
): string {
  const detail = state.detail ? ` (${state.detail})` : '';
  const left = state.left === undefined ? '' : `, about ${duration(state.left)} left`;
  return `${title}${detail}: ${duration(state.elapsed)}${left}`;
}

/** Seconds for people: `0.4 s`, `12 s`, `3 min 5 s`. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
