import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { eventually } from '../../test/support/eventually.ts';
import { createLogger } from '../log.ts';
import { createCertificates, type Certificates } from './certificates.ts';
import { call, closedAfter, raw, said, type Caller, type Got, type Sent } from './client.testing.ts';
import type { CollectorLimits } from './limits.ts';
import { Rendezvous } from './rendezvous.ts';
import { documentSample, pointSample, registrationSample } from './samples.testing.ts';
import { startCollector, type Collector } from './server.ts';
import { issue } from './tokens.ts';

const KEY = Buffer.alloc(32, 1);
const UID = 'live-trial';
const HOLD_MS = 400;
const MIB = 1024 * 1024;
const client = issue(KEY, UID, 'client-0');
const server = issue(KEY, UID, 'server-0');

let certificates: Certificates;
let rendezvous: Rendezvous;
let collector: Collector;
let caller: Caller;

const LIMITS = { holdMs: HOLD_MS, headersMs: 500, requestMs: 20_000, handshakeMs: 2000, connections: 20 };

async function start(limits: Partial<CollectorLimits> = {}): Promise<void> {
  rendezvous = new Rendezvous();
  collector = await startCollector({
    listen: { host: '127.0.0.1', port: 0 },
    tls: certificates.server,
    key: KEY,
    rendezvous,
    isLive: (uid) => uid === UID,
    log: createLogger('test', 'silent'),
    limits: { ...LIMITS, ...limits },
  });
  caller = { port: collector.port, ca: certificates.ca.cert };
}

beforeAll(async () => {
  certificates = await createCertificates(new Date());
});
beforeEach(() => start());
afterEach(() => collector.close());

const post = (path: string, value: unknown, sent: Sent = {}): Promise<Got> =>
  call(caller, path, { token: client, body: [JSON.stringify(value)], ...sent });

const packed = (value: unknown): Sent => ({
  headers: { 'content-encoding': 'gzip' },
  body: [gzipSync(typeof value === 'string' ? value : JSON.stringify(value))],
});

describe('callers', () => {
  test.each([
    ['none', undefined],
    ['rubbish', 'rubbish'],
    ['one of another key', issue(Buffer.alloc(32, 2), UID, 'client-0')],
  ])('with a wrong token (%s) are refused for good, and nobody hears of them', async (_, token) => {
    const sent = token === undefined ? {} : { token };
    const got = await call(caller, '/v1/register', { body: [JSON.stringify(registrationSample)], ...sent });
    expect(got).toMatchObject({ status: 401, body: { reason: 'Unauthorized', final: true } });
    expect(rendezvous.view(UID).size).toBe(0);
  });

  test('of a trial that does not run are refused for good', async () => {
    const got = await post('/v1/register', registrationSample, { token: issue(KEY, 'gone', 'client-0') });
    expect(got).toMatchObject({ status: 410, body: { reason: 'TrialNotLive', final: true } });
    expect(rendezvous.view('gone').size).toBe(0);
  });

  test.each(['/', '/v1/nothing', '/v1/barrier/-1', '/v1/barrier/99999999', '/v1/__proto__', '/v1/constructor'])(
    'of %s find nothing',
    async (path) => expect((await post(path, {})).status).toBe(404),
  );

  test('by another method find nothing', async () => {
    expect((await call(caller, '/v1/register', { token: client, method: 'GET' })).status).toBe(404);
  });
});

describe('registration', () => {
  test('is answered 202 after the hold, and 200 with the plan after the release', async () => {
    const from = Date.now();
    const early = await post('/v1/register', registrationSample);
    expect(early).toEqual({ status: 202, body: { retryAfterSeconds: 0 } });
    expect(Date.now() - from).toBeGreaterThanOrEqual(HOLD_MS - 5);
    rendezvous.release(UID, { points: [], pairs: 1 });
    expect(await post('/v1/register', registrationSample)).toEqual({ status: 200, body: { points: [], pairs: 1 } });
  });

  test('of a refused trial is answered 410 with the reason', async () => {
    rendezvous.refuse(UID, { reason: 'WrongDataPath', message: 'MTU', final: true });
    const got = await post('/v1/register', registrationSample);
    expect(got).toMatchObject({ status: 410, body: { reason: 'WrongDataPath', message: 'MTU' } });
  });

  test('that is malformed is refused and told to the controller', async () => {
    const got = await post('/v1/register', { ...registrationSample, kernel: 7 });
    expect(got).toMatchObject({ status: 400, body: { reason: 'MalformedBody', final: true } });
    const { message = '' } = rendezvous.view(UID).get('client-0')?.fault ?? {};
    expect(message).toMatch(/^The registration is not as it must be: kernel: expected .* of one version\?$/);
  });

  test('whose caller has gone is no longer held', async () => {
    const register = rendezvous.register.bind(rendezvous);
    const gone = new AbortController();
    const settled = new Promise((resolve) => {
      rendezvous.register = async (...call) => {
        setTimeout(() => gone.abort(), 20);
        const answer = await register(...call);
        resolve(answer);
        return answer;
      };
    });
    const from = Date.now();
    const held = post('/v1/register', registrationSample, { signal: gone.signal });
    await expect(held).rejects.toThrow();
    expect(await settled).toEqual({ retry: true });
    expect(Date.now() - from).toBeLessThan(HOLD_MS);
  });

  test('a problem is passed on instead', async () => {
    const fault = { reason: 'DataNicMissing', message: 'No NIC with MAC x' };
    expect((await post('/v1/problem', fault)).status).toBe(200);
    expect(rendezvous.view(UID).get('client-0')).toMatchObject({ registration: null, fault });
  });
});

