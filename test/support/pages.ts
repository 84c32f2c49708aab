/** The project's pages: their links, headings and examples. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

/** Paths from the root. */
export function pages(): string[] {
  const docs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' });
  const found = docs.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);
  return ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...found.toSorted()];
}

const withoutCode = (text: string): string => text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '');

/** Targets of links and images that are in the project: as written. */
export function links(text: string): string[] {
  const found = [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"\s]+)"/g)].map(
    ([, target, attribute = '']) => target ?? attribute,
  );
  return found.filter((target) => !/^[a-z]+:/.test(target));
}

/** As GitHub makes them of headings. */
export function anchors(text: string): string[] {
  const headings = [...text.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.*)$/gm)].map(
    ([, title = '']) => title,
  );
  const slug = (title: string): string =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-');
  return headings.map(slug);
}

/** Examples of our kinds, with where they stand. */
export function examples(): { page: string; yaml: string }[] {
  return pages().flatMap((page) => {
    const text = readFileSync(join(ROOT, page), 'utf8');
    const fences = [...text.matchAll(/^```ya?ml\n([\s\S]*?)^```/gm)].map(([, yaml = '']) => yaml);
    return fences.filter((yaml) => /^apiVersion: vfbench\.io\//m.test(yaml)).map((yaml) => ({ page, yaml }));
  });
}
