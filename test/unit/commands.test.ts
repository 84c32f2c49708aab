/** Commands in the pages: the plugin takes them, npm knows the scripts, and paths are there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from '../../src/cli/parse.ts';
import { pages, ROOT } from '../support/pages.ts';

const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> };

/** Lines of the code blocks that have no language, or a shell's, continued ones joined; in sentences what is more than a command's name. */
function commands(page: string): string[] {
  const fences = [...text(page).matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)];
  const blocks = fences
    .filter(([, language = '']) => ['', 'sh', 'bash'].includes(language))
    .map(([, , block = '']) => block);
  const inline = [...text(page).matchAll(/`(kubectl vfbench [a-z-]+ [^`]*|npm run [^`]*)`/g)].map(
    ([, code = '']) => code,
  );
  const lines = blocks.flatMap((block) => block.replaceAll(/\\\n\s*/g, ' ').split('\n'));
  return [...lines, ...inline].map((line) =>
    line
      .replace(/\s+#.*$/, '')
      .replace(/ [>|] .*$/, '')
      .trim(),
  );
}

/** Words for the plugin in a line; a usage line with placeholders in brackets is none. */
function pluginCalls(page: string): string[][] {
  return commands(page).flatMap((line) =>
    line.split(/ && |; /).flatMap((part) => {
      const [, words] = /^(?:npm run vfbench -- |kubectl vfbench )(.*)$/.exec(part.trim()) ?? [];
      return words === undefined || /[[<…]|COMMAND|\.\.\./.test(words) ? [] : [words.split(/\s+/)];
    }),
  );
}

test.each(pages())('%s', (page) => {
  const refused = pluginCalls(page).flatMap((words) => {
    try {
      parse(words);
      return [];
    } catch (error) {
      return [`${words.join(' ')}: ${(error as Error).message}`];
    }
  });
  expect(refused).toEqual([]);
  const named = commands(page).flatMap((line) => /^npm run ([\w:-]+)/.exec(line)?.[1] ?? []);
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  const paths = commands(page).flatMap((line) =>
    [...line.matchAll(/(?<![\w/.-])((?:deploy|charts|docs|src)\/[\w./-]+)/g)].map(([, path = '']) => path),
  );
  expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test('the README shows the plugin, and its first Experiment is there', () => {
  const first = pluginCalls('README.md').map(([name]) => name);
  expect(first).toEqual(expect.arrayContaining(['doctor', 'plan', 'run', 'report']));
  for (const file of ['namespace', 'network-attachments', 'testbed', 'experiment'])
    expect(existsSync(join(ROOT, `deploy/examples/lab/${file}.yaml`))).toBe(true);
});
