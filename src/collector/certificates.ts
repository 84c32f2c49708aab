/**
 * The collector's own small public key infrastructure: a CA that endpoints are told to trust, and a server
 * certificate for COLLECTOR_SERVER_NAME whatever address it is reached by. Knows nothing of where both are kept.
 */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { COLLECTOR_SERVER_NAME } from '../api/protocol.ts';

/** Certificate and private key (PKCS #8), both PEM. */
export interface KeyPair {
  cert: string;
  key: string;
}

export interface Certificates {
  ca: KeyPair;
  server: KeyPair;
}

const DAY_MS = 86_400_000;
const CA_DAYS = 3650;
const SERVER_DAYS = 365;
/** A guest's clock may lag behind the operator's. */
const BACKDATE_DAYS = 1;
/** A server certificate is renewed when less than this is left of it. */
const RENEW_DAYS = 30;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** A fresh CA (valid 10 years from `now`) and a server certificate signed by it (1 year), ECDSA P-256. */
export async function createCertificates(now: Date): Promise<Certificates> {
  const keys = await generateKeys();
  const name = 'CN=vfbench collector CA';
  const cert = await x509.X509CertificateGenerator.create(
    {
      ...validity(now, CA_DAYS),
      serialNumber: serialNumber(),
      subject: name,
      issuer: name,
      publicKey: keys.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  const ca = { cert: cert.toString('pem'), key: await privatePem(keys.privateKey) };
  return { ca, server: await createServerCertificate(ca, now) };
}

/** A server certificate (1 year from `now`) signed by an existing CA. Throws where `ca` is no such pair. */
export async function createServerCertificate(ca: KeyPair, now: Date): Promise<KeyPair> {
  const issuer = new x509.X509Certificate(ca.cert);
  const keys = await generateKeys();
  const cert = await x509.X509CertificateGenerator.create(
    {
      ...validity(now, SERVER_DAYS),
      serialNumber: serialNumber(),
      subject: `CN=${COLLECTOR_SERVER_NAME}`,
      issuer: issuer.subject,
      publicKey: keys.publicKey,
      signingKey: await importPrivate(ca.key),
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: COLLECTOR_SERVER_NAME }]),
        await x509.AuthorityKeyIdentifierExtension.create(issuer, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return { cert: cert.toString('pem'), key: await privatePem(keys.privateKey) };
}

/** True where a certificate (PEM) is not valid for another 30 days from `now`, or is none at all. */
export function needsRenewal(cert: string, now: Date): boolean {
  try {
    return new x509.X509Certificate(cert).notAfter.getTime() - now.getTime() < RENEW_DAYS * DAY_MS;
  } catch {
    return true;
  }
}

function validity(now: Date, days: number): { notBefore: Date; notAfter: Date } {
  return {
    notBefore: new Date(now.getTime() - BACKDATE_DAYS * DAY_MS),
    notAfter: new Date(now.getTime() + days * DAY_MS),
  };
}

/** Positive, as RFC 5280 4.1.2.2 asks: the first bit is never set. */
function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function privatePem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

async function importPrivate(pem: string): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), ALGORITHM, false, ['sign']);
}
