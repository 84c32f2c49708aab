/** Reads a stream of the page as a browser does. */
import { request } from 'node:http';
import type { ExperimentLine, TestbedLine } from '../../src/web/page/view.ts';
import { eventually } from './eventually.ts';

export interface Message {
  name: string;
  data: {
    user: string;
    experiments: ExperimentLine[];
    testbeds: TestbedLine[];
    gone: { experiments: string[]; testbeds: string[] };
    partial: boolean;
    reason?: string;
  };
}

export interface Reader {
  status: number;
  messages: Message[];
  /** Comments between messages. */
  beats(): number;
  isEnded(): boolean;
  pause(): void;
  resume(): void;
  close(): void;
  /** The n-th message, waited for. */
  message(n: number): Promise<Message>;
}

export function readPage(url: string, token = '', headers: Record<string, string> = {}): Promise<Reader> {
  const messages: Message[] = [];
  let [rest, beats, ended] = ['', 0, false];
  const take = (event: string): void => {
    const [, name, data] = /^event: (.*)\ndata: (.*)$/.exec(event) ?? [];
    if (name !== undefined && data !== undefined) messages.push({ name, data: JSON.parse(data) as Message['data'] });
    else beats++;
  };
  return new Promise((resolve, reject) => {
    const authorization: Record<string, string> = token === '' ? {} : { authorization: `Bearer ${token}` };
    const call = request(url, { headers: { ...authorization, ...headers }, agent: false }, (response) => {
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        const events = (rest + piece).split('\n\n');
        rest = events.pop() ?? '';
        events.forEach(take);
      });
      response.on('close', () => (ended = true));
      response.on('error', () => (ended = true));
      resolve({
        status: response.statusCode ?? 0,
        messages,
        beats: () => beats,
        isEnded: () => ended,
        pause: () => response.pause(),
        resume: () => response.resume(),
        close: () => call.destroy(),
        message: (n) => eventually(15, () => Promise.resolve(messages[n] ?? null), 5),
      });
    });
    call.on('error', reject);
    call.end();
  });
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

export function ask(
  url: string,
  {
    token = '',
    headers = {},
    method = 'GET',
  }: { token?: string; headers?: Record<string, string>; method?: string } = {},
): Promise<Answer> {
  const authorization: Record<string, string> = token === '' ? {} : { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const call = request(url, { method, headers: { ...authorization, ...headers }, agent: false }, (response) => {
      response.setEncoding('utf8');
      let text = '';
      response.on('data', (piece: string) => (text += piece));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    call.on('error', reject);
    call.end();
  });
}
