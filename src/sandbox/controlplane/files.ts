/** Writes what the control plane's programs read: keys, certificates, configuration. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAuthority, type Authority, type KeyPair } from './certificates.ts';
import { auditPolicy, FILES, schedulerConfig } from './flags.ts';
import { kubeconfigText } from './kubeconfig.ts';

export interface Credentials {
  /** Signs the servers and every user of the API. */
  authority: Authority;
  /** A client of etcd. etcd has an authority of its own: no API user may pass it by. */
  etcdClient: KeyPair;
  etcdCa: string;
}

const SERVICE_NAMES = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];

/** Fills `dir` with all that does not depend on ports. */
export async function writeFiles(dir: string): Promise<Credentials> {
  await mkdir(join(dir, 'pki'), { recursive: true, mode: 0o700 });
  await mkdir(join(dir, 'logs'), { recursive: true });
  const [authority, etcd] = await Promise.all([createAuthority('vfbench-sandbox'), createAuthority('vfbench-etcd')]);
  const [server, etcdServer, etcdClient] = await Promise.all([
    authority.server('kube-apiserver', SERVICE_NAMES),
    etcd.server('etcd'),
    etcd.client({ user: 'kube-apiserver' }),
  ]);
  const serviceAccounts = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
  });
  const files: Record<string, string> = {
    [FILES.ca]: authority.certificate,
    [FILES.etcdCa]: etcd.certificate,
    ...pairFiles(FILES.server, server),
    ...pairFiles(FILES.etcdServer, etcdServer),
    ...pairFiles(FILES.etcdClient, etcdClient),
    [FILES.serviceAccountKey]: serviceAccounts.privateKey,
    [FILES.serviceAccountPublic]: serviceAccounts.publicKey,
    [FILES.auditPolicy]: auditPolicy(),
    [FILES.scheduler]: schedulerConfig(join(dir, FILES.schedulerKubeconfig)),
  };
  for (const [name, text] of Object.entries(files)) await writePrivate(join(dir, name), text);
  return { authority, etcdClient, etcdCa: etcd.certificate };
}

/** Writes the kubeconfigs of the administrator and of the programs; returns the administrator's path. */
export async function writeKubeconfigs(dir: string, url: string, authority: Authority): Promise<string> {
  const users = [
    { file: FILES.admin, user: 'admin', groups: ['system:masters'] },
    { file: FILES.controllerKubeconfig, user: 'system:kube-controller-manager', groups: ['system:masters'] },
    { file: FILES.schedulerKubeconfig, user: 'system:kube-scheduler', groups: [] },
  ];
  for (const { file, user, groups } of users) {
    await writePrivate(join(dir, file), await userKubeconfig({ url, authority, user, groups }));
  }
  return join(dir, FILES.admin);
}

/** Text of a kubeconfig for any user; the API server believes its certificate. */
export async function userKubeconfig(of: {
  url: string;
  authority: Authority;
  user: string;
  groups: readonly string[];
}): Promise<string> {
  const client = await of.authority.client({ user: of.user, groups: of.groups });
  return kubeconfigText({ url: of.url, ca: of.authority.certificate, user: of.user, client });
}

/** Writes a file that only its owner may read. */
export async function writePrivate(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
}

const pairFiles = (name: string, pair: KeyPair) => ({ [`${name}.crt`]: pair.certificate, [`${name}.key`]: pair.key });
