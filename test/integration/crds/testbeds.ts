/** A valid Testbed, and what is refused. */
import type { InvalidCase } from './change.ts';

export const TESTBED = {
  apiVersion: 'vfbench.io/v1alpha1',
  kind: 'Testbed',
  metadata: { name: 'lab', namespace: 'bench' },
  spec: {
    nodes: { server: { names: ['node-a'] }, client: { selector: { matchLabels: { role: 'client' } } } },
    link: { bitsPerSecond: '10G', mtu: 1500 },
    subnet: '192.168.50.0/24',
    networks: [
      { name: 'native', attachment: 'vf-net', resource: 'openshift.io/vfnet' },
      { name: 'virtio', attachment: 'br-data' },
    ],
    pod: {
      image: 'runner:1',
      resources: { requests: { cpu: 1, memory: '512Mi' }, limits: { cpu: '1', memory: '1Gi' } },
    },
    vm: { image: 'guest:1', cores: 2, memory: '2Gi', hugepages: '1Gi' },
    concurrency: 1,
    timeouts: { scheduleSeconds: 60 },
  },
};

const IMAGE = /not an image reference: write registry/;
const QUANTITY = /link.bitsPerSecond must be a quantity from 1M to 10T/;
const NETWORK = { attachment: 'x' };

// A table: one case a line.
// prettier-ignore
export const INVALID_TESTBEDS: InvalidCase[] = [
  { name: 'no spec', at: 'spec', put: undefined, message: /spec: Required value/ },
  { name: 'a name that fits no label', at: 'metadata.name', put: 'x'.repeat(64), message: /metadata.name is too long: use at most 63/ },
  { name: 'no nodes', at: 'spec.nodes', put: undefined, message: /spec.nodes: Required value/ },
  { name: 'no client nodes', at: 'spec.nodes.client', put: undefined, message: /spec.nodes.client: Required value/ },
  { name: 'server nodes that name nothing', at: 'spec.nodes.server', put: {}, message: /nodes.server names no nodes.*exactly one of names and selector/ },
  { name: 'client nodes that name nothing', at: 'spec.nodes.client', put: {}, message: /nodes.client names no nodes.*exactly one of names and selector/ },
  {
    name: 'nodes by name and by label',
    at: 'spec.nodes.server.selector',
    put: { matchLabels: { a: 'b' } },
    message: /nodes.server names no nodes or names them twice/,
  },
  { name: 'an empty list of nodes', at: 'spec.nodes.server.names', put: [], message: /names in body should have at least 1 items/ },
  { name: 'a node twice', at: 'spec.nodes.server.names', put: ['a', 'a'], message: /names\[1\]: Duplicate value: "a"/ },
  { name: 'a node name with a space', at: 'spec.nodes.server.names.0', put: 'node a', message: /names\[0\].*should match/ },
  { name: 'an empty selector', at: 'spec.nodes.client.selector.matchLabels', put: {}, message: /should have at least 1 properties/ },
  { name: 'no link', at: 'spec.link', put: undefined, message: /spec.link: Required value/ },
  { name: 'a link rate that is no quantity', at: 'spec.link.bitsPerSecond', put: '10 Gbit', message: QUANTITY },
  { name: 'a link rate in milli', at: 'spec.link.bitsPerSecond', put: '10m', message: QUANTITY },
  { name: 'a link rate of 0', at: 'spec.link.bitsPerSecond', put: 0, message: QUANTITY },
  { name: 'a link rate below 0', at: 'spec.link.bitsPerSecond', put: '-10G', message: QUANTITY },
  { name: 'a link rate above all wires', at: 'spec.link.bitsPerSecond', put: '11T', message: QUANTITY },
  { name: 'an MTU that carries nothing', at: 'spec.link.mtu', put: 100, message: /mtu in body should be greater than or equal to 576/ },
  { name: 'an MTU above an IP packet', at: 'spec.link.mtu', put: 65_536, message: /mtu in body should be less than or equal to 65535/ },
  { name: 'a subnet without prefix', at: 'spec.subnet', put: '192.168.50.0', message: /subnet is not in CIDR notation/ },
  { name: 'a subnet of a wrong octet', at: 'spec.subnet', put: '192.168.500.0/24', message: /subnet is not in CIDR notation/ },
  { name: 'a host address as subnet', at: 'spec.subnet', put: '192.168.50.7/24', message: /subnet 192.168.50.7\/24 has bits set behind its prefix/ },
  { name: 'an IPv4 subnet too small', at: 'spec.subnet', put: '192.168.50.0/30', message: /subnet is too small.*at most \/29/ },
  { name: 'an IPv6 subnet too small', at: 'spec.subnet', put: 'fd00::/126', message: /subnet is too small.*\/125/ },
  { name: 'a subnet too large', at: 'spec.subnet', put: '10.0.0.0/7', message: /subnet is too large.*at least \/8/ },
  { name: 'the loopback network', at: 'spec.subnet', put: '127.0.0.0/8', message: /subnet cannot hold hosts/ },
  { name: 'a multicast network', at: 'spec.subnet', put: '239.0.0.0/24', message: /subnet cannot hold hosts/ },
  { name: 'an IPv6 multicast network', at: 'spec.subnet', put: 'ff05::/64', message: /subnet cannot hold hosts/ },
  { name: 'a link-local network', at: 'spec.subnet', put: 'fe80::/64', message: /subnet cannot hold hosts/ },
  { name: 'no networks', at: 'spec.networks', put: [], message: /networks in body should have at least 1 items/ },
  { name: 'two networks of one name', at: 'spec.networks.1.name', put: 'native', message: /networks\[1\]: Duplicate value: \{"name":"native"\}/ },
  { name: 'a network without attachment', at: 'spec.networks.0.attachment', put: undefined, message: /networks\[0\].attachment: Required value/ },
  { name: 'a network without name', at: 'spec.networks.2', put: NETWORK, message: /networks\[2\].name: Required value/ },
  { name: 'an attachment of another namespace', at: 'spec.networks.0.attachment', put: 'other/vf-net', message: /attachment is not the name of a Network.*without a namespace/ },
  { name: 'a resource without domain', at: 'spec.networks.0.resource', put: 'vfnet', message: /resource is not the name of an extended resource: write domain\/name/ },
  { name: 'no pod', at: 'spec.pod', put: undefined, message: /spec.pod: Required value/ },
  { name: 'no pod image', at: 'spec.pod.image', put: '', message: /image in body should be at least 1 chars/ },
  { name: 'a pod image with a space', at: 'spec.pod.image', put: 'runner 1', message: IMAGE },
  { name: 'a pull policy that does not exist', at: 'spec.pod.imagePullPolicy', put: 'Sometimes', message: /Unsupported value: "Sometimes"/ },
  { name: 'a VF among the pod\'s requests', at: 'spec.pod.resources.requests', put: { 'openshift.io/vfnet': 1 }, message: /requests names a resource that is not for it.*VFs are added by the controller/ },
  { name: 'a device among the pod\'s limits', at: 'spec.pod.resources.limits', put: { 'nvidia.com/gpu': 1 }, message: /limits names a resource that is not for it/ },
  { name: 'a request that is no quantity', at: 'spec.pod.resources.requests.cpu', put: 'two', message: /requests holds an amount that is no quantity/ },
  { name: 'a limit below 0', at: 'spec.pod.resources.limits.memory', put: '-1Gi', message: /limits holds an amount that is no quantity/ },
  { name: 'a request above its limit', at: 'spec.pod.resources.requests.memory', put: '2Gi', message: /requests more than it limits to: lower the request/ },
  { name: 'a VM without image', at: 'spec.vm.image', put: undefined, message: /vm.image: Required value/ },
  { name: 'a VM image with a tab', at: 'spec.vm.image', put: 'a\tb', message: IMAGE },
  { name: 'a VM without cores', at: 'spec.vm.cores', put: 0, message: /cores in body should be greater than or equal to 1/ },
  { name: 'VM memory without unit', at: 'spec.vm.memory', put: 2, message: /vm.memory must be a quantity from 64Mi to 4Ti/ },
  { name: 'VM memory that is no quantity', at: 'spec.vm.memory', put: 'lots', message: /vm.memory must be a quantity from 64Mi to 4Ti/ },
  { name: 'VM memory that huge pages cannot fill', at: 'spec.vm.memory', put: '1500Mi', message: /vm.memory 1500Mi is not a multiple of vm.hugepages 1Gi/ },
  { name: 'huge pages of an odd size', at: 'spec.vm.hugepages', put: '4Mi', message: /Unsupported value: "4Mi"/ },
  { name: 'concurrency 0', at: 'spec.concurrency', put: 0, message: /concurrency in body should be greater than or equal to 1/ },
  {
    name: 'concurrency 1025',
    at: 'spec.concurrency',
    put: 1025,
    message: /concurrency in body should be less than or equal to 1024/,
  },
  { name: 'a wait of 0', at: 'spec.timeouts.startSeconds', put: 0, message: /startSeconds in body should be greater than or equal to 1/ },
  { name: 'a wait above an hour', at: 'spec.timeouts.cleanupSeconds', put: 3601, message: /cleanupSeconds in body should be less than or equal to 3600/ },
  { name: 'a wait that is text', at: 'spec.timeouts.marginSeconds', put: '60s', message: /marginSeconds in body must be of type integer/ },
];
