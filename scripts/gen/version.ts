/** The version of package.json wherever else it stands. */

/** Files that name the version, and how: each pattern has the version between its two groups. */
const PLACES: readonly { path: string; patterns: readonly RegExp[] }[] = [
  { path: 'charts/vfbench/Chart.yaml', patterns: [/^(version: ).*()$/gm, /^(appVersion: ).*()$/gm] },
  { path: 'deploy/base/deployment.yaml', patterns: [/(image: vfbench\/operator:)\S+()/g] },
  { path: 'deploy/examples/lab/testbed.yaml', patterns: [/(image: \S+\/vfbench\/(?:runner|guest):)\S+()/g] },
  { path: 'deploy/gitops/testbed/testbed.yaml', patterns: [/(image: \S+\/vfbench\/(?:runner|guest):)\S+()/g] },
];

export const VERSIONED: readonly string[] = PLACES.map(({ path }) => path);

/** A file with the version set. @throws where one of its places is not found: nothing may stay behind unseen. */
export function withVersion(path: string, text: string, version: string): string {
  const patterns = PLACES.find((place) => place.path === path)?.patterns ?? [];
  return patterns.reduce((all, pattern) => {
    if (all.search(pattern) < 0) throw new Error(`${path}: ${pattern.source} is not found; see scripts/gen/version.ts`);
    return all.replace(pattern, `$1${version}$2`);
  }, text);
}
