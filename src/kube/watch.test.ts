import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { cutOff, end, pause, ScriptedServer, status, watch } from '../../test/support/scripted-server.ts';
import type { KubeClient, WatchOptions } from './client.ts';
import { isExpired, TransportError } from './errors.ts';
import { PODS } from './resources.ts';
import { eventually } from '../../test/support/eventually.ts';
import { clientFor, failureOf, pod } from './kube.testing.ts';
import type { WatchEvent } from './watch.ts';

const COLLECTION = '/api/v1/namespaces/ns/pods';

let server: ScriptedServer;
let client: KubeClient;

beforeEach(async () => {
  server = await ScriptedServer.start();
  client = clientFor(server.url);
});

afterEach(async () => {
  await client.close();
  await server.close();
});

describe('watch', () => {
  const added = (name: string, version: number): object => ({ type: 'ADDED', object: pod(name, version) });

  async function collect(options: WatchOptions = {}, signal = new AbortController().signal): Promise<WatchEvent[]> {
    const events: WatchEvent[] = [];
    for await (const event of client.watch(PODS, { namespace: 'ns', ...options }, signal)) events.push(event);
    return events;
  }

  test('yields events until the server ends it', async () => {
    const text = `${JSON.stringify({ type: 'ADDED', object: pod('grün€', 2) })}\n`;
    const bytes = Buffer.from(text);
    const half = bytes.indexOf(0xe2) + 1;
    const steps = [added('a', 1), bytes.subarray(0, half), () => pause(20), bytes.subarray(half), end];
    server.on(`WATCH ${COLLECTION}`, watch(...steps));
    const events = await collect({ resourceVersion: '0', allowBookmarks: true, timeoutSeconds: 290 });
    expect(events).toEqual([added('a', 1), { type: 'ADDED', object: pod('grün€', 2) }]);
    expect(server.requests[0]?.query).toEqual({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: '0',
      timeoutSeconds: '290',
    });
  });

  test.each([
    ['a refusal', [status(410, 'Expired')], (error: unknown) => isExpired(error)],
    ['a broken connection', [watch(added('a', 1), cutOff)], isTransportError],
    ['an end within a line', [watch('{"type":', end)], hasCode('HALF_LINE')],
    ['a line that is no JSON', [watch('oops\n')], hasCode('BAD_JSON')],
    ['silence', [watch(added('a', 1))], hasCode('SILENT')],
  ])('throws at %s', async (_, replies, isExpected) => {
    server.on(`WATCH ${COLLECTION}`, ...replies);
    expect(isExpected(await failureOf(collect({ idleTimeoutMs: 100 })))).toBe(true);
  });

  test('is not silent while bytes come', async () => {
    const beats = Array.from({ length: 6 }, () => [() => pause(50), '\n']).flat();
    server.on(`WATCH ${COLLECTION}`, watch(...beats, added('a', 1), end));
    expect(await collect({ idleTimeoutMs: 150 })).toHaveLength(1);
  });

  test('ends quietly when aborted, and closes its connection', async () => {
    let closed = false;
    server.on(
      `WATCH ${COLLECTION}`,
      watch(added('a', 1), (response) => void response.on('close', () => (closed = true))),
    );
    const abort = new AbortController();
    const events: WatchEvent[] = [];
    for await (const event of client.watch(PODS, { namespace: 'ns' }, abort.signal)) {
      events.push(event);
      setTimeout(() => abort.abort(), 20);
    }
    expect(events).toHaveLength(1);
    await eventually(10, () => Promise.resolve(closed || null), 5);
  });

  test('leaving the loop closes its connection', async () => {
    let closed = false;
    server.on(
      `WATCH ${COLLECTION}`,
      watch((response) => void response.on('close', () => (closed = true)), added('a', 1)),
    );
    for await (const _ of client.watch(PODS, { namespace: 'ns' }, new AbortController().signal)) break;
    await eventually(10, () => Promise.resolve(closed || null), 5);
  });
});

function isTransportError(error: unknown): boolean {
  return error instanceof TransportError && error.maybeSent;
}

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof TransportError && error.code === code;
}
