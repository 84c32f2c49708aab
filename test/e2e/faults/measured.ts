/** Faults of the program inside an endpoint: what it finds, what it says, what it sends. */
import { ALL, type FaultRow, VMS } from './kinds.ts';

const SILENT: Pick<FaultRow, 'reason' | 'message'> = {
  reason: { Native: 'RegistrationTimeout', Virtio: 'BootTimeout', Passthrough: 'BootTimeout' },
  message:
    /^client-0: \S+ runs, but did not report in within \d+ s: check that it reaches the collector, and its (log|console)$/,
};

export const MEASURED: readonly FaultRow[] = [
  { name: 'silent', types: ALL, limits: 'Starting', misdeed: 'silent', ...SILENT },
  { name: 'forged', types: ALL, limits: 'Starting', misdeed: 'forges-token', ...SILENT },
  {
    name: 'no-network',
    types: ALL,
    limits: 'Patient',
    switches: ['no-network'],
    misdeed: 'no-nic',
    reason: 'DataNicMissing',
    message: /^client-0: No NIC (named data0|with MAC 02:\S+) after/,
  },
  {
    name: 'wrong-driver',
    types: ALL,
    limits: 'Patient',
    misdeed: 'wrong-driver',
    reason: 'WrongDataPath',
    message: {
      Native: /^client-0: Data NIC data0 has driver virtio_net on bus virtio; mode Native expects anything but virtio$/,
      Virtio:
        /^client-0: Data NIC data0 has driver e1000 on bus pci; mode Virtio expects driver virtio_net on bus virtio$/,
      Passthrough:
        /^client-0: Data NIC data0 has driver e1000 on bus pci; mode Passthrough expects a virtual function's driver on bus pci$/,
    },
  },
  {
    name: 'wrong-mac',
    types: VMS,
    limits: 'Patient',
    misdeed: 'wrong-mac',
    reason: 'WrongDataPath',
    message: /^client-0: Data NIC data0 has MAC 02:ff:ff:ff:ff:ff; expected 02:/,
  },
  {
    name: 'wrong-mtu',
    types: ALL,
    limits: 'Patient',
    switches: ['wrong-mtu'],
    misdeed: 'wrong-mtu',
    reason: 'WrongDataPath',
    message: /^client-0: Data NIC data0 has an MTU of 1280 bytes; expected 1500/,
  },
  {
    name: 'no-tools',
    types: ALL,
    limits: 'Patient',
    switches: ['no-tools'],
    misdeed: 'no-tool',
    reason: 'ToolMissing',
    message: /^client-0: (iperf3 is not in the image|ip\b)/,
  },
  {
    name: 'tool-crash',
    types: ALL,
    limits: 'Patient',
    misdeed: 'tool-crash',
    reason: 'ToolFailed',
    message: /^Pair 0: test bandwidth \(point 0\): iperf3 was killed by SIGSEGV$/,
  },
  {
    name: 'too-fast',
    types: ALL,
    limits: 'Patient',
    misdeed: 'too-fast',
    reason: 'ExceedsLinkRate',
    message: /^Pair 0: test bandwidth \(point 0\): \d+(\.\d+)? Gb\/s measured, .* is all the link can carry/,
  },
  {
    name: 'garbage',
    types: ALL,
    limits: 'Patient',
    misdeed: 'garbage',
    reason: 'MalformedBody',
    message: /^client-0: The body is not JSON\.$/,
  },
  {
    name: 'huge',
    types: ALL,
    limits: 'Patient',
    misdeed: 'huge',
    reason: 'TooLarge',
    message: /^client-0: The body is larger than \d+ bytes\.$/,
  },
  {
    name: 'hangs',
    types: ALL,
    limits: 'Measuring',
    misdeed: 'hangs',
    reason: 'MeasureTimeout',
    message: /^No results from client-0 within \d+ s$/,
  },
  {
    name: 'partner',
    types: ALL,
    limits: 'Measuring',
    pairs: 2,
    endpoint: 'client-1',
    misdeed: 'hangs',
    reason: 'MeasureTimeout',
    message: /^No results from .*client-1.* within \d+ s$/,
  },
];
