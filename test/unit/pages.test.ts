/** Links of every page lead somewhere. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { anchors, links, pages, ROOT } from '../support/pages.ts';

const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

test.each(pages())('%s', (page) => {
  const broken = links(text(page)).filter((link) => {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? page : join(dirname(page), path);
    if (!existsSync(join(ROOT, target))) return true;
    return anchor !== undefined && target.endsWith('.md') && !anchors(text(target)).includes(anchor);
  });
  expect(broken).toEqual([]);
});

test('every page of docs/ is linked from the README', () => {
  const linked = links(text('README.md')).map((link) => link.split('#')[0]);
  expect(pages().filter((page) => /^docs\/[^/]+$/.test(page) && !linked.includes(page))).toEqual([]);
});
