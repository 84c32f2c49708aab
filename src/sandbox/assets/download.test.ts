import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { cachedPath, controlPlaneBinaries, MissingBinariesError, type BinaryName } from './binaries.ts';
import { debianArchitecture } from './apt-config.ts';
import { findSum, releaseOf } from './download.ts';
import { obtainBinary } from './obtain.ts';
import { silentProgress } from './progress.ts';
import { ETCD_VERSION, KUBERNETES_VERSION } from './versions.ts';

const arch = debianArchitecture();
const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
const script = (version: string) => `#!/bin/sh\necho "Kubernetes ${version}"\n`;

let root: string;
let server: Server;
let files: Map<string, string | Buffer>;
let env: NodeJS.ProcessEnv;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vfbench-download-'));
  files = new Map();
  server = createServer((request, response) => {
    const file = files.get(request.url ?? '');
    response.writeHead(file === undefined ? 404 : 200).end(file);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // No Go on this PATH: what cannot be downloaded is not built here.
  env = { PATH: root, VFBENCH_KUBERNETES_RELEASES: `${base}/k8s`, VFBENCH_ETCD_RELEASES: `${base}/etcd` };
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(root, { recursive: true });
});

const options = () => ({ cache: { root }, progress: silentProgress(), env });
const publish = (name: BinaryName, data: string, sum = sha256(data)) => {
  files.set(`/k8s/${KUBERNETES_VERSION}/bin/linux/${arch}/${name}`, data);
  files.set(`/k8s/${KUBERNETES_VERSION}/bin/linux/${arch}/${name}.sha256`, sum);
};

describe('releases', () => {
  test('are the official ones', () => {
    expect(releaseOf('kubectl', 'arm64', {})).toEqual({
      url: `https://dl.k8s.io/release/${KUBERNETES_VERSION}/bin/linux/arm64/kubectl`,
      sums: `https://dl.k8s.io/release/${KUBERNETES_VERSION}/bin/linux/arm64/kubectl.sha256`,
    });
    expect(releaseOf('etcd', 'amd64', {}).url).toBe(
      `https://github.com/etcd-io/etcd/releases/download/${ETCD_VERSION}/etcd-${ETCD_VERSION}-linux-amd64.tar.gz`,
    );
  });

  test.each([
    ['one sum alone', `${'a'.repeat(64)}\n`, 'a'.repeat(64)],
    ['a list', `${'b'.repeat(64)}  other\n${'C'.repeat(64)} *file\n`, 'c'.repeat(64)],
    ['a list without the file', `${'b'.repeat(64)}  other\n`, undefined],
    ['an error page', '<html>not found</html>', undefined],
  ])('sum out of %s', (_name, text, want) => {
    expect(findSum(text, 'file')).toBe(want);
  });

  test('a program is downloaded, checked and can be executed', async () => {
    publish('kubectl', script('v1.36.3'));
    const target = cachedPath({ root }, 'kubectl');
    await obtainBinary('kubectl', target, options());
    expect(await readFile(target, 'utf8')).toBe(script('v1.36.3'));
    await access(target, constants.X_OK);
  });

  test('etcd is taken out of its archive', async () => {
    const name = `etcd-${ETCD_VERSION}-linux-${arch}`;
    await mkdir(join(root, 'pack', name), { recursive: true });
    await writeFile(join(root, 'pack', name, 'etcd'), 'the program');
    await writeFile(join(root, 'pack', name, 'README'), 'not wanted');
    const archive = execFileSync('tar', ['-czf', '-', '-C', join(root, 'pack'), name]);
    files.set(`/etcd/${ETCD_VERSION}/${name}.tar.gz`, archive);
    files.set(`/etcd/${ETCD_VERSION}/SHA256SUMS`, `${'0'.repeat(64)}  x\n${sha256(archive)}  ${name}.tar.gz\n`);
    const target = cachedPath({ root }, 'etcd');
    await obtainBinary('etcd', target, { ...options(), env: { ...env, PATH: process.env.PATH } });
    expect(await readFile(target, 'utf8')).toBe('the program');
  });
});

describe('programs that cannot be had', () => {
  test('a wrong sum is never kept, and the sentence names both ways', async () => {
    publish('kubectl', script('v1.36.3'), sha256('something else'));
    const target = cachedPath({ root }, 'kubectl');
    const got = obtainBinary('kubectl', target, { ...options(), goCandidates: ['go'] });
    await expect(got).rejects.toThrow(/^kubectl is needed: allow its download \(.*SHA-256.*\), or install Go >= 1\.21/);
    await expect(access(target)).rejects.toThrow();
  });

  test('without permission to obtain, missing ones are named', async () => {
    const asked = controlPlaneBinaries({ ...options(), obtain: false });
    await expect(asked).rejects.toThrow(MissingBinariesError);
    await expect(asked).rejects.toThrow(/^etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kubectl not/);
  });
});

describe("the machine's own programs", () => {
  const own = async (folder: string, versions: Partial<Record<BinaryName, string>>) => {
    await mkdir(join(root, folder), { recursive: true });
    for (const [name, version] of Object.entries(versions)) {
      await writeFile(join(root, folder, name), script(version), { mode: 0o755 });
    }
    return join(root, folder);
  };
  const servers = (version: string) => ({
    'kube-apiserver': version,
    'kube-controller-manager': version,
    'kube-scheduler': version,
  });
  const ask = (settings: NodeJS.ProcessEnv) => controlPlaneBinaries({ ...options(), env: settings, obtain: false });

  test('are taken where new enough, the assets of a test environment before PATH', async () => {
    const assets = await own('assets', { etcd: '3.6.4', kubectl: 'v1.34.1' });
    const path = await own('path', { etcd: '3.6.5', kubectl: 'v1.35.0', ...servers('v1.35.0') });
    const found = await ask({ KUBEBUILDER_ASSETS: assets, PATH: path });
    expect(found.etcd).toBe(join(assets, 'etcd'));
    expect(found.kubectl).toBe(join(assets, 'kubectl'));
    expect(found['kube-scheduler']).toBe(join(path, 'kube-scheduler'));
  });

  test.each([
    ['too old', servers('v1.33.9')],
    ['of different versions', { ...servers('v1.35.0'), 'kube-scheduler': 'v1.36.0' }],
    ['not all there', { 'kube-apiserver': 'v1.36.0' }],
  ])('are left alone where %s', async (_name, versions) => {
    const path = await own('path', { etcd: '3.6.5', kubectl: 'v1.36.0', ...versions });
    await expect(ask({ PATH: path })).rejects.toThrow(
      /^kube-apiserver, kube-controller-manager, kube-scheduler not prepared/,
    );
  });
});
