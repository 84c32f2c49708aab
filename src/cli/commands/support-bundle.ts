/** `support-bundle`. */
import { writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { Bundle } from '../bundle/bundle.ts';
import { collect } from '../bundle/collect.ts';
import { CliError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { type Call, text } from '../parse.ts';
import { withSession } from '../session.ts';

export function run(call: Call): Promise<ExitCode> {
  return withSession(call, async (session) => {
    const { namespace, terminal } = session;
    const now = new Date();
    const file = text(call, 'output') ?? `vfbench-support-${namespace}-${stampOf(now)}.tar.gz`;
    const bundle = new Bundle({ hideAddresses: call.values['redact-addresses'] === true });
    await collect(session, { namespace, operator: text(call, 'operator-namespace') ?? 'vfbench-system' }, bundle);
    const packed = gzipSync(bundle.archive(Math.floor(now.getTime() / 1000)));
    await write(file, packed);
    for (const entry of bundle.taken) terminal.line(`${entry.file}: ${entry.what}`, { word: 'taken', style: 'green' });
    for (const entry of bundle.leftOut)
      terminal.line(`${entry.file}: ${entry.what}`, { word: 'left out', style: 'yellow' });
    terminal.line(
      `${file}: ${Math.ceil(packed.length / 1024)} KiB, ${bundle.redacted} places redacted. Look through it before you hand it on`,
    );
    return EXIT.passed;
  });
}

const stampOf = (time: Date): string => time.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');

/** For its owner alone; what is there already stays. */
async function write(file: string, content: Buffer): Promise<void> {
  try {
    await writeFile(file, content, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'it exists already' : message;
    throw new CliError(`cannot write ${file}: ${why}: choose another with -o FILE`, EXIT.error, { cause: error });
  }
}
