import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ENDPOINT_CONFIG_PATH } from '../api/labels.ts';
import type { EndpointConfig } from '../api/protocol.ts';
import { ConfigError, ownConfig, parseArguments, parseConfig, parseSeed } from './config.ts';

const CONFIG: EndpointConfig = {
  version: 1,
  trial: { namespace: 'bench', name: 'trial', uid: 'uid' },
  endpoint: 'server-0',
  collector: { url: 'https://10.0.0.1:8443', ca: 'PEM' },
  token: 't',
  controlKey: 'k',
  dataNic: {
    mode: 'Virtio',
    mac: '02:00:00:00:00:0A',
    address: '192.168.50.11/24',
    peer: '192.168.50.12',
    mtu: 1500,
    configure: true,
  },
};
const text = JSON.stringify(CONFIG);
const seed = (...files: [string, string][]): string =>
  `#cloud-config\n${JSON.stringify({ write_files: files.map(([path, content]) => ({ path, content, permissions: '0600' })) })}`;

describe('command line', () => {
  test('takes one of two options', () => {
    expect(parseArguments(['--config', 'a'])).toEqual({ kind: 'config', file: 'a' });
    expect(parseArguments(['--seed', 'b'])).toEqual({ kind: 'seed', file: 'b' });
    for (const bad of [[], ['--config'], ['a'], ['--seed', 'a', 'b'], ['--x', 'a']]) {
      expect(() => parseArguments(bad)).toThrow('usage: runner');
    }
  });
});

describe('configuration', () => {
  test('is read', () => expect(parseConfig(text)).toEqual(CONFIG));

  test.each<[string, object]>([
    ['dataNic.mac', { dataNic: { ...CONFIG.dataNic, mac: '' } }],
    ['dataNic.mode', { dataNic: { ...CONFIG.dataNic, mode: 'Magic' } }],
    ['dataNic.address', { dataNic: { ...CONFIG.dataNic, address: '192.168.50.11' } }],
    ['dataNic.peer', { dataNic: { ...CONFIG.dataNic, peer: '' } }],
    ['dataNic.mtu', { dataNic: { ...CONFIG.dataNic, mtu: '1500' } }],
    ['token', { token: '' }],
    ['collector.url', { collector: { url: 'nowhere', ca: '' } }],
    ['endpoint', { endpoint: 'guest-1' }],
    ['protocol version 1, not 2', { version: 2 }],
  ])('that lacks %s is named so', (what, change) => {
    expect(() => parseConfig(JSON.stringify({ ...CONFIG, ...change }))).toThrow(what);
  });

  test('of any other text is a ConfigError', () => {
    fc.assert(fc.property(fc.string(), (any) => expect(() => parseConfig(any)).toThrow(ConfigError)));
    fc.assert(fc.property(fc.json(), (any) => expect(() => parseConfig(any)).toThrow(ConfigError)));
    fc.assert(fc.property(fc.json(), (any) => expect(() => parseSeed(any)).toThrow(ConfigError)));
  });
});

describe('seed', () => {
  const second: EndpointConfig = {
    ...CONFIG,
    endpoint: 'client-0',
    dataNic: { ...CONFIG.dataNic, mac: '02:00:00:00:00:0b' },
  };
  const both = seed(
    ['/etc/vfbench/endpoints/server-0.json', text],
    ['/etc/vfbench/endpoints/client-0.json', JSON.stringify(second)],
    ['/etc/other', 'x'],
  );

  test('gives the one file at the known path, with or without the header', () => {
    const one = seed([ENDPOINT_CONFIG_PATH, text], ['/etc/vfbench/endpoints/client-0.json', 'rubbish']);
    expect(parseSeed(one)).toEqual([CONFIG]);
    expect(parseSeed(one.replace('#cloud-config\n', ''))).toEqual([CONFIG]);
  });

  test('for several guests is told apart by data MAC', () => {
    const configs = parseSeed(both);
    expect(configs.map(({ endpoint }) => endpoint)).toEqual(['server-0', 'client-0']);
    expect(ownConfig(configs, new Set(['02:00:00:00:00:0b', '52:54:00:00:00:01']))?.endpoint).toBe('client-0');
    expect(ownConfig(configs, new Set(['02:00:00:00:00:0a']))?.endpoint).toBe('server-0');
    expect(ownConfig(configs, new Set())).toBeNull();
    const managed = configs.map((config, index) => ({ ...config, managementMac: `02:00:00:00:00:C${index}` }));
    expect(ownConfig(managed, new Set(['02:00:00:00:00:c1']))?.endpoint).toBe('client-0');
    expect(ownConfig([CONFIG], new Set())).toBe(CONFIG);
  });

  test('without our file, without files, or in YAML is named so', () => {
    expect(() => parseSeed(seed(['/etc/other', text]))).toThrow(ENDPOINT_CONFIG_PATH);
    expect(() => parseSeed('#cloud-config\n{}')).toThrow('write_files');
    expect(() => parseSeed('#cloud-config\nwrite_files: []\n')).toThrow('not JSON');
  });
});
