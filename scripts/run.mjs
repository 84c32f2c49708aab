// Runs a TypeScript file with the pinned Node, after installing what package-lock.json names where that is missing:
//   node scripts/run.mjs FILE.ts ARGS...
// Plain JavaScript for Node >= 20 with nothing installed. It imports nothing of the project.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync, closeSync } from 'node:fs';
import { constants, tmpdir, userInfo } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const MINIMUM_NODE = 20;
const SAME_SIGNAL_MS = 300;
const UNREADABLE_LOCK_MS = 10_000;
const PIPE_INTERVAL_MS = 15_000;

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Why the launcher cannot go on here; undefined where it can. */
export function unsupported({ nodeVersion, platform, file }) {
  if (Number(nodeVersion.split('.')[0]) < MINIMUM_NODE) {
    return `vfbench needs Node ${MINIMUM_NODE} or newer to start; this is ${nodeVersion}. Install one from https://nodejs.org.`;
  }
  if (platform !== 'linux' && /(^|\/)src\/sandbox\//.test(file)) {
    return `The sandbox runs on Linux only (network namespaces, QEMU); this machine runs ${platform}. A Linux VM will do.`;
  }
  return undefined;
}

/** Whether the installed packages are those of the lock file. `installed` is npm's own node_modules/.package-lock.json. */
export function isInstalled(lock, installed) {
  return Object.entries(lock.packages ?? {}).every(([path, wanted]) => {
    if (path === '' || wanted.optional || wanted.devOptional) return true;
    return installed.packages?.[path]?.version === wanted.version;
  });
}

/** Passes a signal on unless the same one was just passed on: a terminal and npm both send us a Ctrl-C. */
export function onceWithin(milliseconds, now, act) {
  const last = new Map();
  return (name) => {
    const time = now();
    if (time - (last.get(name) ?? -Infinity) < milliseconds) return;
    last.set(name, time);
    act(name);
  };
}

async function main([file, ...args]) {
  if (file === undefined) fail('Usage: node scripts/run.mjs FILE.ts ARGS...');
  const problem = unsupported({ nodeVersion: process.versions.node, platform: process.platform, file });
  if (problem !== undefined) fail(problem);
  const node = await prepare(ROOT);
  run(node, [file, ...args]);
}

/** Path of a Node that can run the project; installs packages first where they are missing or not those of the lock file. */
async function prepare(root) {
  const stamp = join(root, 'node_modules/.vfbench-installed');
  const text = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const hash = createHash('sha256').update(text).digest('hex');
  const ready = () => existsSync(join(root, 'node_modules/node/bin/node')) && readOr(stamp, '') === hash;
  if (!ready()) {
    await withLock(root, async () => {
      if (!ready()) await install(root, JSON.parse(text));
      writeFileSync(stamp, hash);
    });
  }
  return pinnedNode(root);
}

async function install(root, lock) {
  const installed = JSON.parse(readOr(join(root, 'node_modules/.package-lock.json'), '{}'));
  if (!isInstalled(lock, installed)) {
    // Without install scripts: whether npm runs them depends on its version and settings. The one needed is run below.
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund'];
    const title = 'Installing npm packages';
    // `npm ci` refuses a lock file that lacks optional packages of other platforms; `npm install` does not mind them.
    const refusal = await npm(title, ['ci', ...flags], root, /in sync|EUSAGE/);
    if (refusal) await npm(`${title} (the lock file lacks some)`, ['install', '--no-save', ...flags], root);
  }
  if (!existsSync(join(root, 'node_modules/node/bin/node'))) {
    const folder = join(root, 'node_modules/node');
    await withProgress('Fetching the pinned Node', [process.execPath, 'installArchSpecificPackage.js'], folder);
  }
}

function pinnedNode(root) {
  const node = join(root, 'node_modules/node/bin/node');
  const version = readOr(join(root, 'node_modules/node/package.json'), '{}');
  const stamp = join(root, 'node_modules/.vfbench-node');
  if (readOr(stamp, '') === JSON.parse(version).version) return node;
  const trial = spawnSync(node, ['--version'], { encoding: 'utf8' });
  if (trial.status === 0) {
    writeFileSync(stamp, JSON.parse(version).version);
    return node;
  }
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  const why = trial.error?.message ?? trial.stderr.trim();
  return fail(`The Node of the npm package "node" does not run here (${why}). Install Node 24 or newer and try again.`);
}

