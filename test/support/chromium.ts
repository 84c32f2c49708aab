/** A real Chromium without a window, spoken to by its DevTools protocol. */
import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { eventually } from './eventually.ts';
import { killGroup } from './killGroup.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Of VFBENCH_CHROMIUM, or of PATH. */
function findChromium(): string | undefined {
  const named = process.env['VFBENCH_CHROMIUM'];
  if (named !== undefined) return isProgram(named) ? named : undefined;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isProgram);
}

const program = findChromium();

/** Why there is no browser; undefined where there is one. */
export const noChromium: string | undefined =
  program === undefined
    ? `no Chromium: none of ${NAMES.join(', ')} is in PATH, VFBENCH_CHROMIUM names none`
    : undefined;

interface Reply {
  id?: number;
  method?: string;
  sessionId?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { message: string };
}

type Listener = (params: Record<string, unknown>) => void;

/** One connection to the browser: commands by number, events by session. */
class Devtools {
  readonly #socket: WebSocket;
  readonly #open = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  readonly #listeners = new Map<string, Listener>();
  #count = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.#take(JSON.parse(String(data)) as Reply));
    socket.addEventListener('close', () => {
      for (const { reject } of this.#open.values()) reject(new Error('The browser has ended'));
    });
  }

  static async connect(url: string): Promise<Devtools> {
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve, { once: true });
      socket.addEventListener('error', () => reject(new Error('The browser does not answer')), { once: true });
    });
    return new Devtools(socket);
  }

  close(): void {
    this.#socket.close();
  }

  send(method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> {
    const id = ++this.#count;
    const answer = Promise.withResolvers<Record<string, unknown>>();
    this.#open.set(id, answer);
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    return answer.promise;
  }

  on(sessionId: string, method: string, listener: Listener): void {
    this.#listeners.set(`${sessionId} ${method}`, listener);
  }

  #take({ id, method, sessionId, params = {}, result = {}, error }: Reply): void {
    if (id === undefined) return this.#listeners.get(`${sessionId} ${method}`)?.(params);
    const answer = this.#open.get(id);
    this.#open.delete(id);
    if (error === undefined) answer?.resolve(result);
    else answer?.reject(new Error(error.message));
  }
}

export interface TabOptions {
  width?: number;
  height?: number;
  dark?: boolean;
}

/** One tab. What the page logs, throws and asks of the network is kept. */
export class Tab {
  readonly #devtools: Devtools;
  readonly #session: string;
  /** Exceptions, console errors, refusals of the content policy. */
  readonly problems: string[] = [];
  readonly requests: string[] = [];

  constructor(devtools: Devtools, session: string) {
    this.#devtools = devtools;
    this.#session = session;
    devtools.on(session, 'Runtime.exceptionThrown', (params) => void this.problems.push(JSON.stringify(params)));
    devtools.on(session, 'Log.entryAdded', ({ entry }) => {
      const { level, text, source } = entry as { level: string; text: string; source: string };
      if (level === 'error' && source !== 'network') this.problems.push(text);
    });
    devtools.on(session, 'Network.requestWillBeSent', ({ request }) => {
      this.requests.push((request as { url: string }).url);
    });
  }

  send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    return this.#devtools.send(method, params, this.#session);
  }

  async open(url: string, { width = 1280, height = 900, dark = false }: TabOptions = {}): Promise<void> {
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await this.send(`${domain}.enable`);
    await this.resize(width, height);
    await this.send('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }],
    });
    await this.send('Page.navigate', { url });
  }

  resize(width: number, height: number): Promise<unknown> {
    return this.send('Emulation.setDeviceMetricsOverride', {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: width < 600,
    });
  }

  /** The value of an expression in the page. @throws Error with what it threw. */
  async value<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = (await this.send('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
      // Else the policy of the page would not hold for what is evaluated.
      allowUnsafeEvalBlockedByCSP: false,
    })) as { result: { value: T }; exceptionDetails?: { text: string; exception?: { description?: string } } };
    if (exceptionDetails !== undefined)
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Waits until the expression is true. */
  async until(expression: string, seconds = 15): Promise<void> {
    await eventually(seconds, async () => ((await this.value<unknown>(expression)) ? true : null), 50).catch(
      async () => {
        const text = await this.value<string>('document.body.innerText.slice(0, 1500)').catch(() => '');
        throw new Error(`Not so within ${seconds} s: ${expression}\n${text}\n${this.problems.join('\n')}`);
      },
    );
  }

  /** Waits until the page shows that text. */
  shows(text: string, seconds?: number): Promise<void> {
    return this.until(`document.body.innerText.includes(${JSON.stringify(text)})`, seconds);
  }

  async press(key: string, text?: string): Promise<void> {
    const codes: Record<string, number> = { Tab: 9, Enter: 13, Escape: 27, '/': 191 };
    const common = { key, windowsVirtualKeyCode: codes[key] ?? 0, ...(text === undefined ? {} : { text }) };
    await this.send('Input.dispatchKeyEvent', { type: 'keyDown', ...common });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...common });
  }

  type(text: string): Promise<unknown> {
    return this.send('Input.insertText', { text });
  }

  /** PNG of what is on the screen. */
  async picture(): Promise<Buffer> {
    const { data } = await this.send('Page.captureScreenshot', { format: 'png' });
    return Buffer.from(String(data), 'base64');
  }
}

export interface Browser {
  tab(): Promise<Tab>;
  stop(): Promise<void>;
}

export async function startChromium(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'vfbench-chromium-'));
  const flags = [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--disable-background-networking',
    '--disable-component-update',
    '--no-first-run',
    '--hide-scrollbars',
    '--force-color-profile=srgb',
    '--remote-debugging-port=0',
    `--user-data-dir=${profile}`,
    'about:blank',
  ];
  const child = spawn(program ?? '', flags, { stdio: 'ignore', detached: true });
  child.unref();
  const stop = async (): Promise<void> => {
    killGroup(child.pid);
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
  try {
    const told = await eventually(30, () => readFile(join(profile, 'DevToolsActivePort'), 'utf8'), 50);
    const [port = '', path = ''] = told.trim().split('\n');
    const devtools = await Devtools.connect(`ws://127.0.0.1:${port}${path}`);
    const tab = async (): Promise<Tab> => {
      const { browserContextId } = await devtools.send('Target.createBrowserContext');
      const { targetId } = await devtools.send('Target.createTarget', { url: 'about:blank', browserContextId });
      const { sessionId } = await devtools.send('Target.attachToTarget', { targetId, flatten: true });
      return new Tab(devtools, String(sessionId));
    };
    return {
      tab,
      stop: () => {
        devtools.close();
        return stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
