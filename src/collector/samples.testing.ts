/** Documents as good endpoints send them, for tests. */
import type { CpuTimes, NicCounters, PointResult, Registration, ResultDocument } from '../api/protocol.ts';

export const registrationSample: Registration = {
  version: 1,
  nic: {
    interface: 'data0',
    mac: '02:00:00:00:00:01',
    driver: 'igbvf',
    bus: 'pci',
    pciAddress: '0000:01:10.4',
    mtu: 1500,
    address: '192.168.50.11/24',
  },
  kernel: '6.12.0-amd64',
  tools: { iperf3: '3.18', sockperf: null },
  runner: '0.1.0',
  fingerprint: { 'cpu.model': 'Example CPU', 'offload.tso': 'on' },
};

const counters: NicCounters = { rxBytes: 1, txBytes: 2, rxPackets: 3, txPackets: 4 };
const cpu: CpuTimes = { user: 1.5, system: 2, softirq: 0, steal: 0, idle: 100.25 };

export const pointSample: PointResult = {
  id: 0,
  startedAt: 1_700_000_000_000,
  endedAt: 1_700_000_002_000,
  measurements: [
    {
      metric: 'throughput',
      unit: 'bit/s',
      value: 9.4e9,
      reason: null,
      source: { tool: 'iperf3', field: 'end.sum_received.bytes', end: 'Receiver' },
      loop: 'Closed',
    },
    { metric: 'retransmits', unit: '1', value: null, reason: 'NotReported: the tool says nothing' },
  ],
  error: null,
  raw: {
    tool: 'iperf3',
    version: '3.18',
    command: ['iperf3', '-c', '192.168.50.12'],
    exitCode: 0,
    stdout: '{}',
    stderr: '',
    truncated: false,
  },
  nic: { before: counters, after: counters },
  cpu: { before: cpu, after: cpu },
};

export const documentSample: ResultDocument = {
  version: 1,
  registration: registrationSample,
  points: [
    { ...pointSample, moved: { toServer: 11_750_000_000, toClient: 0 } },
    { ...pointSample, id: 1, synchronizedAt: 1_700_000_000_001.5 },
  ],
  unchecked: ['neighbour: lo resolves no neighbours'],
  error: null,
};
