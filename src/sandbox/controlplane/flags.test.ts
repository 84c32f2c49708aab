import { describe, expect, test } from '@jest/globals';
import { componentFlags, COMPONENTS, schedulerConfig, type Layout } from './flags.ts';

const layout: Layout = {
  dir: '/state/x',
  ports: { etcd: 1001, 'kube-apiserver': 1002, 'kube-controller-manager': 1003, 'kube-scheduler': 1004 },
  audit: false,
};

describe('command lines', () => {
  test.each(COMPONENTS)('%s listens on loopback only', (component) => {
    const addresses = componentFlags(component, layout).filter((flag) => /listen|bind|advertise/.test(flag));
    expect(addresses.length).toBeGreaterThan(0);
    expect(addresses.filter((flag) => !flag.includes('127.0.0.1'))).toEqual([]);
  });

  test.each(COMPONENTS)('%s keeps all files in its directory', (component) => {
    const paths = componentFlags(component, layout).flatMap((flag) => /=(\/[^,]*)$/.exec(flag)?.[1] ?? []);
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.filter((path) => !path.startsWith('/state/x/') && !path.startsWith('/healthz'))).toEqual([]);
  });

  test('no component waits for an election: each is alone', () => {
    expect(componentFlags('kube-controller-manager', layout)).toContain('--leader-elect=false');
    expect(JSON.parse(schedulerConfig('/k'))).toMatchObject({ leaderElection: { leaderElect: false } });
  });

  test('the audit log is written only where asked for', () => {
    const audit = (on: boolean) =>
      componentFlags('kube-apiserver', { ...layout, audit: on }).filter((f) => /audit/.test(f));
    expect(audit(false)).toEqual([]);
    expect(audit(true)).toContain('--audit-log-path=/state/x/audit.log');
  });

  test('access is decided by RBAC', () => {
    expect(componentFlags('kube-apiserver', layout)).toContain('--authorization-mode=RBAC');
  });
});