/** True where npm failed in the way that `tolerated` describes; ends the launcher at any other failure. */
function npm(title, args, cwd, tolerated) {
  const own = process.env.npm_execpath ?? '';
  if (/npm-cli\.c?js$/.test(own) && existsSync(own)) {
    return withProgress(title, [process.execPath, own, ...args], cwd, tolerated);
  }
  if (spawnSync('npm', ['--version']).status !== 0) {
    fail('npm is missing: it comes with Node from https://nodejs.org (package "npm" on Debian and Ubuntu).');
  }
  return withProgress(title, ['npm', ...args], cwd, tolerated);
}

/** Runs a command to its end; shows what and for how long, and what it said if it fails. */
function withProgress(title, [command, ...args], cwd, tolerated) {
  const start = Date.now();
  const seconds = () => `${((Date.now() - start) / 1000).toFixed(0)} s`;
  const terminal = process.stderr.isTTY;
  const show = (text, end) => process.stderr.write(terminal ? `\r\x1b[2K${text}${end ? '\n' : ''}` : `${text}\n`);
  const timer = setInterval(() => show(`${title}: ${seconds()}`, false), terminal ? 250 : PIPE_INTERVAL_MS);
  show(`${title} ...`, false);
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env: innerEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
    child.once('error', (error) => (said += error.message));
    child.once('close', (code) => {
      clearInterval(timer);
      if (code !== 0 && tolerated?.test(said)) return resolve(true);
      show(`${title}: ${code === 0 ? 'done' : 'failed'} in ${seconds()}`, true);
      if (code === 0) return resolve(false);
      return fail(`${said.trim().split('\n').slice(-20).join('\n')}\n${title} failed (exit code ${code}).`);
    });
  });
}

/** What npm set for the script that it runs us for would mislead an npm that we start. Settings of the user stay. */
function innerEnvironment() {
  const names = Object.keys(process.env).filter(
    (name) => !/^npm_(package|lifecycle)_|^npm_(command|config_local_prefix|config_prefix)$/.test(name),
  );
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}

/**
 * Runs the file and ends as it ends. The child gets a session of its own, so that a Ctrl-C, which the terminal sends to
 * all of us and npm sends once more, reaches it exactly once: from here. If we are killed, the kernel tells it (SIGTERM).
 */
function run(node, args) {
  const bin = join(ROOT, 'node_modules/.bin');
  const tie = ['setpriv', '--pdeathsig', 'TERM', '--'];
  const tied = process.platform === 'linux' && spawnSync(tie[0], [...tie.slice(1), 'true']).status === 0;
  const [command, ...rest] = [...(tied ? tie : []), node, ...args];
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` };
  const child = spawn(command, rest, { stdio: 'inherit', env, detached: tied });
  const pass = onceWithin(SAME_SIGNAL_MS, Date.now, (name) => child.kill(name));
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];
  // Not tied, the child is in our process group and has the terminal's signals already.
  const handle = (name) => (tied || name === 'SIGTERM' || !process.stdin.isTTY) && pass(name);
  for (const name of signals) process.on(name, () => handle(name));
  process.on('SIGWINCH', () => child.kill('SIGWINCH'));
  child.once('error', (error) => fail(`${command} can't start: ${error.message}`));
  child.once('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    signals.forEach((name) => process.removeAllListeners(name));
    process.kill(process.pid, signal);
    setTimeout(() => process.exit(128 + (constants.signals[signal] ?? 1)), 100);
  });
}

/** Only one process at a time installs. A lock of a dead process is taken over. */
async function withLock(root, work) {
  const key = createHash('sha256').update(root).digest('hex').slice(0, 12);
  const lock = join(tmpdir(), `vfbench-install-${userInfo().uid}-${key}.lock`);
  let told = false;
  while (!(await hold(lock))) {
    const holder = Number(readOr(lock, '')) || undefined;
    if (isStale(lock, holder)) {
      rmSync(lock, { force: true });
      continue;
    }
    if (!told) process.stderr.write(`Waiting for process ${holder ?? '?'}, which is installing npm packages already\n`);
    told = true;
    await delay(300);
  }
  try {
    mkdirSync(join(root, 'node_modules'), { recursive: true });
    await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Two that find the same stale lock may both remove it, the second one the first one's new lock: so look once more. */
async function hold(lock) {
  const own = String(process.pid);
  if (!create(lock, own)) return false;
  await delay(100);
  return readOr(lock, '') === own;
}

function isStale(lock, holder) {
  if (holder === undefined) {
    const file = statSync(lock, { throwIfNoEntry: false });
    return file !== undefined && Date.now() - file.mtimeMs > UNREADABLE_LOCK_MS;
  }
  try {
    process.kill(holder, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

function create(path, content) {
  try {
    const file = openSync(path, 'wx');
    writeFileSync(file, content);
    closeSync(file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function readOr(path, otherwise) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv.slice(2));
