import { LOSS_RATIO, rate, throughput } from './metrics.ts';
import type { TestEntry } from './types.ts';

export const PACKET_RATE: TestEntry = {
  measures: 'Small UDP datagrams in several flows, sent as fast as the sender can; counted at the receiver.',
  tools: ['iperf3'],
  protocols: ['UDP'],
  sweeps: { messageBytes: 18, streams: 4 },
  metrics: [rate('packetRate', true), LOSS_RATIO, throughput('throughput', false)],
  limits: [
    'iperf3 makes a system call for each datagram: the sender is often the limit, and what is compared is sender and path.',
    'Its loss belongs to a flood; the rate without loss is what RateSearch finds.',
  ],
};
