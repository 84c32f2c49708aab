/**
 * Licences of the packages that ship in the bundles. `npm run licences` writes their texts to dist/third-party-licences.txt
 * and fails where one is not allowed or has no text.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/** SPDX identifiers that may ship with an Apache-2.0 program: permissive, no copyleft. */
export const ALLOWED: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'PSF-2.0',
  'Python-2.0',
  'Unlicense',
]);

export interface ShippedPackage {
  name: string;
  version: string;
  /** As its package.json says it: an SPDX expression; empty where it says nothing. */
  licence: string;
  folder: string;
}

/** An expression is allowed where one side of OR, or every side of AND, is. */
export function isAllowed(expression: string): boolean {
  const plain = expression.replaceAll(/[()]/g, ' ').trim();
  return plain.split(/\s+OR\s+/).some((side) => side.split(/\s+AND\s+/).every((id) => ALLOWED.has(id.trim())));
}

interface LockedPackage {
  dev?: boolean;
  devOptional?: boolean;
}

/** Production dependencies that are installed, by the lock file. */
export function shippedPackages(root: string = ROOT): ShippedPackage[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockedPackage>;
  };
  const found = Object.entries(lock.packages).filter(([path, { dev = false }]) => path !== '' && !dev);
  return found.flatMap(([path]) => {
    const file = join(root, path, 'package.json');
    if (!existsSync(file)) return [];
    const {
      name,
      version,
      license = '',
    } = JSON.parse(readFileSync(file, 'utf8')) as {
      name: string;
      version: string;
      license?: unknown;
    };
    return [{ name, version, licence: typeof license === 'string' ? license : '', folder: join(root, path) }];
  });
}

/** What a package says of its licence in a file of its own; empty where there is none. */
export function licenceText(folder: string): string {
  const files = readdirSync(folder).filter((name) => /^(licen[cs]e|copying|notice)([.-].*)?$/i.test(name));
  return files
    .toSorted()
    .map((name) => readFileSync(join(folder, name), 'utf8').trim())
    .join('\n\n');
}

/** The texts of all of them in one. */
export function licenceTexts(packages: readonly ShippedPackage[] = shippedPackages()): string {
  const parts = packages.map(
    ({ name, version, licence, folder }) =>
      `${name} ${version} (${licence})\n\n${licenceText(folder) || 'The package carries no licence text of its own.'}\n`,
  );
  return parts.join(`\n${'-'.repeat(80)}\n\n`);
}

function main(): number {
  const packages = shippedPackages();
  const refused = packages.filter(({ licence }) => !isAllowed(licence));
  for (const { name, licence } of refused)
    console.error(`${name}: licence ${licence || 'unknown'} is not in the list of scripts/licences.ts`);
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  writeFileSync(join(ROOT, 'dist/third-party-licences.txt'), licenceTexts(packages));
  console.log(`dist/third-party-licences.txt: ${packages.length} packages`);
  return refused.length === 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = main();
