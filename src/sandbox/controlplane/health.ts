/** Asks a component whether it is ready. */
import { request } from 'node:https';
import type { KeyPair } from './certificates.ts';

export interface HealthTarget {
  port: number;
  path: string;
  /** PEM of the authority of the component's certificate. */
  ca: string;
  client?: KeyPair;
}

const ANSWER_TIMEOUT_MS = 3_000;

/** Undefined when the component answers 200, else what it says. Never throws. */
export function askHealth({ port, path, ca, client }: HealthTarget): Promise<string | undefined> {
  return new Promise((resolve) => {
    const identity = client === undefined ? {} : { cert: client.certificate, key: client.key };
    const options = { host: '127.0.0.1', port, path, ca, agent: false, timeout: ANSWER_TIMEOUT_MS, ...identity };
    const call = request(options, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve(response.statusCode === 200 ? undefined : notReady(response.statusCode, body)));
      response.on('error', (error) => resolve(error.message));
    });
    call.on('timeout', () => call.destroy(new Error('no answer')));
    call.on('error', (error) => resolve(error.message));
    call.end();
  });
}

/** Of a long list of checks only those that fail. */
function notReady(status: number | undefined, body: string): string {
  const failing = body.split('\n').filter((line) => line.startsWith('[-]'));
  return `HTTP ${status}: ${failing.length > 0 ? failing.join(', ') : body.slice(0, 200)}`;
}
