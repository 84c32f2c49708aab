/**
 * Real runner processes against the real collector, over addresses of the loopback network, with the real tools.
 * The substrate-free end of the data path: registration, orders, tools, barrier, results, acknowledgement.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { EndpointName, TestPoint } from '../../src/api/protocol.ts';
import { ends, measured, point, RealEndpoints, told, type Options, type Run } from '../support/real-endpoints.ts';
import { describeUnless } from '../support/skip.ts';

const TOOLS = ['iperf3', 'sockperf'];
const missing = TOOLS.filter((tool) => spawnSync(tool, ['--version']).error !== undefined);
const reason = missing.length === 0 ? undefined : `${missing.join(' and ')} not installed`;
let lab: RealEndpoints;

beforeAll(async () => {
  lab = await RealEndpoints.create();
}, 60_000);

afterAll(() => lab.close());

const trial = (points: TestPoint[], pairs: number, options?: Options): Promise<Run> =>
  lab.trial(points, pairs, options);

describeUnless(reason, 'endpoints with tools', () => {
  const points = [
    point(0, { type: 'RequestResponse', protocol: 'UDP', messageBytes: 64 }),
    point(3, { direction: 'Reverse', streams: 2 }),
    point(2, { streams: 4 }),
    point(1, { type: 'RequestResponse', protocol: 'TCP', messageBytes: 64 }),
    point(6, { type: 'RequestResponse', protocol: 'TCP', messageBytes: 1024 }),
    point(4, { protocol: 'UDP', messageBytes: 1400 }),
    point(5, { protocol: 'UDP', messageBytes: 1400, direction: 'Reverse' }),
  ];
  let run: Run;
  beforeAll(async () => {
    run = await trial(points, 1);
  }, 120_000);

  test('end with code 0', () => expect(ends(run)).toEqual([0, 0]));

  test.each<EndpointName>(['client-0', 'server-0'])('%s hands in every point, packed, with its digest', (name) => {
    const { result, resultGzip, resultDigest } = told(run, name);
    expect(result.error).toBeNull();
    expect(result.points.map(({ id, error }) => ({ id, error }))).toEqual(
      points.map(({ id }) => ({ id, error: null })),
    );
    const text = gunzipSync(resultGzip);
    expect(JSON.parse(text.toString())).toEqual(result);
    expect(resultDigest).toBe(`sha256:${createHash('sha256').update(text).digest('hex')}`);
  });

  test.each([0, 1, 6])('point %i carries round trip times', (id) => {
    const { rttP50, transactionRate } = measured(run, 'client-0', id);
    expect(rttP50).toBeGreaterThan(1e-6);
    expect(rttP50).toBeLessThan(0.1);
    expect(transactionRate).toBeGreaterThan(100);
  });

  test.each([2, 3, 4, 5])('point %i carries throughput', (id) => {
    expect(measured(run, 'client-0', id)['throughput']).toBeGreaterThan(1e6);
  });

  test('counters, times and raw output go with each point', () => {
    for (const { nic, startedAt, endedAt, raw, synchronizedAt } of told(run, 'client-0').result.points) {
      expect(nic.after.rxBytes - nic.before.rxBytes).toBeGreaterThan(100_000);
      expect(endedAt - startedAt).toBeGreaterThan(900);
      expect(raw.stdout.length).toBeGreaterThan(100);
      expect(synchronizedAt).toBeUndefined();
    }
    expect(told(run, 'server-0').result.points[2]?.raw.stdout).toContain('bits_per_second');
  });

  test('of two pairs start each point together', async () => {
    const two = await trial(
      [point(0, { type: 'RequestResponse', protocol: 'UDP', messageBytes: 64 }), point(1, {})],
      2,
    );
    expect(ends(two)).toEqual([0, 0, 0, 0]);
    for (const index of [0, 1]) {
      const starts = (['client-0', 'client-1'] as const).map(
        (name) => told(two, name).result.points[index]?.synchronizedAt ?? 0,
      );
      expect(Math.min(...starts)).toBeGreaterThan(0);
      expect(Math.max(...starts) - Math.min(...starts)).toBeLessThan(1000);
    }
  }, 120_000);

  test('end with code 143 at once on SIGTERM, leaving no tool behind', async () => {
    const run = await trial([point(0, { durationSeconds: 60 })], 1, { terminateAfterMs: 3000 });
    expect(run.ends.map(({ code }) => code)).toEqual([143, 143]);
    expect(run.terminatedAt).not.toBeNull();
    expect(Date.now() - (run.terminatedAt ?? 0)).toBeLessThan(5000);
    const left = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).stdout;
    expect(left).not.toContain(`127.${lab.network}.0.`);
  }, 60_000);
});

describe('endpoints', () => {
  test('say which tool is missing, and end well all the same', async () => {
    const run = await trial([point(0, {})], 1, { env: { ...process.env, PATH: lab.directory } });
    expect(ends(run)).toEqual([0, 0]);
    for (const name of ['client-0', 'server-0'] as const) {
      expect(told(run, name).registration?.tools).toEqual({
        iperf3: null,
        sockperf: null,
        netperf: null,
        qperf: null,
      });
      expect(told(run, name).result.points[0]?.error?.reason).toBe('ToolMissing');
    }
  }, 60_000);

  test('end with code 3 and the reason when the collector refuses them', async () => {
    const run = await trial([], 1, { isLive: () => false });
    for (const { code, output } of run.ends) {
      expect(code).toBe(3);
      expect(output).toContain('TrialNotLive');
    }
  }, 60_000);
});
