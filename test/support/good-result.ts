/** What endpoints send that are in order: registrations and results that pass every gate, at no cost of time. */
import {
  type EndpointConfig,
  type PointResult,
  PROTOCOL_VERSION,
  type Registration,
  type ResultDocument,
  type TestPoint,
  type TrialPlan,
} from '../../src/api/protocol.ts';
import { measuredSeconds } from '../../src/results/commands.ts';

export function registrationOf({ dataNic }: EndpointConfig): Registration {
  const driver = { Native: 'veth', Virtio: 'virtio_net', Passthrough: 'igbvf' }[dataNic.mode];
  const bus = { Native: 'virtual', Virtio: 'virtio', Passthrough: 'pci' } as const;
  return {
    version: PROTOCOL_VERSION,
    nic: {
      interface: 'data0',
      mac: dataNic.mac ?? '02:00:00:00:00:01',
      driver,
      bus: bus[dataNic.mode],
      pciAddress: dataNic.mode === 'Passthrough' ? '0000:01:10.0' : null,
      mtu: dataNic.mtu,
      address: dataNic.address,
    },
    kernel: '6.12.0',
    tools: { iperf3: '3.18', sockperf: '3.7', netperf: '2.7.1', qperf: '0.4.11' },
    runner: 'stand-in',
  };
}

function pointResult(point: TestPoint, isClient: boolean): PointResult {
  const seconds = measuredSeconds(point) + point.warmupSeconds;
  const now = Date.now();
  const rate = 1e9 * (1 + point.id / 100);
  const bytes = Math.round((rate * seconds) / 8) * 2;
  const metric = (name: string, unit: string, value: number) => ({ metric: name, unit, value, reason: null });
  const measurements =
    point.type === 'Stream'
      ? [metric('throughput', 'bit/s', rate)]
      : [metric('rttP50', 's', 3e-5), metric('rttP99', 's', 6e-5), metric('transactionRate', '1/s', 30000)];
  const zero = { rxBytes: 0, txBytes: 0, rxPackets: 0, txPackets: 0 };
  const idle = { user: 0, system: 0, softirq: 0, steal: 0, idle: 0 };
  return {
    id: point.id,
    startedAt: now - seconds * 1000,
    endedAt: now,
    measurements: isClient ? measurements : [],
    error: null,
    raw: {
      tool: point.type === 'Stream' ? 'iperf3' : 'sockperf',
      version: '1',
      command: [],
      exitCode: 0,
      stdout: '',
      stderr: '',
      truncated: false,
    },
    nic: { before: zero, after: { rxBytes: bytes, txBytes: bytes, rxPackets: 1e6, txPackets: 1e6 } },
    cpu: { before: idle, after: idle },
  };
}

export const goodResult: (config: EndpointConfig, plan: TrialPlan) => ResultDocument = (config, plan) => ({
  version: PROTOCOL_VERSION,
  registration: registrationOf(config),
  points: plan.points.map((point) => pointResult(point, config.endpoint.startsWith('client'))),
  error: null,
});
