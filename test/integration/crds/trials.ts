/** A valid Trial with a status, and what is refused in both. */
import type { InvalidCase } from './change.ts';

export const TRIAL = {
  apiVersion: 'vfbench.io/v1alpha1',
  kind: 'Trial',
  metadata: { name: 'compare-b0-native-1', namespace: 'bench' },
  spec: {
    experiment: 'compare',
    testbed: 'lab',
    mode: 'native',
    placement: 'CrossNode',
    pairs: 1,
    block: 0,
    attempt: 0,
  },
};

const DIGEST = `sha256:${'0a'.repeat(32)}`;
const endpoint = (name: string, node: string): object => ({
  name,
  kind: 'VirtualMachineInstance',
  object: `compare-b0-native-1-${name}`,
  node,
  attachment: 'vf-vfio',
  resource: 'openshift.io/vfvfio',
  address: '192.168.50.11/24',
  mac: '02:00:00:00:00:01',
  managementMac: '02:00:00:00:01:01',
});

export const condition = (type: string, status: string): Record<string, unknown> => ({
  type,
  status,
  reason: 'Test',
  message: 'A test set it.',
  lastTransitionTime: '2026-01-01T00:00:00Z',
  observedGeneration: 1,
});

export const TRIAL_STATUS = {
  observedGeneration: 1,
  conditions: [condition('Granted', 'True'), condition('Measured', 'False')],
  grant: {
    nodes: { server: 'node-a', client: 'node-b' },
    testbed: {
      generation: 1,
      link: { bitsPerSecond: '10G', mtu: 1500 },
      concurrency: 1,
      pod: { image: 'runner:1', resources: { requests: { cpu: 2 }, limits: { cpu: 2 } } },
      vm: { image: 'guest:1', cores: 2, memory: '2Gi', hugepages: '2Mi', dedicatedCPU: true, multiqueue: true },
    },
    endpoints: [endpoint('server-0', 'node-a'), endpoint('client-0', 'node-b')],
  },
  endpoints: [
    {
      name: 'client-0',
      interface: 'eth1',
      mac: '02:00:00:00:00:01',
      driver: 'iavf',
      bus: 'pci',
      pciAddress: '0000:06:00.0',
      mtu: 1500,
      kernel: '6.12.0',
      tools: [{ name: 'iperf3', version: '3.18' }],
    },
  ],
  measurements: [
    { test: 'latency', point: { messageBytes: 64 }, pair: 0, metric: 'rttP50', unit: 's', value: 0.0000331 },
    { test: 'latency', point: { messageBytes: 64 }, pair: 0, metric: 'rttP999', unit: 's', reason: 'Too few samples' },
  ],
  raw: [{ endpoint: 'client-0', digest: DIGEST, data: 'H4sIAAAAAAAA' }],
  startTime: '2026-01-01T00:00:00Z',
  measuredSeconds: 4.25,
};

// A table: one case a line.
// prettier-ignore
export const INVALID_TRIALS: InvalidCase[] = [
  { name: 'no spec', at: 'spec', put: undefined, message: /spec: Required value/ },
  { name: 'a name that fits no label', at: 'metadata.name', put: 'x'.repeat(64), message: /metadata.name is too long for a label/ },
  { name: 'no experiment', at: 'spec.experiment', put: undefined, message: /spec.experiment: Required value/ },
  { name: 'no testbed', at: 'spec.testbed', put: undefined, message: /spec.testbed: Required value/ },
  { name: 'no mode', at: 'spec.mode', put: '', message: /mode in body should be at least 1 chars/ },
  { name: 'a mode that is no name', at: 'spec.mode', put: '../native', message: /spec.mode.*should match/ },
  { name: 'a placement that does not exist', at: 'spec.placement', put: 'Somewhere', message: /Unsupported value: "Somewhere"/ },
  { name: '0 pairs', at: 'spec.pairs', put: 0, message: /pairs in body should be greater than or equal to 1/ },
  { name: '65 pairs', at: 'spec.pairs', put: 65, message: /pairs in body should be less than or equal to 64/ },
  { name: 'a block below 0', at: 'spec.block', put: -1, message: /block in body should be greater than or equal to 0/ },
  { name: 'a block above the last', at: 'spec.block', put: 1000, message: /block in body should be less than or equal to 999/ },
  { name: 'an attempt above the last', at: 'spec.attempt', put: 11, message: /attempt in body should be less than or equal to 10/ },
];

// A table: one case a line.
// prettier-ignore
export const INVALID_TRIAL_STATUSES: InvalidCase[] = [
  { name: 'two conditions of one type', at: 'conditions.1.type', put: 'Granted', message: /conditions\[1\]: Duplicate value: \{"type":"Granted"\}/ },
  { name: 'a condition that is neither true nor false', at: 'conditions.0.status', put: 'Maybe', message: /Unsupported value: "Maybe"/ },
  { name: 'a condition without reason', at: 'conditions.0.reason', put: '', message: /reason in body should be at least 1 chars/ },
  { name: 'a reason in words', at: 'conditions.0.reason', put: 'no VF', message: /reason in body should match/ },
  { name: 'a sentence without end', at: 'conditions.0.message', put: 'x'.repeat(4097), message: /message: Too long: may not be more than 4096/ },
  { name: 'a time that is none', at: 'conditions.0.lastTransitionTime', put: 'now', message: /lastTransitionTime in body must be of type date-time/ },
  { name: 'a grant without nodes', at: 'grant.nodes', put: undefined, message: /grant.nodes: Required value/ },
  { name: 'a Testbed without link', at: 'grant.testbed.link', put: undefined, message: /grant.testbed.link: Required value/ },
  { name: 'a Testbed whose VMs have no memory', at: 'grant.testbed.vm.memory', put: undefined, message: /grant.testbed.vm.memory: Required value/ },
  { name: 'an endpoint twice', at: 'grant.endpoints.1.name', put: 'server-0', message: /endpoints\[1\]: Duplicate value: \{"name":"server-0"\}/ },
  { name: 'an endpoint of no role', at: 'grant.endpoints.0.name', put: 'router-0', message: /name in body should match/ },
  { name: 'an endpoint of no kind', at: 'grant.endpoints.0.kind', put: 'Deployment', message: /Unsupported value: "Deployment"/ },
  { name: 'a multicast MAC', at: 'grant.endpoints.0.mac', put: '03:00:00:00:00:01', message: /mac in body should match/ },
  { name: 'a MAC of zeros', at: 'grant.endpoints.0.managementMac', put: '00:00:00:00:00:00', message: /managementMac in body should match/ },
  { name: 'a MAC in capitals', at: 'grant.endpoints.0.mac', put: '02:00:00:00:00:0A', message: /mac in body should match/ },
  { name: 'a bus that does not exist', at: 'endpoints.0.bus', put: 'usb', message: /Unsupported value: "usb"/ },
  { name: 'a value that is text', at: 'measurements.0.value', put: '33 us', message: /value in body must be of type number/ },
  { name: 'a 65th pair', at: 'measurements.0.pair', put: 64, message: /pair in body should be less than or equal to 63/ },
  { name: 'a digest cut short', at: 'raw.0.digest', put: 'sha256:0a', message: /digest in body should match/ },
  { name: 'raw data above 128 KiB', at: 'raw.0.data', put: 'x'.repeat(131_073), message: /data: Too long: may not be more than 131072/ },
  { name: 'time measured below 0', at: 'measuredSeconds', put: -1, message: /measuredSeconds in body should be greater than or equal to 0/ },
];
