import { zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { unpackKernel } from './bzimage.ts';

function bzImage(kernel: Buffer): Buffer {
  const payload = Buffer.concat([zstdCompressSync(kernel), Buffer.alloc(4, 0xab)]);
  const setup = Buffer.alloc(4 * 512);
  setup.writeUInt8(3, 0x1f1);
  setup.write('HdrS', 0x202);
  setup.writeUInt32LE(100, 0x248);
  setup.writeUInt32LE(payload.length, 0x24c);
  return Buffer.concat([setup, Buffer.alloc(100), payload, Buffer.from('relocations')]);
}

describe('unpackKernel', () => {
  test('gives the ELF image inside', () => {
    const kernel = Buffer.concat([Buffer.from('\x7fELF'), Buffer.alloc(100_000, 1)]);
    expect(unpackKernel(bzImage(kernel)).equals(kernel)).toBe(true);
  });

  test('refuses what is no kernel', () => {
    expect(() => unpackKernel(Buffer.alloc(4096))).toThrow('the kernel is no bzImage');
    expect(() => unpackKernel(bzImage(Buffer.from('other')))).toThrow('the kernel unpacks to no ELF image');
  });
});
