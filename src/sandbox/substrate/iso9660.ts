/** Writes small flat ISO 9660 images: the NoCloud seed of a guest. ECMA-119, names as they are. Pure. */

const SECTOR = 2048;
/** Sector numbers: 16 sectors of system area, then these. */
const PRIMARY_DESCRIPTOR = 16;
const TERMINATOR = 17;
const PATH_TABLE_LITTLE = 18;
const PATH_TABLE_BIG = 19;
const ROOT_DIRECTORY = 20;

/**
 * An image labelled `label` with the files (name -> text) in its root. Names are stored as given: longer and richer
 * than the standard's strictest level allows, as cloud-init's file names need and Linux reads.
 */
export function isoImage(label: string, files: Record<string, string>): Buffer {
  const names = Object.keys(files).toSorted();
  const contents = names.map((name) => Buffer.from(files[name] ?? ''));
  const directorySectors = Math.ceil((68 + names.reduce((sum, name) => sum + recordLength(name), 0)) / SECTOR) + 1;
  let next = ROOT_DIRECTORY + directorySectors;
  const places = contents.map((content) => {
    const place = next;
    next += Math.max(1, Math.ceil(content.length / SECTOR));
    return place;
  });
  const image = Buffer.alloc(next * SECTOR);
  const root = directoryRecord('\0', ROOT_DIRECTORY, directorySectors * SECTOR, true);
  primaryDescriptor(label, next, root).copy(image, PRIMARY_DESCRIPTOR * SECTOR);
  Buffer.from('\xffCD001\x01', 'latin1').copy(image, TERMINATOR * SECTOR);
  pathTable('little').copy(image, PATH_TABLE_LITTLE * SECTOR);
  pathTable('big').copy(image, PATH_TABLE_BIG * SECTOR);
  const parent = directoryRecord('\x01', ROOT_DIRECTORY, directorySectors * SECTOR, true);
  const records = names.map((name, i) => directoryRecord(name, places[i] ?? 0, contents[i]?.length ?? 0, false));
  writeRecords(image, [root, parent, ...records]);
  contents.forEach((content, i) => content.copy(image, (places[i] ?? 0) * SECTOR));
  return image;
}

/** A record never crosses a sector's end. */
function writeRecords(image: Buffer, records: readonly Buffer[]): void {
  let at = ROOT_DIRECTORY * SECTOR;
  for (const record of records) {
    if ((at % SECTOR) + record.length > SECTOR) at = Math.ceil(at / SECTOR) * SECTOR;
    record.copy(image, at);
    at += record.length;
  }
}

function primaryDescriptor(label: string, sectors: number, root: Buffer): Buffer {
  const block = Buffer.alloc(SECTOR);
  block.write('\x01CD001\x01', 0, 'latin1');
  block.fill(' ', 8, 72).write(label.padEnd(32), 40, 'latin1');
  both32(block, 80, sectors);
  both16(block, 120, 1);
  both16(block, 124, 1);
  both16(block, 128, SECTOR);
  both32(block, 132, 10);
  block.writeUInt32LE(PATH_TABLE_LITTLE, 140);
  block.writeUInt32BE(PATH_TABLE_BIG, 148);
  root.copy(block, 156);
  block.fill(' ', 190, 813);
  for (const at of [813, 830, 847, 864]) block.write('0000000000000000\0', at, 'latin1');
  block.writeUInt8(1, 881);
  return block;
}

/** The root alone. */
function pathTable(order: 'little' | 'big'): Buffer {
  const table = Buffer.alloc(10);
  table.writeUInt8(1, 0);
  if (order === 'little') table.writeUInt32LE(ROOT_DIRECTORY, 2);
  else table.writeUInt32BE(ROOT_DIRECTORY, 2);
  if (order === 'little') table.writeUInt16LE(1, 6);
  else table.writeUInt16BE(1, 6);
  return table;
}

const recordLength = (name: string): number => 33 + name.length + ((33 + name.length) % 2);

function directoryRecord(name: string, sector: number, bytes: number, isDirectory: boolean): Buffer {
  const record = Buffer.alloc(recordLength(name));
  record.writeUInt8(record.length, 0);
  both32(record, 2, sector);
  both32(record, 10, bytes);
  record.set([70, 1, 1, 0, 0, 0, 0], 18);
  record.writeUInt8(isDirectory ? 2 : 0, 25);
  both16(record, 28, 1);
  record.writeUInt8(name.length, 32);
  record.write(name, 33, 'latin1');
  return record;
}

function both16(buffer: Buffer, at: number, value: number): void {
  buffer.writeUInt16LE(value, at);
  buffer.writeUInt16BE(value, at + 2);
}

function both32(buffer: Buffer, at: number, value: number): void {
  buffer.writeUInt32LE(value, at);
  buffer.writeUInt32BE(value, at + 4);
}
