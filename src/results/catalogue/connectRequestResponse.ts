import { ROUND_TRIPS, TRANSACTION_RATE } from './metrics.ts';
import type { TestEntry } from './types.ts';

const PERCENTILES = ROUND_TRIPS.filter(({ tools }) => tools?.includes('netperf')).map((info) => ({
  ...info,
  primary: info.metric === 'rttP99',
}));

export const CONNECT_REQUEST_RESPONSE: TestEntry = {
  measures: 'A new TCP connection for each request and its response; a round trip is all of it.',
  tools: ['netperf'],
  protocols: ['TCP'],
  sweeps: { messageBytes: 1 },
  metrics: [{ ...TRANSACTION_RATE, primary: true }, ...PERCENTILES],
  limits: [
    'Long runs at high rates use up local ports in TIME_WAIT: the rate may fall for that alone.',
    'Whole microseconds, closed loop, as for RequestResponse by netperf.',
  ],
};
