/** Calls to the operator, with the token that was given: kept in this tab only. */

const KEY = 'vfbench-token';
/** After so long without a sign of life the stream is taken for dead. */
const SILENCE_MS = 40_000;

export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const needsToken = document.documentElement.dataset['access'] === 'Token';

export const token = {
  get: (): string => sessionStorage.getItem(KEY) ?? '',
  set: (value: string): void => sessionStorage.setItem(KEY, value),
  drop: (): void => sessionStorage.removeItem(KEY),
};

async function call(path: string, signal?: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = token.get() === '' ? {} : { authorization: `Bearer ${token.get()}` };
  const response = await fetch(path, { headers, cache: 'no-store', credentials: 'omit', signal: signal ?? null });
  if (response.ok) return response;
  const told = (await response.json().catch(() => null)) as { error?: { message?: string } } | null;
  throw new Refusal(response.status, told?.error?.message ?? `The operator answered ${response.status}`);
}

export const getJson = async <T>(path: string): Promise<T> => (await (await call(path)).json()) as T;
export const getText = async (path: string): Promise<string> => (await call(path)).text();

/** Reads server-sent events until the stream ends. @throws Refusal, or what broke. */
export async function readStream(
  path: string,
  onEvent: (name: string, data: unknown) => void,
  signal: AbortSignal,
): Promise<void> {
  const silence = new AbortController();
  let timer = 0;
  const alive = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(new Error('No sign of life')), SILENCE_MS);
  };
  alive();
  try {
    const response = await call(path, AbortSignal.any([signal, silence.signal]));
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (let piece = await reader?.read(); piece !== undefined && !piece.done; piece = await reader?.read()) {
      alive();
      const events = (rest + piece.value).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) parse(event, onEvent);
    }
  } finally {
    clearTimeout(timer);
  }
}

function parse(event: string, onEvent: (name: string, data: unknown) => void): void {
  const field = (name: string): string | undefined =>
    event
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2);
  const [name, data] = [field('event'), field('data')];
  if (name !== undefined && data !== undefined) onEvent(name, JSON.parse(data));
}
