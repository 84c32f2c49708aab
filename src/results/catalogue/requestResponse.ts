import { LOSS_RATIO, ROUND_TRIPS, TRANSACTION_RATE } from './metrics.ts';
import type { TestEntry } from './types.ts';

export const REQUEST_RESPONSE: TestEntry = {
  measures: 'One message at a time, there and back; the next follows the reply.',
  tools: ['sockperf', 'netperf', 'qperf'],
  protocols: ['TCP', 'UDP'],
  sweeps: { messageBytes: 64 },
  metrics: [...ROUND_TRIPS, TRANSACTION_RATE, { ...LOSS_RATIO, tools: ['sockperf'] }],
  limits: [
    'Closed loop: a stall delays what would have been sent in it, so tails are under-reported.',
    'netperf has whole microseconds: on fast paths its percentiles tie; its mean is finer.',
    'qperf gives a mean only, and over UDP one lost datagram stops it for good: such a run is refused.',
  ],
};
