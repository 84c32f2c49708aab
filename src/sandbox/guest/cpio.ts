/** Writes cpio archives in the `newc` form, the one the kernel unpacks as an initrd. Pure. */

/** Type and permission bits as in `st_mode`. */
const DIRECTORY = 0o040755;
const EXECUTABLE = 0o100755;
const DEVICE = 0o020600;

export type CpioEntry =
  | { path: string; kind: 'directory' }
  | { path: string; kind: 'file'; content: Buffer }
  | { path: string; kind: 'device'; major: number; minor: number };

/** An archive of the entries in order (parents must come before children), all owned by root, times zero. */
export function cpioArchive(entries: readonly CpioEntry[]): Buffer {
  const parts = entries.map((entry, index) => record(entry, index + 1));
  return Buffer.concat([...parts, record({ path: 'TRAILER!!!', kind: 'file', content: Buffer.alloc(0) }, 0)]);
}

function record(entry: CpioEntry, inode: number): Buffer {
  const content = entry.kind === 'file' ? entry.content : Buffer.alloc(0);
  const [major, minor] = entry.kind === 'device' ? [entry.major, entry.minor] : [0, 0];
  const links = entry.kind === 'directory' ? 2 : 1;
  const name = Buffer.from(`${entry.path}\0`);
  const fields = [inode, modeOf(entry), 0, 0, links, 0, content.length, 0, 0, major, minor, name.length, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
  return Buffer.concat([padded(Buffer.concat([Buffer.from(header), name])), padded(content)]);
}

function modeOf(entry: CpioEntry): number {
  if (entry.kind === 'directory') return DIRECTORY;
  return entry.kind === 'device' ? DEVICE : EXECUTABLE;
}

function padded(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
}
