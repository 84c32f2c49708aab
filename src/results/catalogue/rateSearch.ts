import { rate } from './metrics.ts';
import type { TestEntry } from './types.ts';

export const RATE_SEARCH: TestEntry = {
  measures: 'The highest rate of UDP datagrams whose loss keeps within a goal: none (NDR), 0.5 % (PDR); by MLRsearch.',
  tools: ['iperf3'],
  protocols: ['UDP'],
  sweeps: { messageBytes: 64, streams: 1 },
  metrics: [rate('ndrRate', true), rate('pdrRate', true), rate('maxOfferedRate', false)],
  limits: [
    'The generator is a program in the endpoint: a rate that equals maxOfferedRate is what it could send, the path may carry more.',
    'iperf3 sends in bursts of a millisecond: a queue that an even sender would not fill may overflow.',
    'Trials last 1 s; durationSeconds is how much of them a decision about one rate rests on, and how long the search may take is bounded: one that is cut off has no value.',
    'With several pairs each searches for itself at the same time, and the sum is of rates that disturbed each other.',
  ],
};
