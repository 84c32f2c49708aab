import { LOSS_RATIO, rate, throughput } from './metrics.ts';
import type { TestEntry } from './types.ts';

export const STREAM: TestEntry = {
  measures: 'As much as goes through, in writes or datagrams of the given size.',
  tools: ['iperf3', 'netperf'],
  protocols: ['TCP', 'UDP'],
  sweeps: { messageBytes: 0, streams: 1 },
  metrics: [
    throughput('throughput', true),
    { metric: 'retransmits', unit: '1', better: 'Lower', primary: false, combine: 'Sum', protocol: 'TCP' },
    LOSS_RATIO,
    { ...rate('packetRate', false), protocol: 'UDP' },
  ],
  limits: [
    'Where all modes fill the link they are equivalent here and may differ widely in the CPU they burn for it.',
    'UDP is a flood, sent without a limit: its loss is not the loss at a lower rate.',
    'netperf has one stream, no Bidirectional, and UDP Forward only.',
  ],
};
