import { LOSS_RATIO, ROUND_TRIPS, TRANSACTION_RATE, rate } from './metrics.ts';
import type { TestEntry } from './types.ts';

export const LOADED_LATENCY: TestEntry = {
  measures: 'Messages leave at the offered rate whether or not replies have come (open loop); every one is answered.',
  tools: ['sockperf'],
  protocols: ['UDP', 'TCP'],
  sweeps: { messageBytes: 64, rates: { unit: '1/s', required: true } },
  metrics: [
    ...ROUND_TRIPS.filter(({ tools }) => tools?.includes('sockperf')),
    rate('offeredRate', false),
    TRANSACTION_RATE,
    LOSS_RATIO,
  ],
  limits: [
    'Where the sender misses the offered rate by more than 5 %, the latencies are absent: they belong to another load.',
    'Any lost message voids the percentiles: the lost ones are the slow ones.',
    'The rate is that of one pair; with several pairs the load is their sum.',
  ],
};
