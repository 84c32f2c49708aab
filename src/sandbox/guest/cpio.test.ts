import { describe, expect, test } from '@jest/globals';
import { cpioArchive } from './cpio.ts';

interface Entry {
  mode: number;
  data: string;
  device: [number, number];
}

/** Reads an archive by its headers, as Documentation/driver-api/early-userspace/buffer-format.rst describes them. */
function readArchive(archive: Buffer): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (let at = 0; at < archive.length;) {
    expect(at % 4).toBe(0);
    expect(archive.toString('latin1', at, at + 6)).toBe('070701');
    const field = (index: number): number =>
      Number.parseInt(archive.toString('latin1', at + 6 + 8 * index, at + 14 + 8 * index), 16);
    const [mode, size, nameSize] = [field(1), field(6), field(11)];
    const name = archive.toString('utf8', at + 110, at + 110 + nameSize - 1);
    const data = Math.ceil((at + 110 + nameSize) / 4) * 4;
    entries.set(name, { mode, data: archive.toString('utf8', data, data + size), device: [field(9), field(10)] });
    at = Math.ceil((data + size) / 4) * 4;
  }
  return entries;
}

describe('cpioArchive', () => {
  test('holds folders, executables and devices, and ends as the kernel expects', () => {
    const entries = readArchive(
      cpioArchive([
        { path: 'dev', kind: 'directory' },
        { path: 'dev/console', kind: 'device', major: 5, minor: 1 },
        { path: 'init', kind: 'file', content: Buffer.from('#!/bin/sh') },
      ]),
    );
    expect([...entries.keys()]).toEqual(['dev', 'dev/console', 'init', 'TRAILER!!!']);
    expect(entries.get('dev')?.mode).toBe(0o040755);
    expect(entries.get('dev/console')).toMatchObject({ mode: 0o020600, device: [5, 1] });
    expect(entries.get('init')).toMatchObject({ mode: 0o100755, data: '#!/bin/sh' });
  });

  test('is the same for the same entries', () => {
    const make = (): Buffer => cpioArchive([{ path: 'a', kind: 'file', content: Buffer.from('b') }]);
    expect(make().equals(make())).toBe(true);
  });
});
