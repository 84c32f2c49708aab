/** What the substrate and the holder of its namespaces say to each other: one JSON object a line, each way. */

export type Request =
  /** Runs a short command to its end; `input` goes to its standard input. */
  | { op: 'run'; id: number; argv: string[]; input: string }
  /** Starts a lasting command; its output comes as `line`, its end as `exit`. */
  | { op: 'spawn'; id: number; argv: string[]; env: Record<string, string> }
  /** `inner`: the command's first child instead of the command (process 1 of a pod). */
  | { op: 'signal'; id: number; signal: NodeJS.Signals; inner: boolean }
  /** Joins every connection to address:port with one to the unix socket at `path`. */
  | { op: 'portal'; id: number; address: string; port: number; path: string };

export type Reply =
  | { event: 'ready' }
  | { event: 'done'; id: number; code: number | null; stdout: string; stderr: string }
  | { event: 'started'; id: number; pid: number }
  | { event: 'line'; id: number; text: string }
  | { event: 'exit'; id: number; code: number | null; signal: string | null };

/** Characters kept of a line. */
export const LINE_LIMIT = 4096;
/** Lines passed on per command; what follows is read and dropped. */
export const LINES_LIMIT = 20_000;
