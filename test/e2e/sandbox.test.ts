/** The whole job in the sandbox: every mode and placement with real packets, proofs of the data path, pairs. */
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { isTrue } from '../../src/api/conditions.ts';
import type { PointResult, TestPoint } from '../../src/api/protocol.ts';
import type { Experiment, GrantedEndpoint, Trial } from '../../src/api/v1alpha1.ts';
import { trialPoints } from '../../src/plan/expand.ts';
import { parseIperf3 } from '../../src/results/parse/iperf3.ts';
import { parseSockperf } from '../../src/results/parse/sockperf.ts';
import { noSandbox } from '../support/assets.ts';
import { describeUnless } from '../support/skip.ts';
import { conditionText, Lab, rawDocument, START_MS, type Stored } from './fixtures/sandbox-lab.ts';

/** Six trials, four of them of two emulated guests; some may be repeated on a busy machine. */
const ALL_SECONDS = 400;
const PAIRS_SECONDS = 60;

/** What the data NIC of each mode must be; a pod's end here is one of a veth pair. */
const PATHS: Record<string, { driver: string; bus: string }> = {
  native: { driver: 'veth', bus: 'virtual' },
  virtio: { driver: 'virtio_net', bus: 'virtio' },
  passthrough: { driver: 'igbvf', bus: 'pci' },
};

const succeeded = (trials: readonly Stored<Trial>[]): Stored<Trial>[] =>
  trials.filter(({ status }) => isTrue(status?.conditions, 'Succeeded'));

const cellOf = ({ spec }: Trial): string => `${spec.mode} ${spec.placement} ${spec.pairs}`;

