/**
 * Plays cloud-init in a guest that plays a cloud image: carries out `write_files` of the NoCloud user data in JSON, and
 * leaves `runcmd` behind as the shell script that cloud-init would make of it, where cloud-init would.
 * Usage: cloud-init.mjs USER-DATA [ROOT]
 */
import { copyFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const [source = '', root = '/'] = process.argv.slice(2);
const INSTANCE = join(root, 'var/lib/cloud/instance');

const text = readFileSync(source, 'utf8');
const { write_files: files = [], runcmd = [] } = JSON.parse(text.replace(/^#cloud-config\n/, ''));

mkdirSync(join(INSTANCE, 'scripts'), { recursive: true });
copyFileSync(source, join(INSTANCE, 'user-data.txt'));
chmodSync(join(INSTANCE, 'user-data.txt'), 0o600);
for (const { path, content, permissions = '0644' } of files) {
  const target = join(root, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content);
  chmodSync(target, Number.parseInt(permissions, 8));
}
const quoted = (word) => `'${String(word).replaceAll("'", "'\\''")}'`;
const lines = runcmd.map((command) => (Array.isArray(command) ? command.map(quoted).join(' ') : command));
writeFileSync(join(INSTANCE, 'scripts/runcmd'), `#!/bin/sh\n${lines.join('\n')}\n`, { mode: 0o700 });
