import { describe, expect, test } from '@jest/globals';
import { codeOf, importsOf } from '../support/source.ts';

describe('importsOf', () => {
  test.each([
    ['an import', "import { a } from './a.ts';", ['./a.ts']],
    ['a type', "import type { A } from '../a.ts';", ['../a.ts']],
    ['several lines', "import {\n  a,\n  type B,\n} from './a.ts';", ['./a.ts']],
    ['for its effect', "import 'reflect-metadata';", ['reflect-metadata']],
    ['a re-export', "export * from './a.ts';\nexport { b } from './b.ts';", ['./a.ts', './b.ts']],
    ['while running', "const a = await import('./a.ts');", ['./a.ts']],
    ['a type in place', "const a: import('./a.ts').A = 1;", ['./a.ts']],
    ['behind a regular expression with quotes', "const r = /['\"]/;\nimport { a } from './a.ts';", ['./a.ts']],
    ['behind a template with braces', "const t = `${{ a: `'` }.a} '`;\nimport { a } from './a.ts';", ['./a.ts']],
    ['none in a call', "Buffer.from('./a.ts'); from('./b.ts');", []],
    ['none in a comment', "// import './a.ts';\n/* import './b.ts'; */\n", []],
    ['none in a string', 'const a = "import { b } from \'./b.ts\'";', []],
    ['none in a template', "const a = `import './b.ts'`;", []],
  ])('%s', (_, source, wanted) => {
    expect(importsOf(source)).toEqual(wanted);
  });
});

describe('codeOf', () => {
  test.each([
    ['comments', 'a; // await\n/* async\n */ b;', 'a; \n\n b;'],
    ['strings', "a('Date.now');", "a('0');"],
    ['an escaped quote', String.raw`a('it\'s', b);`, "a('0', b);"],
    ['templates, not what is inside their braces', '`x ${Date.now()} y`', '``Date.now()``'],
    ['a regular expression', 'a.match(/async/g)', 'a.match(/./g)'],
    ['a division', 'a / b / c', 'a / b / c'],
    ['a slash in a class', 'return /[/]await/;', 'return /./;'],
    ['objects', 'const a = { b: { c: 1 } };', 'const a = { b: { c: 1 } };'],
  ])('%s', (_, source, wanted) => {
    expect(codeOf(source)).toBe(wanted);
  });
});