describeUnless(noSandbox, 'sandbox', () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await Lab.start();
  }, START_MS);

  afterEach(async () => {
    if (lab !== undefined) await lab.nothingLeft();
  }, 15_000);

  afterAll(async () => {
    if (lab !== undefined) expect(await lab.stop()).toEqual([]);
  }, START_MS);

  describe('one Experiment with all modes and placements', () => {
    let experiment: Stored<Experiment>;
    let trials: Stored<Trial>[];

    beforeAll(
      async () => {
        await lab.experiment('all', {
          modes: ['Native', 'Virtio', 'Passthrough'].map((type) => ({ name: type.toLowerCase(), type })),
          placements: ['CrossNode', 'SameNode'],
          tests: [
            { name: 'latency-udp', type: 'RequestResponse', protocol: 'UDP' },
            { name: 'latency-tcp', type: 'RequestResponse', protocol: 'TCP' },
            { name: 'bandwidth', type: 'Stream', protocol: 'TCP' },
          ],
          blocks: { min: 1, max: 1, retries: 2 },
        });
        experiment = await lab.finished('all', ALL_SECONDS);
        trials = succeeded(await lab.trials('all'));
      },
      (ALL_SECONDS + 20) * 1000,
    );

    test('succeeds, every cell once, marked as emulated', () => {
      expect(conditionText(experiment.status?.conditions, 'Succeeded')).toMatch(/^Completed/);
      expect(trials.map(cellOf).toSorted()).toEqual(
        ['native', 'passthrough', 'virtio'].flatMap((mode) => [`${mode} CrossNode 1`, `${mode} SameNode 1`]),
      );
      expect(experiment.status).toMatchObject({
        environment: 'emulated',
        nodes: { server: 'sandbox-a', client: 'sandbox-b' },
        progress: { blocks: 1 },
      });
    });

    test('gives a row per test, mode and placement, with a value, and says that one block proves nothing', () => {
      // A second gives too few samples for a 99th percentile in a guest: such rows may be there without a value.
      const rows = (experiment.status?.results ?? []).filter(({ metric }) => metric !== 'rttP99');
      const found = rows.map((row) => `${row.test} ${row.metric} ${row.mode} ${row.placement}`).toSorted();
      const wanted = ['latency-udp rttP50', 'latency-tcp rttP50', 'bandwidth throughput'].flatMap((metric) =>
        Object.keys(PATHS).flatMap((mode) => [`${metric} ${mode} CrossNode`, `${metric} ${mode} SameNode`]),
      );
      expect(found).toEqual(wanted.toSorted());
      for (const row of rows) {
        expect(row).toMatchObject({ n: 1, verdict: row.mode === 'native' ? 'Baseline' : 'Inconclusive' });
        expect(row.median).toBeGreaterThan(0);
        expect(row.low).toBeUndefined();
      }
    });

    test('every endpoint took the path that its mode claims, with the MAC and address that it was granted', () => {
      for (const trial of trials) {
        const granted = new Map(trial.status?.grant?.endpoints.map((endpoint) => [endpoint.name, endpoint]));
        expect([...granted.keys()]).toEqual(['server-0', 'client-0']);
        for (const facts of trial.status?.endpoints ?? []) {
          const endpoint = granted.get(facts.name) as GrantedEndpoint;
          expect({ cell: cellOf(trial), ...facts }).toMatchObject({
            cell: cellOf(trial),
            ...PATHS[trial.spec.mode],
            mtu: 1500,
            tools: expect.arrayContaining([
              { name: 'iperf3', version: expect.stringMatching(/^3\.\d+/) },
              { name: 'sockperf', version: expect.stringMatching(/^3\.\d+/) },
            ]),
          });
          expect(rawDocument(trial, facts.name).registration.nic.address).toBe(endpoint.address);
          if (endpoint.mac !== undefined) expect(facts.mac).toBe(endpoint.mac);
          if (trial.spec.mode === 'passthrough') expect(facts.pciAddress).toMatch(/^0000:/);
        }
        expect(trial.status?.endpoints).toHaveLength(2);
        expect(granted.get('client-0')?.node).toBe(trial.spec.placement === 'SameNode' ? 'sandbox-a' : 'sandbox-b');
      }
    });

    test('keeps the raw output of both ends, from which every value can be found again', () => {
      for (const trial of trials) {
        for (const raw of trial.status?.raw ?? []) {
          const text = gunzipSync(Buffer.from(raw.data, 'base64'));
          expect(raw.digest).toBe(`sha256:${createHash('sha256').update(text).digest('hex')}`);
        }
        const points = trialPoints(experiment.spec, experiment.status?.seed ?? 0, trial.spec);
        const client = rawDocument(trial, 'client-0');
        expect(rawDocument(trial, 'server-0').points.map(({ id }) => id)).toEqual(points.map(({ id }) => id));
        for (const point of points) {
          const result = client.points.find(({ id }) => id === point.id) as PointResult;
          const kept = trial.status?.measurements?.filter((each) => each.test === point.test) ?? [];
          expect(kept.filter(({ value }) => value !== undefined).map(({ metric, value }) => [metric, value])).toEqual(
            reparsed(point, result),
          );
        }
      }
    });

    test("the NICs' counters at both ends account for the bytes", () => {
      for (const trial of trials) {
        const points = trialPoints(experiment.spec, experiment.status?.seed ?? 0, trial.spec);
        const stream = points.find(({ type }) => type === 'Stream') as TestPoint;
        const throughput = trial.status?.measurements?.find(({ metric }) => metric === 'throughput')?.value ?? 0;
        const bytes = (throughput * stream.durationSeconds) / 8;
        const counted = (endpoint: string, counter: 'rxBytes' | 'txBytes'): number => {
          const { nic } = rawDocument(trial, endpoint).points.find(({ id }) => id === stream.id) as PointResult;
          return nic.after[counter] - nic.before[counter];
        };
        expect(counted('client-0', 'txBytes')).toBeGreaterThan(0.95 * bytes);
        expect(counted('server-0', 'rxBytes')).toBeGreaterThan(0.95 * bytes);
      }
    });
  });

  test(
    'two pairs start together, and their throughput is summed',
    async () => {
      await lab.experiment('pairs', { pairs: [2], blocks: { min: 1, max: 1, retries: 2 } });
      const { status } = await lab.finished('pairs', PAIRS_SECONDS);
      expect(conditionText(status?.conditions, 'Succeeded')).toMatch(/^Completed/);
      const [trial] = succeeded(await lab.trials('pairs'));
      const each = trial?.status?.measurements?.filter(({ metric }) => metric === 'throughput') ?? [];
      expect(each.map(({ pair }) => pair)).toEqual([0, 1]);
      const sum = each.reduce((total, { value = 0 }) => total + value, 0);
      expect(status?.results).toMatchObject([{ metric: 'throughput', pairs: 2, n: 1 }]);
      expect((status?.results?.[0]?.median ?? 0) / sum).toBeCloseTo(1, 4);

      const starts = ['client-0', 'client-1'].map(
        (name) => rawDocument(trial as Trial, name).points[0]?.synchronizedAt ?? Number.NaN,
      );
      expect(Math.abs((starts[0] as number) - (starts[1] as number))).toBeLessThan(250);
      const addresses = trial?.status?.grant?.endpoints.map(({ address }) => address);
      expect(new Set(addresses).size).toBe(4);
    },
    (PAIRS_SECONDS + 15) * 1000,
  );
});

/** Metric and value, of those that have one, from the text that the client's tool printed. */
function reparsed(point: TestPoint, { raw }: PointResult): [string, number][] {
  const parse = raw.tool === 'iperf3' ? parseIperf3 : parseSockperf;
  const outcome = parse({ stdout: raw.stdout, stderr: raw.stderr, exitCode: raw.exitCode, point });
  if (!outcome.ok) throw new Error(`${raw.tool}: ${outcome.problem.message}`);
  return outcome.measurements.flatMap(({ metric, value }) => (value === null ? [] : [[metric, value]]));
}
