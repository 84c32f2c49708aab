/** A support bundle in the making: redacted files within bounds, and a page that says what is in it and what is not. Pure. */
import { Addresses } from './addresses.ts';
import { Redactor } from './redact.ts';
import { tar, type TarFile } from './tar.ts';

/** Octets before packing. */
const LARGEST_FILE = 4 * 1024 ** 2;
const LARGEST_BUNDLE = 24 * 1024 ** 2;
const LONGEST_PATH = 100 - 'vfbench-support/'.length;

export interface BundleOptions {
  hideAddresses: boolean;
  largestFile?: number;
  largestBundle?: number;
}

interface Entry {
  file: string;
  what: string;
}

export class Bundle {
  readonly taken: Entry[] = [];
  readonly leftOut: Entry[] = [];
  readonly #files: TarFile[] = [];
  readonly #addresses: Addresses | null;
  readonly #redactor: Redactor;
  readonly #largestFile: number;
  #room: number;

  constructor({ hideAddresses, largestFile = LARGEST_FILE, largestBundle = LARGEST_BUNDLE }: BundleOptions) {
    this.#addresses = hideAddresses ? new Addresses() : null;
    this.#redactor = new Redactor(this.#addresses);
    this.#largestFile = largestFile;
    this.#room = largestBundle;
  }

  get redacted(): number {
    return this.#redactor.count;
  }

  /** A document, `count` objects of it. A list is cut by whole objects where it is too large. */
  object(file: string, value: unknown, count: number): void {
    const clean = this.#redactor.value(value);
    const text = JSON.stringify(clean, null, 1);
    if (Buffer.byteLength(text) <= this.#largestFile || !Array.isArray(clean))
      return this.#add(file, text, objects(count));
    const kept = fitting(clean, this.#largestFile);
    this.leaveOut(file, `${clean.length - kept.length} of ${clean.length} objects, the file would be too large`);
    this.#add(file, JSON.stringify(kept, null, 1), objects(kept.length));
  }

  /** A log, the end of it where it is too large. */
  log(file: string, text: string): void {
    const clean = this.#redactor.lines(text);
    const bytes = Buffer.from(clean);
    const cut = bytes.subarray(Math.max(0, bytes.length - this.#largestFile)).toString();
    if (bytes.length > this.#largestFile) this.leaveOut(file, 'its beginning, the file would be too large');
    this.#add(file, cut, `${cut.split('\n').length - 1} lines`);
  }

  leaveOut(file: string, what: string): void {
    this.leftOut.push({ file, what });
  }

  /** The archive, unpacked into one folder. `made`: seconds since the epoch. */
  archive(made: number): Buffer {
    const page = { path: 'README.txt', content: Buffer.from(this.page()) };
    const files = [page, ...this.#files].map((file) => ({ ...file, path: `vfbench-support/${file.path}` }));
    return tar(files, made);
  }

  page(): string {
    const lines = (entries: readonly Entry[]): string[] =>
      entries.length === 0 ? ['  nothing'] : entries.map(({ file, what }) => `  ${file}: ${what}`);
    const addresses =
      this.#addresses === null
        ? 'IP and MAC addresses are as they were.'
        : `${this.#addresses.size} IP and MAC addresses have other names; one address, one name.`;
    return [
      'Support bundle of vfbench',
      '',
      `Taken out as possible secrets: ${this.redacted} places. ${addresses}`,
      'Never read: Secrets, ConfigMaps, logs and files of endpoints.',
      'Names of objects, nodes and images are as they were. A secret in plain words cannot be told from other words: look through these files before you hand them on.',
      '',
      'Taken:',
      ...lines(this.taken),
      '',
      'Left out:',
      ...lines(this.leftOut),
      '',
    ].join('\n');
  }

  #add(file: string, text: string, what: string): void {
    const content = Buffer.from(text);
    const problem =
      Buffer.byteLength(file) > LONGEST_PATH
        ? 'its name is too long for an archive'
        : content.length > Math.min(this.#room, this.#largestFile)
          ? 'the bundle would be too large'
          : null;
    if (problem !== null) return this.leaveOut(file, problem);
    this.#room -= content.length;
    this.#files.push({ path: file, content });
    this.taken.push({ file, what });
  }
}

const objects = (count: number): string => (count === 1 ? '1 object' : `${count} objects`);

/** As many of the first items as fit, as JSON with one space of indentation. */
function fitting(items: readonly unknown[], bytes: number): unknown[] {
  let left = bytes - 4;
  const end = items.findIndex((item) => {
    // Each line is indented by one more in a list.
    const text = JSON.stringify(item, null, 1);
    left -= Buffer.byteLength(text) + text.split('\n').length + 2;
    return left < 0;
  });
  return end === -1 ? [...items] : items.slice(0, end);
}
