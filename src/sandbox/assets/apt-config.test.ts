import { describe, expect, test } from '@jest/globals';
import { aptConfig, aptSources, chooseMirror, debianArchitecture, type PrivateApt } from './apt-config.ts';

const apt: PrivateApt = {
  dir: '/tmp/private',
  mirror: 'http://mirror.example/debian',
  suite: 'trixie',
  architecture: 'amd64',
  keyring: '/tmp/private/key.asc',
  hostConfig: '',
};

describe('choice of the mirror', () => {
  const cases = [
    {
      name: 'the setting wins',
      setting: 'http://own.example/deb/',
      host: 'http://a.example/debian/',
      want: 'http://own.example/deb',
    },
    { name: 'the host', setting: undefined, host: 'https://a.example/debian/\n', want: 'https://a.example/debian' },
    {
      name: 'not the security archive, nor other vendors',
      setting: '',
      host: 'https://packages.example/apt/\nhttp://s.example/debian-security/\nhttp://u.example/ubuntu/\nhttp://a.example/x/debian/',
      want: 'http://a.example/x/debian',
    },
    {
      name: 'no list of mirrors in a file',
      setting: undefined,
      host: 'mirror+file:/etc/apt/debian/',
      want: 'http://deb.debian.org/debian',
    },
    { name: 'nothing known', setting: undefined, host: '', want: 'http://deb.debian.org/debian' },
  ];
  test.each(cases)('$name', ({ setting, host, want }) => {
    expect(chooseMirror(setting, host)).toBe(want);
  });
});

describe('configuration of the private apt', () => {
  test('points every path that apt writes into the private directory', () => {
    const paths = [...aptConfig(apt).matchAll(/^Dir::(\S+) "(\/[^"]*)";$/gm)];
    const outside = paths.filter(([, , path]) => !path?.startsWith('/tmp/private/')).map(([, name]) => name);
    expect(outside).toEqual(['Etc::netrc', 'Etc::netrcparts']);
    expect(paths.map(([, name]) => name)).toEqual(expect.arrayContaining(['State', 'State::status', 'Cache', 'Etc']));
  });

  test('keeps proxies and certificates of the host and nothing else, hooks least of all', () => {
    const hostConfig = [
      'Acquire::http::Proxy "http://proxy.example:3128";',
      'Acquire::http::Proxy::mirror.example "DIRECT";',
      'Acquire::https::CaInfo "/etc/ssl/own.pem";',
      'Acquire::http::Timeout "1";',
      'Acquire::http::Proxy "";',
      'APT::Update::Post-Invoke:: "rm -f /var/cache/apt/archives/*.deb";',
      'Dir::Cache "/var/cache/apt";',
    ].join('\n');
    const added = aptConfig({ ...apt, hostConfig })
      .replace(aptConfig(apt).trimEnd(), '')
      .trim()
      .split('\n');
    expect(added).toEqual(hostConfig.split('\n').slice(0, 3));
  });

  test('trusts one key for one suite', () => {
    expect(aptSources(apt)).toBe(
      'deb [arch=amd64 signed-by=/tmp/private/key.asc] http://mirror.example/debian trixie main\n',
    );
  });

  test('names the machine it cannot serve', () => {
    expect(debianArchitecture('x64')).toBe('amd64');
    expect(debianArchitecture('arm64')).toBe('arm64');
    expect(() => debianArchitecture('riscv64')).toThrow('this one is riscv64');
  });
});
