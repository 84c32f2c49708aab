/** Sweeps become points, points become commands that the tools accept. */
import { describe, expect, test } from '@jest/globals';
import { CATALOGUE, expandTests, metricsFor, pointKey, pointOf, toolsOf } from './catalogue.ts';
import type { TestType, Tool } from '../api/v1alpha1.ts';
import { readFileSync } from 'node:fs';

describe('expandTests', () => {
  const times = { durationSeconds: 10, warmupSeconds: 1 };
  const direction = 'Forward' as const;

  test('numbers the points of all sweeps in spec order', () => {
    const points = expandTests({
      ...times,
      tests: [
        { name: 'latency', type: 'RequestResponse', protocol: 'UDP', messageBytes: [14, 1024], direction },
        { name: 'bandwidth', type: 'Stream', protocol: 'TCP', streams: [1, 4], direction: 'Reverse' },
        { name: 'packets', type: 'Stream', protocol: 'UDP', messageBytes: [64, 1472], streams: [1, 2], direction },
        { name: 'loaded', type: 'LoadedLatency', protocol: 'UDP', rates: [1000, '10k'], direction },
        { name: 'idle', type: 'Idle', direction },
      ],
    });
    expect(points.map(({ id, test: name, messageBytes, streams }) => [id, name, messageBytes, streams])).toEqual([
      [0, 'latency', 14, 1],
      [1, 'latency', 1024, 1],
      [2, 'bandwidth', 0, 1],
      [3, 'bandwidth', 0, 4],
      [4, 'packets', 64, 1],
      [5, 'packets', 64, 2],
      [6, 'packets', 1472, 1],
      [7, 'packets', 1472, 2],
      [8, 'loaded', 64, 1],
      [9, 'loaded', 64, 1],
      [10, 'idle', 0, 1],
    ]);
    expect(points[3]).toEqual({
      id: 3,
      test: 'bandwidth',
      type: 'Stream',
      protocol: 'TCP',
      messageBytes: 0,
      streams: 4,
      direction: 'Reverse',
      ...times,
    });
  });

  test('reads rates as quantities, each once', () => {
    const rates = ['2500M', 2_500_000_000, '1k'];
    const points = expandTests({
      ...times,
      tests: [{ name: 'paced', type: 'FixedRate', protocol: 'TCP', rates, direction }],
    });
    expect(points.map(pointOf)).toEqual([
      { streams: 1, rate: 2.5e9 },
      { streams: 1, rate: 1000 },
    ]);
  });

  test('needs no protocol where there is one only, and carries tool and width', () => {
    const tests = [
      { name: 'a', type: 'PacketRate' as const, direction },
      { name: 'b', type: 'ConnectRequestResponse' as const, direction },
      { name: 'c', type: 'RateSearch' as const, direction, widthPercent: 5, messageBytes: [128] },
      { name: 'd', type: 'RequestResponse' as const, protocol: 'TCP' as const, tool: 'netperf' as const, direction },
    ];
    expect(expandTests({ ...times, tests })).toMatchObject([
      { protocol: 'UDP', messageBytes: 18, streams: 4 },
      { protocol: 'TCP', messageBytes: 1 },
      { protocol: 'UDP', messageBytes: 128, widthPercent: 5 },
      { protocol: 'TCP', tool: 'netperf' },
    ]);
  });

  test('has defaults: 64 B, one stream', () => {
    const points = expandTests({
      ...times,
      tests: [
        { name: 'a', type: 'RequestResponse', protocol: 'TCP', direction },
        { name: 'b', type: 'Stream', protocol: 'UDP', messageBytes: [], direction },
      ],
    });
    expect(points.map(pointOf)).toEqual([{ messageBytes: 64 }, { streams: 1 }]);
  });

  test('keys tell points apart, whatever the order of fields', () => {
    expect(pointKey('a', { streams: 1, messageBytes: 2 })).toBe(pointKey('a', { messageBytes: 2, streams: 1 }));
    const keys = [
      pointKey('a', { streams: 1 }),
      pointKey('a', { messageBytes: 1 }),
      pointKey('b', { streams: 1 }),
      pointKey('a', {}),
      pointKey('a', { rate: 1 }),
    ];
    expect(new Set(keys).size).toBe(5);
  });
});

describe('the catalogue', () => {
  const types = Object.keys(CATALOGUE) as TestType[];
  const kinds = types.flatMap((type) =>
    CATALOGUE[type].protocols.flatMap((protocol) =>
      (CATALOGUE[type].tools.length === 0 ? [undefined] : CATALOGUE[type].tools).map((tool) => ({
        type,
        protocol,
        tool,
      })),
    ),
  );
  const named = (type: TestType, protocol: 'TCP' | 'UDP', tool?: Tool): string[] =>
    metricsFor({ type, protocol, ...(tool === undefined ? {} : { tool }) }).map(({ metric }) => metric);

  test.each(kinds)('$type $protocol by $tool has a primary metric and no metric twice', ({ type, protocol, tool }) => {
    const metrics = metricsFor({ type, protocol, ...(tool === undefined ? {} : { tool }) });
    expect(metrics.some(({ primary }) => primary)).toBe(true);
    expect(new Set(metrics.map(({ metric }) => metric)).size).toBe(metrics.length);
  });

  test('gives TCP no datagram metrics and UDP no retransmits', () => {
    expect(named('Stream', 'TCP')).toEqual(['throughput', 'retransmits']);
    expect(named('Stream', 'UDP')).toEqual(['throughput', 'lossRatio', 'packetRate']);
  });

  test('asks of each tool what it tells', () => {
    expect(named('RequestResponse', 'TCP')).toEqual([
      'rttP50',
      'rttP90',
      'rttP99',
      'rttP999',
      'rttMean',
      'transactionRate',
    ]);
    expect(named('RequestResponse', 'UDP', 'netperf')).not.toContain('rttP999');
    expect(named('RequestResponse', 'UDP', 'qperf')).toEqual(['rttMean', 'transactionRate']);
    expect(metricsFor({ type: 'RequestResponse', protocol: 'UDP', tool: 'qperf' })[0]).toMatchObject({ primary: true });
  });

  test('knows every tool that a point needs', () => {
    expect(toolsOf({ type: 'LatencyUnderBulk' })).toEqual(['sockperf', 'iperf3']);
    expect(toolsOf({ type: 'RequestResponse', tool: 'qperf' })).toEqual(['qperf']);
    expect(toolsOf({ type: 'Idle' })).toEqual([]);
  });

  test.each(types)('docs/method.md says what %s is, has and does not say', (type) => {
    const text = readFileSync(new URL('../../docs/method.md', import.meta.url), 'utf8').replaceAll(/\s+/g, ' ');
    const { measures, metrics, limits } = CATALOGUE[type];
    const wanted = [measures, ...limits, ...metrics.map(({ metric }) => `\`${metric}\``)];
    expect(wanted.filter((words) => !text.includes(words))).toEqual([]);
  });
});
