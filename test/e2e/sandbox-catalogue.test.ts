/** Every kind of test in one small Experiment, in a pod and in VMs with a virtio NIC and with a VF, with real packets. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { isTrue } from '../../src/api/conditions.ts';
import type { Experiment, Trial } from '../../src/api/v1alpha1.ts';
import { expandTests, metricsFor } from '../../src/results/catalogue.ts';
import { noSandbox } from '../support/assets.ts';
import { describeUnless } from '../support/skip.ts';
import { conditionText, Lab, rawDocument, START_MS, type Stored } from './fixtures/sandbox-lab.ts';

/** Three trials of some 70 s, the guests emulated; one may be repeated on a busy machine. */
const SECONDS = 500;
const MODES = ['native', 'virtio', 'passthrough'];

const TESTS = [
  { name: 'rtt', type: 'RequestResponse', protocol: 'UDP' },
  { name: 'rtt-netperf', type: 'RequestResponse', protocol: 'TCP', tool: 'netperf', messageBytes: [1] },
  { name: 'rtt-qperf', type: 'RequestResponse', protocol: 'UDP', tool: 'qperf', messageBytes: [1] },
  { name: 'connections', type: 'ConnectRequestResponse' },
  { name: 'stream', type: 'Stream', protocol: 'TCP', messageBytes: [4096], direction: 'Bidirectional' },
  { name: 'stream-netperf', type: 'Stream', protocol: 'TCP', tool: 'netperf' },
  { name: 'packets', type: 'PacketRate', streams: [2] },
  { name: 'loaded', type: 'LoadedLatency', protocol: 'UDP', rates: [50] },
  { name: 'under-bulk', type: 'LatencyUnderBulk', protocol: 'UDP', rates: ['5M'] },
  { name: 'search', type: 'RateSearch', messageBytes: [512], widthPercent: 50 },
  { name: 'paced', type: 'FixedRate', protocol: 'TCP', rates: ['5M'] },
  { name: 'idle', type: 'Idle' },
];
/** What a second of an emulated guest can say: too few samples for a 99th percentile, perhaps not a tick of CPU. */
const MAY_BE_ABSENT = ['rttP99', 'ndrRate', 'pdrRate', 'cpuSeenByClient', 'cpuSeenByServer'];

describeUnless(noSandbox, 'the catalogue in the sandbox', () => {
  let lab: Lab;
  let experiment: Stored<Experiment>;
  let trials: Stored<Trial>[];

  beforeAll(
    async () => {
      lab = await Lab.start();
      await lab.experiment('catalogue', {
        modes: ['Native', 'Virtio', 'Passthrough'].map((type) => ({ name: type.toLowerCase(), type })),
        tests: TESTS,
        blocks: { min: 1, max: 1, retries: 1 },
        deadlineSeconds: 3600,
      });
      experiment = await lab.finished('catalogue', SECONDS);
      trials = (await lab.trials('catalogue')).filter(({ status }) => isTrue(status?.conditions, 'Succeeded'));
    },
    START_MS + (SECONDS + 20) * 1000,
  );

  afterAll(async () => {
    if (lab === undefined) return;
    const left = await lab.nothingLeft().then(
      () => [],
      (error: unknown) => [error],
    );
    expect([...left, ...(await lab.stop())]).toEqual([]);
  }, START_MS);

  test('succeeds in every mode', () => {
    expect(conditionText(experiment.status?.conditions, 'Succeeded')).toMatch(/^Completed/);
    expect(trials.map(({ spec }) => spec.mode).toSorted()).toEqual(MODES.toSorted());
  });

  test.each(MODES)('mode %s has a row for every primary metric, with its value', (mode) => {
    const rows = (experiment.status?.results ?? []).filter((row) => row.mode === mode);
    const wanted = expandTests(experiment.spec).flatMap((point) =>
      metricsFor(point)
        .filter(({ primary }) => primary)
        .map(({ metric }) => `${point.test} ${metric}`),
    );
    expect(rows.map(({ test: name, metric }) => `${name} ${metric}`).toSorted()).toEqual(wanted.toSorted());
    const empty = rows
      .filter(({ median }) => !((median ?? 0) > 0))
      .map(({ test: name, metric }) => `${name} ${metric}`);
    expect(empty.filter((name) => !MAY_BE_ABSENT.some((metric) => name.endsWith(metric)))).toEqual([]);
  });

  test.each(MODES)('mode %s was measured by the tools that were asked for, at both ends', (mode) => {
    const trial = trials.find(({ spec }) => spec.mode === mode) as Trial;
    const tools = (end: string) =>
      Object.fromEntries(
        rawDocument(trial, end).points.map(({ id, raw, bulk }) => [TESTS[id]?.name, [raw.tool, bulk?.tool ?? '']]),
      );
    expect(tools('client-0')).toMatchObject({
      rtt: ['sockperf', ''],
      'rtt-netperf': ['netperf', ''],
      'rtt-qperf': ['qperf', ''],
      connections: ['netperf', ''],
      'stream-netperf': ['netperf', ''],
      'under-bulk': ['sockperf', 'iperf3'],
      idle: ['', ''],
    });
    expect(tools('server-0')).toMatchObject({ 'under-bulk': ['sockperf', 'iperf3'], connections: ['netserver', ''] });
  });

  test('an equal load was carried in every mode', () => {
    for (const { status } of trials) {
      const paced = status?.measurements?.find((one) => one.test === 'paced' && one.metric === 'throughput');
      expect(paced?.point).toEqual({ streams: 1, rate: 5_000_000 });
      expect(paced?.value).toBeGreaterThan(4_000_000);
      expect(paced?.value).toBeLessThan(6_000_000);
    }
  });
});
