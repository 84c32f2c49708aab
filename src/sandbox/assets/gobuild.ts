/** Builds a program of the control plane from the Go modules that tools/ pins. */
import { join } from 'node:path';
import type { BinaryName } from './binaries.ts';
import { runCommand } from './process.ts';
import { duration, type Progress } from './progress.ts';
import { atLeast, KUBERNETES_VERSION, parseVersion } from './versions.ts';

/** From here on a Go fetches the newer toolchain that a module asks for by itself. */
const GO_MINIMUM = '1.21.0';
const BUILD_TIMEOUT_MS = 3_600_000;
/** Seconds on two cores with an empty build cache, in the order in which the programs are built. */
const EXPECTED_SECONDS: Record<BinaryName, number> = {
  etcd: 32,
  'kube-apiserver': 195,
  'kube-controller-manager': 57,
  'kube-scheduler': 4,
  kubectl: 38,
};

const TOOLS = join(import.meta.dirname, '../../../tools');

/** Where a Go may be: on PATH, or where its installer puts it, which is often not on PATH. */
export const GO_CANDIDATES = ['go', '/usr/local/go/bin/go', '/usr/lib/go/bin/go'];

/** Path of a Go that can build; undefined where there is none. */
export async function findGo(
  env: NodeJS.ProcessEnv = process.env,
  candidates: readonly string[] = GO_CANDIDATES,
): Promise<string | undefined> {
  for (const go of candidates) {
    const result = await runCommand([go, 'version'], { env, timeoutMs: 20_000 }).catch(() => undefined);
    const version = /go(\d+\.\d+(\.\d+)?)/.exec(result?.stdout ?? '')?.[1];
    if (version !== undefined && atLeast(version, GO_MINIMUM)) return go;
  }
  return undefined;
}

/** Directory and arguments of `go build` for one program. */
export function buildArguments(name: BinaryName, output: string): { cwd: string; args: string[] } {
  if (name === 'etcd') {
    const flags = ['-trimpath', '-ldflags', '-s -w', '-o', output];
    return { cwd: join(TOOLS, 'etcd'), args: ['build', ...flags, 'go.etcd.io/etcd/server/v3'] };
  }
  const [major, minor] = (parseVersion(KUBERNETES_VERSION) ?? '').split('.');
  const stamps = [
    `k8s.io/component-base/version.gitVersion=${KUBERNETES_VERSION}`,
    `k8s.io/component-base/version.gitMajor=${major}`,
    `k8s.io/component-base/version.gitMinor=${minor}`,
    `k8s.io/client-go/pkg/version.gitVersion=${KUBERNETES_VERSION}`,
  ];
  const linker = ['-s', '-w', ...stamps.map((stamp) => `-X ${stamp}`)].join(' ');
  const target = `k8s.io/kubernetes/cmd/${name}`;
  return {
    cwd: join(TOOLS, 'kubernetes'),
    args: ['build', '-v', '-trimpath', '-ldflags', linker, '-o', output, target],
  };
}

export interface GoBuildOptions {
  progress: Progress;
  signal?: AbortSignal;
  env?: NodeJS.ProcessEnv;
  /** This program and those that are to be built after it. */
  rest?: readonly BinaryName[];
}

/** Title of a build: what, and how much of building comes after it. */
export function buildTitle(name: BinaryName, rest: readonly BinaryName[] = [name]): string {
  const later = rest.filter((other) => other !== name);
  if (later.length === 0) return `Building ${name} with Go`;
  const seconds = later.reduce((sum, other) => sum + EXPECTED_SECONDS[other], 0);
  return `Building ${name} with Go, then ${later.length} more (${duration(seconds)})`;
}

/** Builds one program to the file `output`. */
export async function buildBinary(
  go: string,
  name: BinaryName,
  output: string,
  options: GoBuildOptions,
): Promise<void> {
  const { cwd, args } = buildArguments(name, output);
  const step = options.progress.step(buildTitle(name, options.rest), { expectedSeconds: EXPECTED_SECONDS[name] });
  const env = { ...(options.env ?? process.env), CGO_ENABLED: '0' };
  const onLine = (line: string) => step.detail(line.replace(/^go: downloading (\S+).*/, 'fetching $1').slice(0, 60));
  try {
    await runCommand([go, ...args], { cwd, env, onLine, signal: options.signal, timeoutMs: BUILD_TIMEOUT_MS });
    step.done();
  } catch (error) {
    step.fail();
    throw error;
  }
}
