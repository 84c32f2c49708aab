/** What endpoints send: registrations and results that pass every check, for a test to spoil. */
import type { PointResult, Registration, ResultDocument, TestPoint } from '../../src/api/protocol.ts';
import type { GrantedEndpoint, ModeType } from '../../src/api/v1alpha1.ts';
import { metricsFor, toolOf } from '../../src/results/catalogue.ts';

type Device = Pick<Registration['nic'], 'driver' | 'bus' | 'pciAddress'>;

/** A NIC in software, as a pod without a VF has. */
export const VETH: Device = { driver: 'veth', bus: 'virtual', pciAddress: null };
const NIC: Record<ModeType, Device> = {
  Native: { driver: 'igbvf', bus: 'pci', pciAddress: '0000:01:10.0' },
  Virtio: { driver: 'virtio_net', bus: 'virtio', pciAddress: null },
  Passthrough: { driver: 'igbvf', bus: 'pci', pciAddress: '0000:06:00.0' },
};
const LARGE = 1e12;
const START = Date.parse('2026-01-01T00:12:00Z');

export function registration(
  endpoint: GrantedEndpoint,
  mode: ModeType,
  nic: Partial<Registration['nic']> = {},
): Registration {
  return {
    version: 1,
    nic: {
      interface: 'data0',
      mac: endpoint.mac ?? '02:00:00:00:00:99',
      ...deviceOf(endpoint, mode),
      mtu: 1500,
      address: endpoint.address,
      ...nic,
    },
    kernel: '6.12.0',
    tools: { iperf3: '3.18', sockperf: '3.7', netperf: '2.7.1', qperf: '0.4.11' },
    runner: '0.1.0',
  };
}

function deviceOf({ kind, resource }: GrantedEndpoint, mode: ModeType): Device {
  if (kind !== 'Pod') return NIC[mode];
  return resource === undefined ? VETH : NIC.Native;
}

function value(metric: string): number {
  if (metric === 'throughput') return 1e9;
  if (metric === 'transactionRate') return 10_000;
  return metric.startsWith('rtt') ? 0.0001 : 0;
}

export function pointResult(point: TestPoint, role: 'server' | 'client'): PointResult {
  const zero = { rxBytes: 0, txBytes: 0, rxPackets: 0, txPackets: 0 };
  const cpu = { user: 0, system: 0, softirq: 0, steal: 0, idle: 0 };
  const startedAt = START + point.id * 60_000;
  return {
    id: point.id,
    startedAt,
    endedAt: startedAt + (point.durationSeconds + point.warmupSeconds) * 1000,
    measurements:
      role === 'server'
        ? []
        : metricsFor(point).map(({ metric, unit }) => ({ metric, unit, value: value(metric), reason: null })),
    error: null,
    raw: {
      tool: toolOf(point) ?? '',
      version: '1',
      command: [],
      exitCode: 0,
      stdout: '{}',
      stderr: '',
      truncated: false,
    },
    nic: { before: zero, after: { rxBytes: LARGE, txBytes: LARGE, rxPackets: LARGE, txPackets: LARGE } },
    cpu: { before: cpu, after: cpu },
  };
}

/** Clients of later pairs start a little later. */
function met(endpoint: string, point: TestPoint): Pick<PointResult, 'synchronizedAt'> {
  const [role, pair] = endpoint.split('-');
  return role === 'client' ? { synchronizedAt: START + point.id * 60_000 + 10 * Number(pair) } : {};
}

/** The document of one endpoint for all points. */
export function document(
  endpoint: GrantedEndpoint,
  mode: ModeType,
  points: readonly TestPoint[],
  fields: Partial<ResultDocument> = {},
): ResultDocument {
  const role = endpoint.name.startsWith('server') ? 'server' : 'client';
  return {
    version: 1,
    registration: registration(endpoint, mode),
    points: points.map((point) => ({ ...pointResult(point, role), ...met(endpoint.name, point) })),
    error: null,
    ...fields,
  };
}
