/** A valid Experiment, and what is refused. */
import type { InvalidCase } from './change.ts';

export const EXPERIMENT = {
  apiVersion: 'vfbench.io/v1alpha1',
  kind: 'Experiment',
  metadata: { name: 'compare', namespace: 'bench' },
  spec: {
    testbed: 'lab',
    modes: [
      { name: 'native', type: 'Native' },
      { name: 'virtio', type: 'Virtio', network: 'fast', peer: 'Native', vm: { multiqueue: false, memory: '1Gi' } },
      {
        name: 'passthrough',
        type: 'Passthrough',
        vm: { hugepages: 'None', isolateEmulatorThread: true, dedicatedCPU: true },
      },
    ],
    baseline: 'native',
    placements: ['CrossNode', 'SameNode'],
    pairs: [1, 4],
    tests: [
      { name: 'latency', type: 'RequestResponse', protocol: 'UDP', messageBytes: [14, 64, 1024] },
      { name: 'bandwidth', type: 'Stream', protocol: 'TCP', streams: [1, 4], direction: 'Reverse' },
      { name: 'datagrams', type: 'Stream', protocol: 'UDP', messageBytes: [16, 1400] },
    ],
    blocks: { min: 6, max: 12 },
    expectations: [
      { test: 'latency', metric: 'rttP99', mode: 'passthrough', ratioAtMost: '1.25', ratioAtLeast: '0.1' },
      { test: 'bandwidth', metric: 'throughput', mode: 'native', atLeast: '9000000000', atMost: '10000000000' },
    ],
    seed: 7,
  },
};

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);
const sizes = (count: number): number[] => range(count).map((i) => i + 100);
/** Tests that come to 16 x 16 points each. */
const sweeps = (count: number): object[] =>
  range(count).map((i) => ({
    name: `t${i}`,
    type: 'Stream',
    protocol: 'UDP',
    messageBytes: sizes(16),
    streams: range(16),
  }));
const MODES = range(16).map((i) => ({
  name: i === 1 ? 'native' : i === 2 ? 'passthrough' : `m${i}`,
  type: 'Passthrough',
}));
/** 16 modes x 2 placements x 2 pairs x 100 points. */
const MANY_POINTS = {
  ...EXPERIMENT.spec,
  modes: MODES,
  tests: [{ name: 't', type: 'Stream', protocol: 'UDP', messageBytes: sizes(10), streams: range(10) }],
  expectations: [],
};

const BASELINE =
  /spec.baseline: .*baseline bare is not the name of a mode: use one of \["native", "virtio", "passthrough"\]/;
const DECIMAL = (field: string): RegExp => new RegExp(`${field} is not a decimal number: write it as a string`);

