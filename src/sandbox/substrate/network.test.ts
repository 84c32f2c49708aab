import { describe, expect, test } from '@jest/globals';
import {
  carriedBytes,
  dataNodeBatch,
  dataPodBatch,
  hubBatch,
  nodeBatch,
  podAddress,
  podBatch,
  vmPodBatch,
  wireNodeBatch,
} from './network.ts';

describe('hub', () => {
  test('wires two nodes back to back with the MTU asked for', () => {
    expect(hubBatch(2, 9000).split('\n')).toEqual([
      'link set lo up',
      'link add mgmt address 02:76:66:00:00:01 mtu 1500 type bridge stp_state 0 forward_delay 0 mcast_snooping 0',
      'link set mgmt addrgenmode none up',
      'addr add 10.244.0.1/16 dev mgmt',
      'netns add node0',
      'netns add node1',
      'link add wire netns node0 mtu 9000 type veth peer name wire netns node1 mtu 9000',
      '',
    ]);
  });

  test('joins three nodes by a switch, and leaves one node alone', () => {
    expect(hubBatch(3, 1500)).toContain('link set w2 addrgenmode none master wires up');
    expect(hubBatch(1, 1500)).not.toContain('wire');
    expect(nodeBatch(0, 1, 1500)).not.toContain('wire');
    expect(nodeBatch(2, 3, 1500)).toContain('link set wire addrgenmode none master br-data up');
  });
});

describe('pods', () => {
  test('have addresses of their own, up to the end of the network', () => {
    expect([0, 1, 256].map(podAddress)).toEqual(['10.244.1.0', '10.244.1.1', '10.244.2.0']);
    expect(podAddress(0xfffe - 256)).toBe('10.244.255.254');
    expect(() => podAddress(0xffff - 256)).toThrow('no management addresses left');
    expect(podBatch(1)).toContain('addr add 10.244.1.1/16 dev eth0');
  });

  test('get data NICs that differ by pod and number', () => {
    const nic = { pod: 7, nic: 1, interface: 'data0', mac: '02:00:00:00:00:07', mtu: 9000 };
    expect(dataNodeBatch(nic)).toBe(
      'link add d7-1 mtu 9000 type veth peer name data0 netns pod7 address 02:00:00:00:00:07 mtu 9000\n' +
        'link set d7-1 addrgenmode none master br-data up\n',
    );
  });

  test.each([
    ['Whole', 'link set d7-1 mtu 9000 master br-data\n'],
    ['Cut', 'link set d7-1 mtu 9000 nomaster\n'],
    ['Narrow', 'link set d7-1 mtu 1280 master br-data\n'],
  ] as const)('have their wire changed at the end that they do not see: %s', (wire, batch) => {
    expect(wireNodeBatch(7, 1, wire, 9000)).toBe(batch);
  });

  test('keep link-local addresses only where IPv6 is measured, and wait for no duplicate address', () => {
    expect(dataPodBatch('data0', ['192.168.50.1/24'])).toBe(
      'link set data0 addrgenmode none up\naddr add 192.168.50.1/24 dev data0\n',
    );
    expect(dataPodBatch('data0', ['fd00::1/64'])).toBe('link set data0 up\naddr add fd00::1/64 dev data0 nodad\n');
  });
});

test('a TAP has several queues only where the guest does', () => {
  expect(vmPodBatch(1500, false)).toContain('tuntap add name tap1 mode tap vnet_hdr\n');
  expect(vmPodBatch(1500, true)).toContain('tuntap add name tap1 mode tap vnet_hdr multi_queue\n');
});

test('counts the bytes of a link both ways, and none of one that is not told', () => {
  const stats64 = { rx: { bytes: 1500, packets: 1 }, tx: { bytes: 60, packets: 1 } };
  expect(carriedBytes(JSON.stringify([{ ifname: 'd0-0', stats64 }]))).toBe(1560);
  expect(carriedBytes('[]')).toBe(0);
});
