import { LOSS_RATIO, ROUND_TRIPS, TRANSACTION_RATE, throughput } from './metrics.ts';
import type { TestEntry } from './types.ts';

export const LATENCY_UNDER_BULK: TestEntry = {
  measures: 'RequestResponse while a TCP stream runs between the same ends, unlimited or at a given rate.',
  tools: ['sockperf'],
  bulk: 'iperf3',
  protocols: ['UDP', 'TCP'],
  sweeps: { messageBytes: 64, streams: 1, rates: { unit: 'bit/s', required: false } },
  metrics: [
    ...ROUND_TRIPS.filter(({ tools }) => tools?.includes('sockperf')),
    TRANSACTION_RATE,
    LOSS_RATIO,
    throughput('bulkThroughput', false),
  ],
  limits: [
    'Stream and probe share the CPUs of the endpoint: with one virtual CPU the wait for it is part of the latency.',
    'A faster stream fills longer queues: read the latency beside bulkThroughput, or give the stream a rate.',
    'Closed loop, as for RequestResponse.',
  ],
};