describe('result', () => {
  test('is stored once: held, 200, duplicate 200, another one 409', async () => {
    expect((await post('/v1/result', documentSample, packed(documentSample))).status).toBe(202);
    const view = rendezvous.view(UID).get('client-0');
    const text = gunzipSync(view?.resultGzip ?? Buffer.alloc(0));
    expect(JSON.parse(text.toString())).toEqual(documentSample);
    expect(view?.resultDigest).toBe(`sha256:${createHash('sha256').update(text).digest('hex')}`);
    rendezvous.acknowledge(UID);
    const again = await post('/v1/result', documentSample, packed(documentSample));
    expect(again).toEqual({ status: 200, body: { duplicate: true } });
    const other = await post('/v1/result', { ...documentSample, points: [] });
    expect(other).toMatchObject({ status: 409, body: { reason: 'ResultConflict', final: true } });
  });

  test('is taken by a restarted operator, plain or packed', async () => {
    await collector.close();
    await start();
    rendezvous.acknowledge(UID);
    expect(await post('/v1/result', documentSample)).toEqual({ status: 200, body: { duplicate: false } });
    expect(rendezvous.view(UID).get('client-0')?.registration).toEqual(registrationSample);
  });

  test('keeps nothing that the protocol does not know', async () => {
    rendezvous.acknowledge(UID);
    await post('/v1/result', { ...documentSample, extra: 'x'.repeat(1000) });
    expect(rendezvous.view(UID).get('client-0')?.result).toEqual(documentSample);
  });

  test('of four endpoints at once are all taken', async () => {
    rendezvous.acknowledge(UID);
    const raws = { ...pointSample.raw, stdout: 'y'.repeat(60_000) };
    const big = {
      ...documentSample,
      points: Array.from({ length: 100 }, (_, id) => ({ ...pointSample, id, raw: raws })),
    };
    const tokens = ['client-0', 'client-1', 'server-0', 'server-1'] as const;
    const got = await Promise.all(
      tokens.map((name) => post('/v1/result', big, { ...packed(big), token: issue(KEY, UID, name) })),
    );
    expect(got.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });
});

describe('barrier', () => {
  test('lets clients go together, and is not for servers', async () => {
    rendezvous.release(UID, { points: [], pairs: 2 });
    const first = post('/v1/barrier/0', { pairs: 2 });
    const second = await post('/v1/barrier/0', { pairs: 2 }, { token: issue(KEY, UID, 'client-1') });
    expect(second.status).toBe(200);
    expect(second.body['startInMs']).toBeGreaterThan(0);
    expect((await first).status).toBe(200);
    expect((await post('/v1/barrier/1', { pairs: 2 })).status).toBe(202);
    expect(said(await post('/v1/barrier/0', { pairs: 2 }, { token: server }))).toMatch(/^400 NotAClient: /);
    expect((await post('/v1/barrier/0', { pairs: 0 })).status).toBe(400);
  });
});

describe('attacks', () => {
  function* zeros(mib: number): Generator<Buffer> {
    const piece = Buffer.alloc(MIB / 4, 0x20);
    for (let n = 0; n < mib * 4; n++) yield piece;
  }

  test.each([
    ['announced', { 'content-length': `${100 * MIB}` }],
    ['chunked', { 'transfer-encoding': 'chunked' }],
  ])('100 MiB (%s) are refused in bounded time and memory', async (_, headers: Record<string, string>) => {
    const from = Date.now();
    const before = process.memoryUsage().arrayBuffers;
    const got = await post('/v1/result', null, { headers, body: zeros(100) });
    expect(got).toMatchObject({ status: 413, body: { reason: 'TooLarge', final: true } });
    expect(Date.now() - from).toBeLessThan(10_000);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40 * MIB);
    expect(rendezvous.view(UID).get('client-0')?.fault?.reason).toBe('TooLarge');
  });

  test('100 MiB without a token are refused in bounded time', async () => {
    const from = Date.now();
    const got = await call(caller, '/v1/result', {
      token: 'x',
      headers: { 'content-length': `${100 * MIB}` },
      body: zeros(100),
    });
    expect(got.status).toBe(401);
    expect(Date.now() - from).toBeLessThan(10_000);
  });

  test.each([
    ['spaces', Buffer.alloc(80 * MIB, 0x20).toString('latin1'), 'TooLarge'],
    ['nested arrays', '['.repeat(30 * MIB), 'TooComplex'],
    ['empty objects', `[${'{},'.repeat(5 * MIB)}{}]`, 'TooComplex'],
  ])('a bomb of %s is refused while it unpacks', async (_, text, reason) => {
    const sent = packed(text);
    const from = Date.now();
    const got = await post('/v1/result', null, sent);
    expect(said(got)).toMatch(new RegExp(`^413 ${reason}: The result document .* than \\d+ .*: give .* fewer tests; `));
    expect(Date.now() - from).toBeLessThan(10_000);
  });

  test.each([
    ['not JSON', { body: ['{"version":'] }],
    ['not gzip', { headers: { 'content-encoding': 'gzip' }, body: [Buffer.alloc(1000, 3)] }],
    [
      'half of a gzip',
      { headers: { 'content-encoding': 'gzip' }, body: [gzipSync(JSON.stringify(documentSample)).subarray(0, 99)] },
    ],
    ['nothing', { body: [] }],
    ['random bytes', { body: [Buffer.from(createHash('sha512').update('x').digest())] }],
  ])('%s is no result', async (_, sent: Sent) => {
    const got = said(await post('/v1/result', null, sent));
    expect(got).toMatch(/^400 MalformedBody: The result document .*one version\?$/);
  });

  test('other types and encodings are refused', async () => {
    const [type, encoding] = [{ 'content-type': 'text/plain' }, { 'content-encoding': 'br' }];
    expect(said(await post('/v1/result', {}, { headers: type }))).toMatch(/^415 UnsupportedMediaType: /);
    expect(said(await post('/v1/result', {}, { headers: encoding }))).toMatch(/^415 UnsupportedEncoding: /);
  });

  test('a large body elsewhere is refused', async () => {
    const got = await post('/v1/register', { ...registrationSample, padding: 'x'.repeat(70_000) });
    expect(got).toMatchObject({ status: 413 });
  });

  test('slow callers are dropped: silent, half a header, half a body', async () => {
    await collector.close();
    await start({ requestMs: 1000 });
    const silent = await raw(caller);
    const headers = await raw(caller);
    headers.write('POST /v1/register HTTP/1.1\r\nhost: x\r\n');
    const body = await raw(caller);
    body.write(`POST /v1/result HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${client}\r\n`);
    body.write('content-type: application/json\r\ncontent-length: 1000\r\n\r\n{');
    const drip = setInterval(() => body.write(' '), 50);
    const times = await Promise.all([silent, headers, body].map(closedAfter));
    clearInterval(drip);
    for (const ms of times) expect(ms).toBeLessThan(8000);
    rendezvous.release(UID, { points: [], pairs: 1 });
    expect((await post('/v1/register', registrationSample)).status).toBe(200);
  }, 20_000);

  test('more connections than allowed are dropped, and room comes back', async () => {
    const many = await Promise.allSettled(
      Array.from({ length: 40 }, async () => {
        const socket = await Promise.race([
          raw(caller),
          new Promise<null>((resolve) => setTimeout(resolve, 300, null)),
        ]);
        return socket;
      }),
    );
    const open = many.map((one) => (one.status === 'fulfilled' ? one.value : null)).filter((one) => one !== null);
    expect(open.length).toBeLessThanOrEqual(20);
    for (const socket of open) socket.destroy();
    rendezvous.release(UID, { points: [], pairs: 1 });
    // Until the server has seen them go, there is no room yet.
    const got = await eventually(10, () => post('/v1/register', registrationSample));
    expect(got.status).toBe(200);
  });

  test('what is not TLS, and headers without end, harm nobody', async () => {
    await expect(fetch(`http://127.0.0.1:${collector.port}/`)).rejects.toThrow();
    const long = await raw(caller);
    long.write(`POST /v1/register HTTP/1.1\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`);
    expect(await closedAfter(long)).toBeLessThan(10_000);
    rendezvous.release(UID, { points: [], pairs: 1 });
    expect((await post('/v1/register', registrationSample)).status).toBe(200);
  });
});
