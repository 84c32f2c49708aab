/** For tests: the recorded objects in `testdata/`. */
import { readFileSync } from 'node:fs';

/** A file of `testdata/`, parsed. */
export function testdata<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(`./testdata/${file}`, import.meta.url), 'utf8')) as T;
}
