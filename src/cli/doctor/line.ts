/** One line of the doctor: what was checked, how it stands, and the cure. */
import type { Terminal } from '../terminal.ts';

export interface Line {
  state: 'ok' | 'warn' | 'fail';
  topic: string;
  message: string;
}

export const ok = (topic: string, message: string): Line => ({ state: 'ok', topic, message });
export const warn = (topic: string, message: string): Line => ({ state: 'warn', topic, message });
export const fail = (topic: string, message: string): Line => ({ state: 'fail', topic, message });

const STYLES = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

export function printLine(terminal: Terminal, { state, topic, message }: Line): void {
  terminal.line(`${topic}: ${message}`, { word: state.padEnd(4), style: STYLES[state] });
}
