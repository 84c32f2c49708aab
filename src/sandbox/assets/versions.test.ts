import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { buildArguments, buildTitle } from './gobuild.ts';
import { atLeast, ETCD_VERSION, KUBERNETES_VERSION, parseVersion } from './versions.ts';

const tools = join(import.meta.dirname, '../../../tools');
const goMod = (name: string) => readFileSync(join(tools, name, 'go.mod'), 'utf8');

describe('versions', () => {
  test('are those that tools/ builds', () => {
    expect(goMod('kubernetes')).toContain(`k8s.io/kubernetes ${KUBERNETES_VERSION}\n`);
    expect(goMod('etcd')).toContain(`go.etcd.io/etcd/server/v3 ${ETCD_VERSION}\n`);
  });

  test('take every staging module from the same release', () => {
    const release = KUBERNETES_VERSION.replace('v1.', 'v0.');
    const replaced = [...goMod('kubernetes').matchAll(/(k8s\.io\/\S+) => \S+ (v\S+)/g)];
    expect(replaced.length).toBeGreaterThan(20);
    expect(replaced.filter(([, , version]) => version !== release)).toEqual([]);
  });

  test.each([
    ['1.36.3', '1.34.0', true],
    ['1.34.0', '1.34.0', true],
    ['1.33.9', '1.34.0', false],
    ['1.100.0', '1.34.0', true],
    ['3.5.9', '3.5.21', false],
    ['2.0.0', '1.34.0', true],
  ])('%s is at least %s: %s', (version, minimum, want) => {
    expect(atLeast(version, minimum)).toBe(want);
  });

  test.each([
    ['Kubernetes v1.36.3\n', '1.36.3'],
    ['etcd Version: 3.6.16\nGit SHA: Not provided\nGo Version: go1.26.8\n', '3.6.16'],
    ['Client Version: v1.36.3\nKustomize Version: v5.8.1\n', '1.36.3'],
    ['Kubernetes v1.35.0-rc.1+k3s1\n', '1.35.0'],
    ['command not found', undefined],
  ])('reads %j', (text, want) => {
    expect(parseVersion(text)).toBe(want);
  });

  test('a build says how much of building comes after it', () => {
    expect(buildTitle('etcd', ['etcd', 'kube-scheduler', 'kubectl'])).toBe('Building etcd with Go, then 2 more (42 s)');
    expect(buildTitle('kubectl', ['kubectl'])).toBe('Building kubectl with Go');
  });

  test('are stamped into what is built, so that the API server says who it is', () => {
    const { args, cwd } = buildArguments('kube-apiserver', '/out/kube-apiserver');
    expect(cwd).toBe(join(tools, 'kubernetes'));
    expect(args.join(' ')).toContain(`-X k8s.io/component-base/version.gitVersion=${KUBERNETES_VERSION} `);
    expect(args.slice(-3)).toEqual(['-o', '/out/kube-apiserver', 'k8s.io/kubernetes/cmd/kube-apiserver']);
  });
});
