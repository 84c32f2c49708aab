import { describe, expect, test } from '@jest/globals';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { COLLECTOR_SERVER_NAME } from '../api/protocol.ts';
import { createCertificates, createServerCertificate, needsRenewal } from './certificates.ts';

const NOW = new Date('2026-03-01T00:00:00Z');
const later = (days: number): Date => new Date(NOW.getTime() + days * 86_400_000);

describe('certificates', () => {
  test('form a chain for the server name, with keys that fit', async () => {
    const { ca, server } = await createCertificates(NOW);
    const root = new X509Certificate(ca.cert);
    const leaf = new X509Certificate(server.cert);
    expect(root.ca).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(leaf.verify(root.publicKey)).toBe(true);
    expect(leaf.checkIssued(root)).toBe(true);
    expect(leaf.checkHost(COLLECTOR_SERVER_NAME)).toBe(COLLECTOR_SERVER_NAME);
    expect(leaf.checkHost('example.org')).toBeUndefined();
    expect(leaf.checkPrivateKey(createPrivateKey(server.key))).toBe(true);
    expect(root.checkPrivateKey(createPrivateKey(ca.key))).toBe(true);
  });

  test('last ten years and one, from a day ago', async () => {
    const { ca, server } = await createCertificates(NOW);
    expect(new Date(new X509Certificate(ca.cert).validTo)).toEqual(later(3650));
    expect(new Date(new X509Certificate(server.cert).validTo)).toEqual(later(365));
    expect(new Date(new X509Certificate(server.cert).validFrom)).toEqual(later(-1));
  });

  test('are renewed under the same CA a month before their end', async () => {
    const { ca, server } = await createCertificates(NOW);
    expect(needsRenewal(server.cert, later(334))).toBe(false);
    expect(needsRenewal(server.cert, later(336))).toBe(true);
    expect(needsRenewal('rubbish', NOW)).toBe(true);
    const renewed = await createServerCertificate(ca, later(336));
    expect(new X509Certificate(renewed.cert).checkIssued(new X509Certificate(ca.cert))).toBe(true);
    expect(new X509Certificate(renewed.cert).verify(new X509Certificate(ca.cert).publicKey)).toBe(true);
    expect(needsRenewal(renewed.cert, later(336))).toBe(false);
  });
});
