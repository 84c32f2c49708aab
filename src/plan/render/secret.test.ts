import { describe, expect, test } from '@jest/globals';
import type { EndpointConfig } from '../../api/protocol.ts';
import { credentials } from '../../../test/support/builders.ts';
import { TrialWorld, type Setup } from '../../../test/support/trial-world.ts';
import { secretName } from '../names.ts';
import { renderSecret, seedPath } from './secret.ts';

interface Rendered {
  kind: string;
  metadata: { name: string };
  type: string;
  immutable: boolean;
  stringData: Record<string, string>;
}

function secretOf(setup: Setup): { secret: Rendered; world: TrialWorld } {
  const world = new TrialWorld(setup);
  const { trial, testbed, mode } = world;
  const grant = trial.status?.grant;
  if (testbed === null || mode === null || grant === undefined) throw new Error('The model is not granted');
  const secret = renderSecret(trial, testbed, { grant, modeType: mode.type, credentials });
  return { secret: secret as unknown as Rendered, world };
}

const config = (secret: Rendered, endpoint: string): EndpointConfig =>
  JSON.parse(secret.stringData[`${endpoint}.json`] ?? 'null') as EndpointConfig;

/** The seed's files by path. */
function seed(secret: Rendered): Map<string, EndpointConfig> {
  const text = secret.stringData['userdata'] ?? '';
  expect(text.startsWith('#cloud-config\n')).toBe(true);
  const { write_files: files } = JSON.parse(text.slice(text.indexOf('\n'))) as {
    write_files: { path: string; permissions: string; content: string }[];
  };
  expect(files.every(({ permissions }) => permissions === '0600')).toBe(true);
  return new Map(files.map(({ path, content }) => [path, JSON.parse(content) as EndpointConfig]));
}

describe('the Secret of a Native trial', () => {
  const { secret, world } = secretOf({ spec: { pairs: 2 } });

  test('holds one configuration for each endpoint and no seed', () => {
    expect(secret).toMatchObject({
      kind: 'Secret',
      type: 'Opaque',
      immutable: true,
      metadata: { name: secretName(world.trial.metadata) },
    });
    expect(Object.keys(secret.stringData).sort()).toEqual([
      'client-0.json',
      'client-1.json',
      'server-0.json',
      'server-1.json',
    ]);
  });

  test('a configuration, whole', () => {
    const { metadata } = world.trial;
    expect(config(secret, 'client-1')).toEqual({
      version: 1,
      trial: { namespace: 'bench', name: metadata.name, uid: metadata.uid },
      endpoint: 'client-1',
      collector: { url: 'https://10.0.0.1:7443', ca: 'PEM' },
      token: `token-${metadata.uid}-client-1`,
      controlKey: `key-${metadata.uid}-1`,
      dataNic: {
        mode: 'Native',
        interface: 'data0',
        address: '192.168.50.14/24',
        peer: '192.168.50.13',
        mtu: 1500,
        configure: false,
      },
    });
  });

  test('ends of a pair share a key and know each other; pairs and tokens differ', () => {
    const all = ['server-0', 'client-0', 'server-1', 'client-1'].map((name) => config(secret, name));
    const [s0, c0, s1] = all as [EndpointConfig, EndpointConfig, EndpointConfig];
    expect(s0.controlKey).toBe(c0.controlKey);
    expect(s0.controlKey).not.toBe(s1.controlKey);
    expect(s0.dataNic.address).toBe(`${c0.dataNic.peer}/24`);
    expect(c0.dataNic.address).toBe(`${s0.dataNic.peer}/24`);
    expect(new Set(all.map(({ token }) => token)).size).toBe(4);
  });
});

describe('the Secret of a VM trial', () => {
  const { secret, world } = secretOf({
    mode: { name: 'passthrough', type: 'Passthrough' },
    testbed: { link: { bitsPerSecond: '10G', mtu: 9000 } },
  });

  test('holds the seed only, a file for each VM', () => {
    expect(Object.keys(secret.stringData).sort()).toEqual(['networkdata', 'userdata']);
    const files = seed(secret);
    expect([...files.keys()]).toEqual([seedPath('server-0'), seedPath('client-0')]);
    const { mac, managementMac } = world.endpoint('client-0');
    expect(files.get(seedPath('client-0'))?.managementMac).toBe(managementMac);
    expect(files.get(seedPath('client-0'))?.dataNic).toEqual({
      mode: 'Passthrough',
      mac,
      address: '192.168.50.12/24',
      peer: '192.168.50.11',
      mtu: 9000,
      configure: true,
    });
  });

  test('network data: netplan, each NIC by its MAC', () => {
    const nics = ['server-0', 'client-0'].map((name) => world.endpoint(name));
    expect(JSON.parse(secret.stringData['networkdata'] ?? '')).toEqual({
      version: 2,
      ethernets: Object.fromEntries(
        nics.flatMap(({ name, mac, managementMac, address }) => [
          [`${name}-mgmt`, { match: { macaddress: managementMac }, optional: true, dhcp4: true }],
          [
            `${name}-data`,
            {
              match: { macaddress: mac },
              optional: true,
              dhcp4: false,
              'accept-ra': false,
              mtu: 9000,
              addresses: [address],
            },
          ],
        ]),
      ),
    });
  });
});

test('a pod at the client end of a VM mode is Native, and is not in the seed', () => {
  const { secret, world } = secretOf({ mode: { name: 'one-sided', type: 'Virtio', peer: 'Native' } });
  expect(Object.keys(secret.stringData).sort()).toEqual(['client-0.json', 'networkdata', 'userdata']);
  expect(config(secret, 'client-0').dataNic).toMatchObject({
    mode: 'Native',
    interface: 'data0',
    configure: false,
    peer: '192.168.50.11',
  });
  expect([...seed(secret).keys()]).toEqual([seedPath('server-0')]);
  expect(seed(secret).get(seedPath('server-0'))?.dataNic).toMatchObject({
    mode: 'Virtio',
    mac: world.endpoint('server-0').mac,
    peer: '192.168.50.12',
  });
  expect(secret.stringData['networkdata']).not.toContain('client-0');
});

test('64 pairs of VMs and a CA of 2 kB fit: a Secret holds at most 1 MiB', () => {
  const { trial, testbed, mode } = new TrialWorld({ mode: { name: 'virtio', type: 'Virtio' }, spec: { pairs: 64 } });
  const grant = trial.status?.grant;
  if (testbed === null || mode === null || grant === undefined) throw new Error('The model is not granted');
  const large = { ...credentials, ca: 'c'.repeat(2048) };
  const { stringData } = renderSecret(trial, testbed, { grant, modeType: mode.type, credentials: large });
  const sizes = Object.values(stringData as Record<string, string>).map((text) => Buffer.byteLength(text));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(1024 * 1024);
});
