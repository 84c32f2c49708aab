/** A real API server for tests and figures: one control plane with the project's kinds, removed at its end. */
import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { controlPlaneBinaries, type Binaries } from '../../src/sandbox/assets/binaries.ts';
import { openCache } from '../../src/sandbox/assets/cache.ts';
import { runCommand } from '../../src/sandbox/assets/process.ts';
import { createProgress, silentProgress, type Progress } from '../../src/sandbox/assets/progress.ts';
import { startControlPlane, type ControlPlane } from '../../src/sandbox/controlplane/controlplane.ts';
import type { Component } from '../../src/sandbox/controlplane/flags.ts';
import { createStateDirectory, defaultStateRoot, removeStale } from '../../src/sandbox/controlplane/stale.ts';
import { NO_CLUSTER } from './assets.ts';

const ROOT = join(import.meta.dirname, '../..');
const KUBECTL_TIMEOUT_MS = 60_000;

export interface TestClusterOptions {
  /** Default: etcd and kube-apiserver. The garbage collector and default service accounts need kube-controller-manager. */
  components?: readonly Component[];
  /** Default: false. */
  audit?: boolean;
  /** No limits on the servers' memory. Default: false. */
  ampleMemory?: boolean;
  /** Files or folders with CustomResourceDefinitions to install. Default: `crds/` of the project. */
  crds?: readonly string[];
  /** Further arguments, per component. */
  extraArgs?: Partial<Record<Component, readonly string[]>>;
}

export interface TestCluster {
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly url: string;
  /** To kill, pause and restart components; `kubeconfigFor`, `auditLog`. */
  readonly controlPlane: ControlPlane;
  /** Directory of this cluster: a test may put files there. */
  readonly dir: string;
  /** Runs kubectl as administrator, or with another kubeconfig; resolves with its output, rejects with what it said. */
  kubectl(args: readonly string[], options?: { input?: string; kubeconfig?: string }): Promise<string>;
  /** Server-side apply of manifests: YAML or JSON text, or an object. */
  apply(...manifests: (string | object)[]): Promise<void>;
  /** Creates a namespace with a new name; returns the name. */
  namespace(prefix?: string): Promise<string>;
  stop(): Promise<void>;
}

/** Why no cluster can be started here; undefined where one can. */
export const noCluster: string | undefined =
  process.env[NO_CLUSTER] ?? (await findBinaries(silentProgress()).then(nothing, messageOf));

/** Starts a control plane with the project's CustomResourceDefinitions. The caller stops it. */
export async function startCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  await removeStale(defaultStateRoot());
  const binaries = await findBinaries(createProgress());
  const dir = await createStateDirectory(defaultStateRoot(), 'test');
  const { components = ['etcd', 'kube-apiserver'], audit = false, ampleMemory = false } = options;
  const { extraArgs = {}, crds = defaultCrds() } = options;
  const kubectl = kubectlFor(binaries.kubectl, dir);
  const prepare = (kubeconfig: string) => installCrds(crds, (args) => kubectl(args, { kubeconfig }));
  const remove = () => rm(dir, { recursive: true, force: true });
  try {
    const controlPlane = await startControlPlane({ dir, binaries, components, audit, ampleMemory, extraArgs, prepare });
    return describeCluster(controlPlane, dir, kubectl, remove);
  } catch (error) {
    await remove();
    throw error;
  }
}

type Kubectl = TestCluster['kubectl'];

function describeCluster(
  controlPlane: ControlPlane,
  dir: string,
  kubectl: Kubectl,
  remove: () => Promise<void>,
): TestCluster {
  let namespaces = 0;
  const { kubeconfig, url } = controlPlane;
  return {
    kubeconfig,
    url,
    controlPlane,
    dir,
    kubectl: (args, options) => kubectl(args, { kubeconfig, ...options }),
    apply: async (...manifests) => {
      const input = manifests.map((m) => (typeof m === 'string' ? m : JSON.stringify(m))).join('\n---\n');
      await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { kubeconfig, input });
    },
    namespace: async (prefix = 'test') => {
      const name = `${prefix}-${++namespaces}`;
      await kubectl(['create', 'namespace', name], { kubeconfig });
      return name;
    },
    stop: async () => {
      await controlPlane.stop();
      await remove();
    },
  };
}

function kubectlFor(binary: string, dir: string): Kubectl {
  // A home of its own: discovery is cached there, and nobody's configuration is read.
  const env = { PATH: process.env.PATH, HOME: dir };
  return async (args, { kubeconfig = '', input } = {}) => {
    const options = { env, timeoutMs: KUBECTL_TIMEOUT_MS, ...(input !== undefined && { input }) };
    return (await runCommand([binary, '--kubeconfig', kubeconfig, ...args], options)).stdout;
  };
}

async function installCrds(paths: readonly string[], kubectl: (args: string[]) => Promise<string>): Promise<void> {
  if (paths.length === 0) return;
  const files = paths.flatMap((path) => ['-f', path]);
  await kubectl(['create', ...files]);
  await kubectl(['wait', '--for=condition=Established', '--timeout=30s', ...files]);
}

function defaultCrds(): string[] {
  const folder = join(ROOT, 'crds');
  return readdirSync(folder).some((file) => file.endsWith('.yaml')) ? [folder] : [];
}

function findBinaries(progress: Progress): Promise<Binaries> {
  return controlPlaneBinaries({ cache: openCache(), progress, obtain: false });
}

function nothing(): undefined {}

function messageOf(error: Error): string {
  return error.message;
}
