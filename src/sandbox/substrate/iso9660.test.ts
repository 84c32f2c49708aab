import { describe, expect, test } from '@jest/globals';
import { isoImage } from './iso9660.ts';

const SECTOR = 2048;

/** Reads the root folder the way the standard says, by the primary descriptor's record of it. */
function readImage(image: Buffer): { label: string; files: Record<string, string> } {
  const descriptor = image.subarray(16 * SECTOR, 17 * SECTOR);
  expect(descriptor.toString('latin1', 0, 6)).toBe('\x01CD001');
  expect(descriptor.readUInt32LE(80) * SECTOR).toBe(image.length);
  const start = descriptor.readUInt32LE(158) * SECTOR;
  const end = start + descriptor.readUInt32LE(166);
  const files: Record<string, string> = {};
  for (let at = start; at < end;) {
    const length = image[at] ?? 0;
    if (length === 0) {
      at = (Math.floor(at / SECTOR) + 1) * SECTOR;
      continue;
    }
    expect(Math.floor(at / SECTOR)).toBe(Math.floor((at + length - 1) / SECTOR));
    const name = image.toString('latin1', at + 33, at + 33 + (image[at + 32] ?? 0));
    const data = image.readUInt32LE(at + 2) * SECTOR;
    if (((image[at + 25] ?? 0) & 2) === 0)
      files[name] = image.toString('utf8', data, data + image.readUInt32LE(at + 10));
    expect(image.readUInt32BE(at + 6)).toBe(image.readUInt32LE(at + 2));
    at += length;
  }
  return { label: descriptor.toString('latin1', 40, 72).trimEnd(), files };
}

describe('isoImage', () => {
  test('holds the files of a seed under the label', () => {
    const files = {
      'user-data': `#cloud-config\n${'x'.repeat(5000)}`,
      'meta-data': '',
      'network-config': 'version: 2',
    };
    expect(readImage(isoImage('cidata', files))).toEqual({ label: 'cidata', files });
  });

  test('has the label where guests look for it', () => {
    const at = 32808;
    expect(isoImage('cidata', {}).toString('latin1', at, at + 6)).toBe('cidata');
  });

  test('holds more files than one sector of records', () => {
    const files = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`file-with-a-long-name-${i}`, `${i}`]));
    expect(readImage(isoImage('many', files)).files).toEqual(files);
  });
});
