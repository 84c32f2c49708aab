import { CPU_SEEN, CPU_SEEN_PER_WORK, LOSS_RATIO, throughput } from './metrics.ts';
import type { TestEntry } from './types.ts';

export const FIXED_RATE: TestEntry = {
  measures: 'A stream paced to the same rate in every mode: equal work, so that its cost can be compared.',
  tools: ['iperf3'],
  protocols: ['TCP', 'UDP'],
  sweeps: { messageBytes: 0, streams: 1, rates: { unit: 'bit/s', required: true } },
  metrics: [
    throughput('throughput', true),
    LOSS_RATIO,
    ...CPU_SEEN_PER_WORK,
    ...CPU_SEEN.map((info) => ({ ...info, primary: false })),
  ],
  limits: [
    'CPU is what the endpoint itself can see: a guest its virtual CPUs, without vhost, QEMU and the host; a pod all of its node. It compares VMs with VMs, never a VM with a pod.',
    'The work of the whole window counts, tools starting and warm-up included; bytes and packets are those of the data NIC in the same window.',
    'Packets are what the NIC counts: segmentation and receive offloads make one of many.',
  ],
};
