import { describe, expect, test } from '@jest/globals';
import { readConfig } from './config.ts';

test('nothing set: the defaults', () => {
  const config = readConfig({ POD_NAME: 'operator-1' });
  expect(config).toMatchObject({
    namespace: 'vfbench-system',
    watchNamespace: '',
    leaderElection: true,
    collector: { host: '0.0.0.0', port: 7443, url: 'https://vfbench-collector.vfbench-system.svc:7443' },
    announce: null,
    health: { host: '0.0.0.0', port: 8080 },
    logLevel: 'info',
    kubeconfig: '',
  });
  expect(config.identity).toMatch(/^operator-1-\d+$/);
  expect(Object.isFrozen(config)).toBe(true);
});

test('all set', () => {
  const env = {
    VFBENCH_NAMESPACE: 'bench',
    VFBENCH_WATCH_NAMESPACE: 'team',
    VFBENCH_IDENTITY: 'me',
    VFBENCH_LEADER_ELECTION: 'false',
    VFBENCH_COLLECTOR_LISTEN: '[::]:1',
    VFBENCH_COLLECTOR_URL: 'https://192.0.2.1:9',
    VFBENCH_COLLECTOR_SERVICE: 'collector',
    VFBENCH_POD_IP: 'fd00::7',
    VFBENCH_HEALTH_LISTEN: ':65535',
    LOG_LEVEL: 'debug',
    KUBECONFIG: '/tmp/k',
  };
  expect(readConfig(env)).toMatchObject({
    namespace: 'bench',
    watchNamespace: 'team',
    identity: 'me',
    leaderElection: false,
    collector: { host: '::', port: 1, url: 'https://192.0.2.1:9' },
    announce: { service: 'collector', ip: 'fd00::7' },
    health: { host: '', port: 65535 },
    logLevel: 'debug',
    kubeconfig: '/tmp/k',
  });
});

test('the collector is in the namespace of the operator', () => {
  expect(readConfig({ VFBENCH_NAMESPACE: 'bench' }).collector.url).toBe('https://vfbench-collector.bench.svc:7443');
});

describe('the page', () => {
  test.each<[Record<string, string>, object | null]>([
    [{}, null],
    [{ VFBENCH_PAGE_ACCESS: 'AnonymousLoopback' }, null],
    [{ VFBENCH_PAGE_LISTEN: ':8090' }, { host: '', port: 8090, access: 'Token' }],
    [
      { VFBENCH_PAGE_LISTEN: '127.0.0.1:1', VFBENCH_PAGE_ACCESS: 'AnonymousLoopback' },
      { host: '127.0.0.1', port: 1, access: 'AnonymousLoopback' },
    ],
    [
      { VFBENCH_PAGE_LISTEN: '[::1]:1', VFBENCH_PAGE_ACCESS: 'AnonymousLoopback' },
      { host: '::1', port: 1, access: 'AnonymousLoopback' },
    ],
  ])('%j', (env, wanted) => {
    expect(readConfig(env).page).toEqual(wanted);
  });

  test.each([':8090', '0.0.0.0:8090', '10.0.0.1:8090', '[::]:8090', 'localhost:8090', '127.0.0.1.example:8090'])(
    'without a token not on %s',
    (listen) => {
      const env = { VFBENCH_PAGE_LISTEN: listen, VFBENCH_PAGE_ACCESS: 'AnonymousLoopback' };
      expect(() => readConfig(env)).toThrow(`VFBENCH_PAGE_LISTEN=${listen}: want 127.0.0.1:PORT`);
    },
  );
});

describe('what is wrong is told, with what is wanted', () => {
  test.each([
    ['VFBENCH_COLLECTOR_LISTEN', 'localhost', 'want HOST:PORT, such as 0.0.0.0:7443'],
    ['VFBENCH_COLLECTOR_LISTEN', '0.0.0.0:65536', 'want HOST:PORT'],
    ['VFBENCH_HEALTH_LISTEN', '::1:8080', 'want HOST:PORT'],
    ['VFBENCH_HEALTH_LISTEN', '', 'want HOST:PORT'],
    ['VFBENCH_COLLECTOR_URL', 'http://collector:7443', 'want https://HOST:PORT'],
    ['VFBENCH_COLLECTOR_URL', 'collector', 'want https://HOST:PORT'],
    ['VFBENCH_LEADER_ELECTION', 'yes', 'want true or false'],
    ['VFBENCH_PAGE_LISTEN', '8090', 'want HOST:PORT'],
    ['LOG_LEVEL', 'verbose', 'want one of trace, debug, info'],
  ])('%s=%s', (name, value, wanted) => {
    expect(() => readConfig({ [name]: value })).toThrow(`${name}=${value}: ${wanted}`);
  });

  test('a Service to announce the collector in, and no address', () => {
    expect(() => readConfig({ VFBENCH_COLLECTOR_SERVICE: 'collector' })).toThrow(
      'VFBENCH_POD_IP=: want the IP address',
    );
  });

  test('all at once', () => {
    const env = {
      LOG_LEVEL: 'x',
      VFBENCH_HEALTH_LISTEN: 'x',
      VFBENCH_COLLECTOR_URL: 'x',
      VFBENCH_LEADER_ELECTION: 'x',
    };
    for (const name of Object.keys(env)) expect(() => readConfig(env)).toThrow(`${name}=x`);
  });
});
