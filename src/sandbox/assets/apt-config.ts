/** Texts for a private apt: its configuration, its one source, and which mirror to take. Pure. */
import { MachineLacksError } from './errors.ts';
import { DEBIAN_DEFAULT_MIRROR } from './versions.ts';

export interface PrivateApt {
  /** Directory of everything this apt reads and writes. */
  dir: string;
  mirror: string;
  suite: string;
  architecture: string;
  /** Public key that must have signed the suite. */
  keyring: string;
  /** `apt-config dump` of the host: its proxies are kept. */
  hostConfig: string;
}

/** Debian's name of the machine's architecture. `arch` is Node's. Throws for others than the two that are supported. */
export function debianArchitecture(arch: string = process.arch): 'amd64' | 'arm64' {
  if (arch === 'x64') return 'amd64';
  if (arch === 'arm64') return 'arm64';
  throw new MachineLacksError(`The sandbox needs an x86-64 or arm64 machine; this one is ${arch}`);
}

/** Multiarch directory name, for example `x86_64-linux-gnu`. */
export function debianTriplet(architecture: 'amd64' | 'arm64'): string {
  return architecture === 'amd64' ? 'x86_64-linux-gnu' : 'aarch64-linux-gnu';
}

/** The mirror to use: the setting, else the Debian one of the host's apt (`apt-get indextargets`), else Debian's own. */
export function chooseMirror(setting: string | undefined, hostRepositories: string): string {
  if (setting !== undefined && setting !== '') return setting.replace(/\/+$/, '');
  const uris = hostRepositories.split('\n').map((line) => line.trim().replace(/\/+$/, ''));
  return uris.find((uri) => /^https?:\/\/.+\/debian$/.test(uri)) ?? DEBIAN_DEFAULT_MIRROR;
}

/** Configuration for `APT_CONFIG`: nothing of the host's apt is read or written but its proxies and its passwords. */
export function aptConfig(apt: PrivateApt): string {
  const lines = [
    `Dir::State "${apt.dir}/state";`,
    `Dir::State::lists "${apt.dir}/lists";`,
    `Dir::State::status "${apt.dir}/status";`,
    `Dir::Cache "${apt.dir}/cache";`,
    `Dir::Cache::archives "${apt.dir}/archives";`,
    `Dir::Log "${apt.dir}/log";`,
    `Dir::Etc "${apt.dir}/etc";`,
    `Dir::Etc::main "none";`,
    `Dir::Etc::parts "none.d";`,
    `Dir::Etc::sourcelist "sources.list";`,
    `Dir::Etc::sourceparts "none.d";`,
    `Dir::Etc::preferencesparts "none.d";`,
    `Dir::Etc::trustedparts "none.d";`,
    `Dir::Etc::netrc "/etc/apt/auth.conf";`,
    `Dir::Etc::netrcparts "/etc/apt/auth.conf.d";`,
    `APT::Architecture "${apt.architecture}";`,
    `APT::Architectures { "${apt.architecture}"; };`,
    `APT::Install-Recommends "false";`,
    `APT::Sandbox::User "root";`,
    `Acquire::Languages "none";`,
    `Acquire::Retries "3";`,
    `Acquire::http::Timeout "20";`,
    `Acquire::https::Timeout "20";`,
  ];
  return [...lines, ...proxyLines(apt.hostConfig), ''].join('\n');
}

/** `sources.list` of the private apt. */
export function aptSources(apt: PrivateApt): string {
  return `deb [arch=${apt.architecture} signed-by=${apt.keyring}] ${apt.mirror} ${apt.suite} main\n`;
}

function proxyLines(hostConfig: string): string[] {
  return hostConfig
    .split('\n')
    .filter((line) => /^Acquire::https?::(proxy|[^ ]*::proxy|CaInfo|CaPath)\b.* "[^"]+";$/i.test(line));
}