// A table: one case a line.
// prettier-ignore
export const INVALID_EXPERIMENTS: InvalidCase[] = [
  { name: 'no spec', at: 'spec', put: undefined, message: /spec: Required value/ },
  { name: 'a name that fits no label', at: 'metadata.name', put: 'x'.repeat(64), message: /metadata.name is too long for a label/ },
  { name: 'no testbed', at: 'spec.testbed', put: undefined, message: /spec.testbed: Required value/ },
  { name: 'an empty testbed', at: 'spec.testbed', put: '', message: /testbed in body should be at least 1 chars/ },
  { name: 'a testbed of another namespace', at: 'spec.testbed', put: 'other/lab', message: /testbed in body should match/ },
  { name: 'no modes', at: 'spec.modes', put: [], message: /modes in body should have at least 1 items/ },
  { name: 'modes missing', at: 'spec.modes', put: undefined, message: /spec.modes: Required value/ },
  { name: 'two modes of one name', at: 'spec.modes.1.name', put: 'native', message: /modes\[1\]: Duplicate value: \{"name":"native"\}/ },
  { name: '17 modes', at: 'spec.modes', put: [...MODES, { name: 'm17', type: 'Native' }], message: /modes: Too many: 17: must have at most 16/ },
  { name: 'a mode without type', at: 'spec.modes.2.type', put: undefined, message: /modes\[2\].type: Required value/ },
  { name: 'a type of mode that does not exist', at: 'spec.modes.2.type', put: 'SRIOV', message: /Unsupported value: "SRIOV": supported values: "Native", "Virtio", "Passthrough"/ },
  { name: 'a mode name in capitals', at: 'spec.modes.2.name', put: 'Passthrough', message: /modes\[2\].name.*should match/ },
  { name: 'a mode name of 64 characters', at: 'spec.modes.2.name', put: 'x'.repeat(64), message: /modes\[2\].name: Too long/ },
  { name: 'an empty network', at: 'spec.modes.2.network', put: '', message: /network in body should be at least 1 chars/ },
  { name: 'a peer for a Native mode', at: 'spec.modes.0.peer', put: 'Native', message: /modes\[0\].peer: .*peer is for modes of type Virtio and Passthrough/ },
  { name: 'a peer that does not exist', at: 'spec.modes.1.peer', put: 'Virtio', message: /Unsupported value: "Virtio"/ },
  { name: 'VM settings for a Native mode', at: 'spec.modes.0.vm', put: { cores: 4 }, message: /modes\[0\].vm: .*vm is for modes of type Virtio and Passthrough/ },
  { name: 'VM settings that set nothing', at: 'spec.modes.1.vm', put: {}, message: /vm in body should have at least 1 properties/ },
  { name: 'VM memory without unit', at: 'spec.modes.1.vm.memory', put: 512, message: /vm.memory must be a quantity from 64Mi to 4Ti/ },
  { name: 'VM cores 0', at: 'spec.modes.1.vm.cores', put: 0, message: /cores in body should be greater than or equal to 1/ },
  { name: 'an isolated emulator without pinned CPUs', at: 'spec.modes.1.vm', put: { isolateEmulatorThread: true, dedicatedCPU: false }, message: /isolateEmulatorThread: .*needs dedicatedCPU, which this mode switches off: remove one/ },
  { name: 'NUMA without pinned CPUs', at: 'spec.modes.1.vm', put: { numaPassthrough: true, dedicatedCPU: false }, message: /numaPassthrough: .*needs dedicatedCPU and hugepages, of which this mode switches one off/ },
  { name: 'NUMA without huge pages', at: 'spec.modes.1.vm', put: { numaPassthrough: true, hugepages: 'None' }, message: /numaPassthrough: .*needs dedicatedCPU and hugepages/ },
  { name: 'VM cores 257', at: 'spec.modes.1.vm.cores', put: 257, message: /cores in body should be less than or equal to 256/ },
  { name: 'no baseline', at: 'spec.baseline', put: undefined, message: /spec.baseline: Required value/ },
  { name: 'a baseline that is no mode', at: 'spec.baseline', put: 'bare', message: BASELINE },
  { name: 'no placements', at: 'spec.placements', put: [], message: /placements in body should have at least 1 items/ },
  { name: 'a placement twice', at: 'spec.placements', put: ['SameNode', 'SameNode'], message: /placements\[1\]: Duplicate value: "SameNode"/ },
  { name: 'a placement that does not exist', at: 'spec.placements.0', put: 'OtherRack', message: /Unsupported value: "OtherRack"/ },
  { name: 'no pairs', at: 'spec.pairs', put: [], message: /pairs in body should have at least 1 items/ },
  { name: 'pairs twice', at: 'spec.pairs', put: [2, 2], message: /pairs\[1\]: Duplicate value: 2/ },
  { name: '0 pairs', at: 'spec.pairs.0', put: 0, message: /pairs\[0\] in body should be greater than or equal to 1/ },
  { name: '65 pairs', at: 'spec.pairs.0', put: 65, message: /pairs\[0\] in body should be less than or equal to 64/ },
  { name: 'no tests', at: 'spec.tests', put: [], message: /tests in body should have at least 1 items/ },
  { name: 'two tests of one name', at: 'spec.tests.1.name', put: 'latency', message: /tests\[1\]: Duplicate value: \{"name":"latency"\}/ },
  { name: 'a test without type', at: 'spec.tests.2.type', put: undefined, message: /tests\[2\].type: Required value/ },
  { name: 'a type of test that does not exist', at: 'spec.tests.2.type', put: 'Flood', message: /Unsupported value: "Flood"/ },
  { name: 'a test without protocol', at: 'spec.tests.2.protocol', put: undefined, message: /tests\[2\].protocol: Required value/ },
  { name: 'a protocol that is not measured', at: 'spec.tests.2.protocol', put: 'SCTP', message: /Unsupported value: "SCTP"/ },
  { name: 'streams in a RequestResponse', at: 'spec.tests.0.streams', put: [2], message: /tests\[0\].streams: .*streams is for tests of type Stream/ },
  { name: 'a direction in a RequestResponse', at: 'spec.tests.0.direction', put: 'Reverse', message: /tests\[0\].direction: .*direction is for tests of type Stream/ },
  { name: 'messages in a TCP Stream', at: 'spec.tests.1.messageBytes', put: [1024], message: /tests\[1\].messageBytes: .*a TCP stream has no messages/ },
  { name: 'a direction that does not exist', at: 'spec.tests.1.direction', put: 'Sideways', message: /Unsupported value: "Sideways"/ },
  { name: 'a message too small for sockperf', at: 'spec.tests.0.messageBytes.0', put: 1, message: /sockperf sends 14 bytes at least: use 14 or more/ },
  { name: 'a datagram too small for iperf3', at: 'spec.tests.2.messageBytes.0', put: 15, message: /iperf3 sends 16 bytes at least: use 16 or more/ },
  { name: 'a message of 0 bytes', at: 'spec.tests.0.messageBytes.0', put: 0, message: /messageBytes\[0\] in body should be greater than or equal to 1/ },
  { name: 'a message above a datagram', at: 'spec.tests.0.messageBytes.0', put: 65_508, message: /messageBytes\[0\] in body should be less than or equal to 65507/ },
  { name: 'an empty sweep of sizes', at: 'spec.tests.0.messageBytes', put: [], message: /messageBytes in body should have at least 1 items/ },
  { name: 'a size twice', at: 'spec.tests.0.messageBytes', put: [64, 64], message: /messageBytes\[1\]: Duplicate value: 64/ },
  { name: 'a size that is text', at: 'spec.tests.0.messageBytes.0', put: '64', message: /messageBytes\[0\] in body must be of type integer/ },
  { name: '17 sizes', at: 'spec.tests.0.messageBytes', put: sizes(17), message: /messageBytes: Too many: 17/ },
  { name: 'a count of streams twice', at: 'spec.tests.1.streams', put: [4, 4], message: /streams\[1\]: Duplicate value: 4/ },
  { name: '17 streams', at: 'spec.tests.1.streams', put: [17], message: /streams\[0\] in body should be less than or equal to 16/ },
  { name: 'more blocks asked than allowed', at: 'spec.blocks.max', put: 5, message: /spec.blocks: .*blocks.max \(5\) is below blocks.min \(6\): raise max or lower min/ },
  { name: 'a minimum above the default maximum', at: 'spec.blocks', put: { min: 40 }, message: /blocks.max \(30\) is below blocks.min \(40\)/ },
  { name: '0 blocks', at: 'spec.blocks.min', put: 0, message: /min in body should be greater than or equal to 1/ },
  { name: 'a precision of 0', at: 'spec.blocks.precisionPercent', put: 0, message: /precisionPercent in body should be greater than or equal to 1/ },
  { name: 'retries below 0', at: 'spec.blocks.retries', put: -1, message: /retries in body should be greater than or equal to 0/ },
  { name: 'a test of 0 s', at: 'spec.durationSeconds', put: 0, message: /durationSeconds in body should be greater than or equal to 1/ },
  { name: 'a test above an hour', at: 'spec.durationSeconds', put: 3601, message: /durationSeconds in body should be less than or equal to 3600/ },
  { name: 'half a second', at: 'spec.durationSeconds', put: 0.5, message: /durationSeconds in body must be of type int/ },
  { name: 'a warm-up above a minute', at: 'spec.warmupSeconds', put: 61, message: /warmupSeconds in body should be less than or equal to 60/ },
  { name: 'a confidence of 100 %', at: 'spec.comparison', put: { confidencePercent: 100 }, message: /confidencePercent in body should be less than or equal to 99/ },
  { name: 'an equivalence of 0', at: 'spec.comparison', put: { equivalencePercent: 0 }, message: /equivalencePercent in body should be greater than or equal to 1/ },
  { name: 'an expectation of no test', at: 'spec.expectations.0.test', put: 'lat', message: /expectations name a test that does not exist, \["lat"\]: use one of \["latency", "bandwidth", "datagrams"\]/ },
  { name: 'an expectation of no mode', at: 'spec.expectations.0.mode', put: 'vf', message: /expectations name a mode that does not exist, \["vf"\]: use one of \["native", "virtio", "passthrough"\]/ },
  { name: 'an expectation without metric', at: 'spec.expectations.0.metric', put: undefined, message: /expectations\[0\].metric: Required value/ },
  { name: 'an expectation that bounds nothing', at: 'spec.expectations.0', put: { test: 'latency', metric: 'rttP99', mode: 'virtio' }, message: /the expectation bounds nothing: set at least one/ },
  { name: 'an upper bound below the lower', at: 'spec.expectations.0.ratioAtMost', put: '0.05', message: /ratioAtLeast is above ratioAtMost/ },
  { name: 'a value bound that cannot hold', at: 'spec.expectations.1.atMost', put: '8999999999.5', message: /atLeast is above atMost/ },
  { name: 'the baseline against itself', at: 'spec.expectations.1.ratioAtMost', put: '1.1', message: /expectations compare the baseline with itself/ },
  { name: 'a ratio in percent', at: 'spec.expectations.0.ratioAtMost', put: '125%', message: DECIMAL('ratioAtMost') },
  { name: 'a ratio below 0', at: 'spec.expectations.0.ratioAtLeast', put: '-1', message: DECIMAL('ratioAtLeast') },
  { name: 'a bound with a comma', at: 'spec.expectations.1.atMost', put: '9,5', message: DECIMAL('atMost') },
  { name: 'a bound with a unit', at: 'spec.expectations.1.atLeast', put: '9Gb', message: DECIMAL('atLeast') },
  { name: 'a ratio that is a number', at: 'spec.expectations.0.ratioAtMost', put: 1.25, message: /ratioAtMost in body must be of type string/ },
  { name: 'a seed below 0', at: 'spec.seed', put: -1, message: /seed in body should be greater than or equal to 0/ },
  { name: 'a seed that a double cannot hold', at: 'spec.seed', put: 9_007_199_254_740_992, message: /seed in body should be less than or equal to 9007199254740991/ },
  { name: 'suspend as text', at: 'spec.suspend', put: 'yes', message: /suspend in body must be of type boolean/ },
  { name: 'a time to live below 0', at: 'spec.ttlSecondsAfterFinished', put: -1, message: /ttlSecondsAfterFinished in body should be greater than or equal to 0/ },
  { name: 'a sweep beyond measure', at: 'spec.tests.3', put: sweeps(1)[0], message: /one Trial would hold 1052 results, more than 512/ },
  { name: 'more than 10000 Trials', at: 'spec.blocks.max', put: 1000, message: /the Experiment expands to 12000 Trials, more than 10000/ },
  { name: 'more than 5000 test points', at: 'spec', put: MANY_POINTS, message: /the Experiment expands to 6400 test points, more than 5000/ },
];
