/** Throw-away certificate authorities for one control plane: P-256 keys, valid for thirty days. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const VALID_MS = 30 * 24 * 3600 * 1000;
/** Clocks of guests and hosts differ a little. */
const BACKDATE_MS = 300_000;
const EXTENDED_KEY_USAGE = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' };

export interface KeyPair {
  /** PEM. */
  certificate: string;
  /** PEM, PKCS #8. */
  key: string;
}

export interface Subject {
  user: string;
  /** Kubernetes takes a client's groups from its organisations. */
  groups?: readonly string[];
}

export interface Authority {
  /** PEM of the authority's own certificate. */
  certificate: string;
  /** Certificate of a server on the loopback addresses, `localhost` and `names`. */
  server(user: string, names?: readonly string[]): Promise<KeyPair>;
  client(subject: Subject): Promise<KeyPair>;
}

/** A new authority of that name. */
export async function createAuthority(name: string): Promise<Authority> {
  const keys = await generate();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(),
    serialNumber: serial(),
    name: distinguishedName({ user: name }),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const issue = (subject: Subject, extensions: x509.Extension[]) =>
    sign({ ca, key: keys.privateKey }, subject, extensions);
  const client = [new x509.ExtendedKeyUsageExtension([EXTENDED_KEY_USAGE.client])];
  return {
    certificate: ca.toString('pem'),
    client: (subject) => issue(subject, client),
    server: (user, names = []) => issue({ user }, serverExtensions(names)),
  };
}

function serverExtensions(names: readonly string[]): x509.Extension[] {
  const addresses: x509.JsonGeneralName[] = ['127.0.0.1', '::1'].map((value) => ({ type: 'ip', value }));
  const hosts: x509.JsonGeneralName[] = ['localhost', ...names].map((value) => ({ type: 'dns', value }));
  // etcd talks to itself over its own server port, as a client.
  const usages = [EXTENDED_KEY_USAGE.server, EXTENDED_KEY_USAGE.client];
  return [
    new x509.ExtendedKeyUsageExtension(usages),
    new x509.SubjectAlternativeNameExtension([...addresses, ...hosts]),
  ];
}

interface Issuer {
  ca: x509.X509Certificate;
  key: webcrypto.CryptoKey;
}

async function sign(issuer: Issuer, subject: Subject, extensions: x509.Extension[]): Promise<KeyPair> {
  const keys = await generate();
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity(),
    serialNumber: serial(),
    subject: distinguishedName(subject),
    issuer: issuer.ca.subject,
    publicKey: keys.publicKey,
    signingKey: issuer.key,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.ca),
      ...extensions,
    ],
  });
  return { certificate: certificate.toString('pem'), key: await privateKeyPem(keys.privateKey) };
}

function distinguishedName({ user, groups = [] }: Subject): x509.JsonName {
  return [...groups.map((group) => ({ O: [group] })), { CN: [user] }];
}

function validity(): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - BACKDATE_MS), notAfter: new Date(Date.now() + VALID_MS) };
}

function serial(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}

function generate(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}
