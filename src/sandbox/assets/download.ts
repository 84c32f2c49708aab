/** Official releases of Kubernetes and etcd, checked against their published SHA-256 sums. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EnvHttpProxyAgent, fetch, type Response } from 'undici';
import { debianArchitecture } from './apt-config.ts';
import type { BinaryName } from './binaries.ts';
import { runCommand } from './process.ts';
import type { Step } from './progress.ts';
import { ETCD_VERSION, KUBERNETES_VERSION } from './versions.ts';

const CONNECT_TIMEOUT_MS = 4_000;
const PROBE_TIMEOUT_MS = 8_000;
const DOWNLOAD_TIMEOUT_MS = 900_000;

export interface DownloadOptions {
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
}

export interface Release {
  /** What is downloaded: the program itself, or an archive that holds it. */
  url: string;
  /** Text that holds the SHA-256 sum of it. */
  sums: string;
}

/**
 * Addresses of one program's release. `VFBENCH_KUBERNETES_RELEASES` and `VFBENCH_ETCD_RELEASES` replace the official
 * bases, for machines that reach a copy only.
 */
export function releaseOf(name: BinaryName, architecture: string, env: NodeJS.ProcessEnv = process.env): Release {
  if (name === 'etcd') {
    const base = `${env.VFBENCH_ETCD_RELEASES ?? 'https://github.com/etcd-io/etcd/releases/download'}/${ETCD_VERSION}`;
    return { url: `${base}/etcd-${ETCD_VERSION}-linux-${architecture}.tar.gz`, sums: `${base}/SHA256SUMS` };
  }
  const base = `${env.VFBENCH_KUBERNETES_RELEASES ?? 'https://dl.k8s.io/release'}/${KUBERNETES_VERSION}`;
  const url = `${base}/bin/linux/${architecture}/${name}`;
  return { url, sums: `${url}.sha256` };
}

/** The sum of `file` in a list as sha256sum writes it, or in a text that is one sum alone. */
export function findSum(text: string, file: string): string | undefined {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+\*?/));
  const entry = lines.length === 1 && lines[0]?.length === 1 ? lines[0] : lines.find((fields) => fields[1] === file);
  return /^[0-9a-f]{64}$/i.test(entry?.[0] ?? '') ? entry?.[0]?.toLowerCase() : undefined;
}

/** Undefined when the release's sums can be read, else why not. Decides within a few seconds. */
export async function releaseIsReachable(name: BinaryName, options: DownloadOptions): Promise<string | undefined> {
  const { sums } = releaseOf(name, debianArchitecture(), options.env);
  try {
    const response = await get(sums, PROBE_TIMEOUT_MS, options.signal);
    await response.text();
    return undefined;
  } catch (error) {
    options.signal?.throwIfAborted();
    return reason(sums, error);
  }
}

/** Downloads the program to `work`/NAME, executable. Throws where the sum is wrong or the transfer ends early. */
export async function downloadBinary(
  name: BinaryName,
  work: string,
  step: Step,
  options: DownloadOptions,
): Promise<void> {
  const { url, sums } = releaseOf(name, debianArchitecture(), options.env);
  const list = await (await get(sums, PROBE_TIMEOUT_MS, options.signal)).text();
  const wanted = findSum(list, basename(url));
  if (wanted === undefined) throw new Error(`${sums} has no SHA-256 sum of ${basename(url)}`);
  const file = join(work, name === 'etcd' ? basename(url) : `${name}.part`);
  const sum = await save(await get(url, DOWNLOAD_TIMEOUT_MS, options.signal), file, step);
  if (sum !== wanted) throw new Error(`${url} has the SHA-256 sum ${sum}, published is ${wanted}`);
  if (name === 'etcd') await extractEtcd(file, work, options.signal);
  else await rename(file, join(work, name));
  await chmod(join(work, name), 0o755);
}

async function extractEtcd(archive: string, work: string, signal: AbortSignal | undefined): Promise<void> {
  const member = `${basename(archive, '.tar.gz')}/etcd`;
  await runCommand(['tar', '-xzf', archive, '-C', work, '--strip-components=1', member], { signal });
}

async function get(url: string, timeoutMs: number, signal: AbortSignal | undefined): Promise<Response> {
  const limit = AbortSignal.timeout(timeoutMs);
  const response = await fetch(url, {
    dispatcher: new EnvHttpProxyAgent({ connect: { timeout: CONNECT_TIMEOUT_MS } }),
    signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
  });
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
  return response;
}

async function save(response: Response, file: string, step: Step): Promise<string> {
  const total = Number(response.headers.get('content-length') ?? 0);
  const hash = createHash('sha256');
  let bytes = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      step.detail(`${Math.round(bytes / 1e6)} of ${total === 0 ? '?' : Math.round(total / 1e6)} MB`);
      if (total > 0) step.fraction(bytes / total);
      done(null, chunk);
    },
  });
  if (response.body === null) throw new Error(`${response.url}: empty answer`);
  await pipeline(Readable.fromWeb(response.body), count, createWriteStream(file));
  return hash.digest('hex');
}

function reason(url: string, error: unknown): string {
  const { message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  const what = cause?.code ?? cause?.message ?? message;
  return `${new URL(url).host} can't be reached: ${what}`;
}
