/** The one place that says which releases the sandbox is made of. `tools/*\/go.mod` agree with it (a test checks). */

/** Kubernetes release of the control plane and of kubectl. */
export const KUBERNETES_VERSION = 'v1.36.3';
/** Oldest Kubernetes binaries that are taken from the machine instead of ours. */
export const KUBERNETES_MINIMUM = '1.34.0';
/** etcd release. */
export const ETCD_VERSION = 'v3.6.16';
/** Oldest etcd that is taken from the machine: the first one of the 3.5 line that Kubernetes 1.34 supports. */
export const ETCD_MINIMUM = '3.5.21';
/** Debian suite that tools, QEMU and the guest come from. */
export const DEBIAN_SUITE = 'trixie';
/** Debian's own content delivery network, used where neither a setting nor the host's apt names a mirror. */
export const DEBIAN_DEFAULT_MIRROR = 'http://deb.debian.org/debian';

/** The first `MAJOR.MINOR.PATCH` in a text, for example in what `--version` prints. */
export function parseVersion(text: string): string | undefined {
  return /\d+\.\d+\.\d+/.exec(text)?.[0];
}

/** Whether `version` is `minimum` or newer. Both `MAJOR.MINOR.PATCH`. */
export function atLeast(version: string, minimum: string): boolean {
  const [have, want] = [version, minimum].map((text) => text.split('.').map(Number));
  for (const [index, part] of (want ?? []).entries()) {
    const difference = (have?.[index] ?? 0) - part;
    if (difference !== 0) return difference > 0;
  }
  return true;
}
