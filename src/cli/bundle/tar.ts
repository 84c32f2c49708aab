/** A tar archive (POSIX.1-1988 ustar) of small files: 512 octets of header each, content filled up to 512. Pure. */

export interface TarFile {
  /** Relative, at most 100 octets. */
  path: string;
  content: Buffer;
}

const BLOCK = 512;
const MODE = 0o600;

/** `mtime`: seconds since the epoch, of every file. @throws Error for a path that does not fit. */
export function tar(files: readonly TarFile[], mtime: number): Buffer {
  const blocks = files.flatMap(({ path, content }) => [
    header(path, content.length, mtime),
    content,
    filling(content.length),
  ]);
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

const filling = (length: number): Buffer => Buffer.alloc((BLOCK - (length % BLOCK)) % BLOCK);

function header(path: string, size: number, mtime: number): Buffer {
  if (Buffer.byteLength(path) > 100) throw new Error(`path too long for an archive: ${path}`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number): void => {
    block.write(value.toString(8).padStart(length - 1, '0'), at);
  };
  block.write(path, 0);
  octal(MODE, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(mtime, 136, 12);
  block.fill(' ', 148, 156);
  block.write('0', 156);
  block.write('ustar\u000000', 257);
  const sum = block.reduce((total, octet) => total + octet, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\u0000 `, 148);
  return block;
}
