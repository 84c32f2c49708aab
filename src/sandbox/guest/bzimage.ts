/** Takes the kernel proper out of an x86 bzImage. Pure. */
import { zstdDecompressSync } from 'node:zlib';

const SECTOR = 512;
/** Offsets in the setup header, Documentation/arch/x86/boot.rst. */
const SETUP_SECTORS = 0x1f1;
const MAGIC = 0x202;
const PAYLOAD_OFFSET = 0x248;
const PAYLOAD_LENGTH = 0x24c;
/** The payload ends with its unpacked length. */
const TRAILER = 4;

/** The ELF image in a zstd-compressed bzImage. Throws for anything else. */
export function unpackKernel(image: Buffer): Buffer {
  if (image.toString('latin1', MAGIC, MAGIC + 4) !== 'HdrS') throw new Error('the kernel is no bzImage');
  const start = ((image[SETUP_SECTORS] ?? 0) + 1) * SECTOR + image.readUInt32LE(PAYLOAD_OFFSET);
  const payload = image.subarray(start, start + image.readUInt32LE(PAYLOAD_LENGTH) - TRAILER);
  const kernel = zstdDecompressSync(payload);
  if (kernel.toString('latin1', 1, 4) !== 'ELF') throw new Error('the kernel unpacks to no ELF image');
  return kernel;
}
