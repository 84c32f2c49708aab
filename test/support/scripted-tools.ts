/** Scripts in place of measuring tools, first on the PATH, for tests of what is made of what tools print and of how they end. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

export class ScriptedTools {
  readonly folder: string;
  readonly #path = process.env['PATH'] ?? '';

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** The runner takes its PATH when it is loaded: import what is tested after this. `alone`: no other program is on it. */
  static async create({ alone }: { alone: boolean }): Promise<ScriptedTools> {
    const tools = new ScriptedTools(await mkdtemp(join(tmpdir(), 'scripted-tools-')));
    process.env['PATH'] = alone ? tools.folder : [tools.folder, tools.#path].join(delimiter);
    return tools;
  }

  async remove(): Promise<void> {
    process.env['PATH'] = this.#path;
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A program of shell. */
  shell(name: string, body: string): Promise<void> {
    return writeFile(join(this.folder, name), `#!/bin/sh\ncd ${this.folder}\n${body}\n`, { mode: 0o755 });
  }

  /** Takes a program away again. */
  without(name: string): Promise<void> {
    return rm(join(this.folder, name), { force: true });
  }

  /** A program of JavaScript (CommonJS); each of its calls adds a line to `NAME.calls`, its arguments in JSON. */
  async script(name: string, body: string): Promise<void> {
    await rm(join(this.folder, `${name}.calls`), { force: true });
    const head = `#!${process.execPath}
const fs = require('node:fs');
process.chdir(${JSON.stringify(this.folder)});
const args = process.argv.slice(2);
fs.appendFileSync('${name}.calls', JSON.stringify(args) + '\\n');
const call = fs.readFileSync('${name}.calls', 'utf8').trim().split('\\n').length;
`;
    await writeFile(join(this.folder, name), head + body, { mode: 0o755 });
  }

  async calls(name: string): Promise<string[][]> {
    const text = await readFile(join(this.folder, `${name}.calls`), 'utf8');
    return text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as string[]);
  }

  write(file: string, content: string): Promise<void> {
    return writeFile(join(this.folder, file), content);
  }
}
