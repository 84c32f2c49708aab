/** What goes wrong with an endpoint while it measures or with what it sends, and how the Trial's end tells of it. */
import type { Endpoint } from '../endpoint.ts';
import { liveWell } from '../good-life.ts';
import { type Fault, TIMEOUTS } from './starting.ts';

/** One test of a second without warm-up, 5 s for the tool's start and stop, and the margin. */
const MEASURE_SECONDS = 6 + TIMEOUTS.marginSeconds;

async function posting(endpoint: Endpoint, body: object | Buffer): Promise<void> {
  await endpoint.run();
  await endpoint.register();
  await endpoint.post(await endpoint.config(), '/v1/result', body).catch(() => null);
}

export const MEASURING: readonly Fault[] = [
  {
    title: 'an endpoint that falls silent',
    name: 'silent',
    client: async (e) => {
      await e.run();
      await e.register();
    },
    reason: 'MeasureTimeout',
    message: new RegExp(`^No results from client-0 within ${MEASURE_SECONDS} s$`),
  },
  {
    title: 'a pod that dies',
    name: 'dead-pod',
    client: async (e) => {
      await e.run();
      await e.register();
      const terminated = { exitCode: 137, reason: 'OOMKilled' };
      const container = {
        name: 'runner',
        image: 'x',
        imageID: '',
        ready: false,
        restartCount: 0,
        state: { terminated },
      };
      await e.status({ phase: 'Failed', containerStatuses: [container] });
    },
    reason: 'EndpointFailed',
    message: /^client-0: Pod \S+ failed: exit code 137 \(OOMKilled\)$/,
  },
  {
    title: 'a VM that dies',
    name: 'dead-vm',
    mode: 'Virtio',
    client: async (e) => {
      await e.run();
      await e.register();
      await e.status({ phase: 'Failed' });
    },
    reason: 'EndpointFailed',
    message: /^client-0: VM \S+ failed: its launcher crashed/,
  },
  {
    title: 'a VM that crashes, which an event alone tells',
    name: 'crashed-vm',
    mode: 'Passthrough',
    client: async (e) => {
      await e.run();
      await e.register();
      const at = new Date().toISOString();
      await e.status({
        phase: 'Failed',
        phaseTransitionTimestamps: [{ phase: 'Failed', phaseTransitionTimestamp: at }],
      });
      await e.event('Stopped', 'The VirtualMachineInstance crashed.');
    },
    reason: 'EndpointFailed',
    message: /^client-0: VM \S+ failed: The VirtualMachineInstance crashed\.$/,
  },
  {
    title: 'an endpoint that ends without its results',
    name: 'early',
    client: async (e) => {
      await e.run();
      await e.register();
      await e.status({ phase: 'Succeeded' });
    },
    reason: 'ResultLost',
    message: /^Pod \S+ ended without delivering its results/,
  },
  {
    title: 'a pod that a user deletes while it measures',
    name: 'lost-pod',
    client: async (e) => {
      await e.run();
      await e.register();
      await e.remove();
    },
    reason: 'EndpointLost',
    message: /^Pod \S+ (is gone|was deleted)/,
  },
  {
    title: 'a VM that a user deletes while it measures',
    name: 'lost-vm',
    mode: 'Passthrough',
    client: async (e) => {
      await e.run();
      await e.register();
      await e.remove();
    },
    reason: 'EndpointLost',
    message: /^VirtualMachineInstance \S+ is gone/,
  },
  {
    title: 'a result that is garbage',
    name: 'garbage',
    client: (e) => posting(e, Buffer.from('{"points": [')),
    reason: 'MalformedBody',
    message: /^client-0: The result document is not JSON: are the images of operator and endpoints of one version\?$/,
  },
  {
    title: 'a result of 100 MB',
    name: 'large',
    client: (e) => posting(e, Buffer.alloc(100_000_000, ' ')),
    reason: 'TooLarge',
    message: /^client-0: The result document is larger than \d+ bytes: give the Experiment fewer tests; /,
  },
  {
    title: 'a result of 100 MB in a small parcel',
    name: 'bomb',
    client: (e) => posting(e, { pad: 'x'.repeat(100_000_000) }),
    reason: 'TooLarge',
    message: /^client-0: The result document is larger than \d+ bytes: give the Experiment fewer tests; /,
  },
  {
    title: 'a result without a test point',
    name: 'short',
    client: (e) => liveWell(e, { document: (good) => ({ ...good, points: [] }) }),
    reason: 'ResultLost',
    message: /^Pair 0: test bandwidth \(point 0\) is missing in the client's results$/,
  },
  {
    title: 'more than the link carries',
    name: 'link',
    client: (e) =>
      liveWell(e, {
        document: (good) => ({
          ...good,
          points: good.points.map((point) => ({
            ...point,
            measurements: [{ metric: 'throughput', unit: 'bit/s', value: 4e10, reason: null }],
            nic: { ...point.nic, after: { rxBytes: 1e12, txBytes: 1e12, rxPackets: 1e6, txPackets: 1e6 } },
          })),
        }),
      }),
    reason: 'ExceedsLinkRate',
    message: /^Pair 0: test bandwidth \(point 0\): 40\.00 Gb\/s measured/,
  },
  {
    title: 'results that the API server will not store',
    name: 'unstorable',
    client: (e) =>
      liveWell(e, {
        document: (good) => ({
          ...good,
          points: good.points.map((point) => {
            const more = Array.from({ length: 63 }, (_, i) => ({ metric: `m${i}`, unit: '', value: 1, reason: null }));
            return { ...point, measurements: [...point.measurements, ...more] };
          }),
        }),
      }),
    reason: 'MalformedBody',
    message: /^client-0: The result document is not as it must be: points\[0\]\.measurements\[1\]\.unit: expected/,
  },
];
