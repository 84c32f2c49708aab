/** The fingerprint of an endpoint: what may move its numbers beside the mode (docs/report.md). Read once, before registration. */
import { createHash } from 'node:crypto';
import { FINGERPRINT_LIMITS } from '../api/protocol.ts';
import { run } from './child.ts';
import { cpuFacts, type Facts, nicFiles, type Roots, SYSTEM, systemFacts } from './fingerprintFiles.ts';
import { parseChannels, parseCoalescing, parseDriver, parseOffloads, parseRings } from './fingerprintEthtool.ts';

const ETHTOOL_MS = 3000;
const DIGEST_LENGTH = 16;

/** Standard output of ethtool with one option on the data NIC; empty where it fails. */
export type Ethtool = (option: string) => Promise<string>;

/** Names that the collector takes. Anything else is a kernel's new spelling, and left out. */
const NAME = /^[a-z][A-Za-z0-9]*(?:\.[A-Za-z0-9][A-Za-z0-9_-]*)*$/;

/** Files of /proc and /sys, and what only ethtool knows: driver version, firmware, offloads, coalescing, rings. */
export async function fingerprint(nic: string, signal: AbortSignal): Promise<Record<string, string>> {
  return fingerprintFrom(SYSTEM, nic, async (option) => {
    const { stdout, exitCode } = await run(['ethtool', option, nic], ETHTOOL_MS, signal);
    return exitCode === 0 ? stdout : '';
  });
}

export async function fingerprintFrom(roots: Roots, nic: string, ethtool: Ethtool): Promise<Record<string, string>> {
  const facts: Facts[] = await Promise.all([
    systemFacts(roots),
    cpuFacts(roots),
    nicFiles(roots, nic),
    ethtool('-i').then(parseDriver),
    ethtool('-k').then(parseOffloads),
    ethtool('-c').then(parseCoalescing),
    ethtool('-g').then(parseRings),
    ethtool('-l').then(parseChannels),
  ]);
  const known = Object.entries({ ...Object.assign({}, ...facts), 'runtime.node': process.version } as Facts);
  return Object.fromEntries(
    known
      .flatMap(([name, value]) => (value === null || !isName(name) ? [] : [[name, bounded(value)] as const]))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, FINGERPRINT_LIMITS.fields),
  );
}

const isName = (name: string): boolean => name.length <= FINGERPRINT_LIMITS.name && NAME.test(name);

/** Without control characters; of a long value its beginning and a digest, so that a difference at its end still shows. */
function bounded(value: string): string {
  const line = value.replaceAll(/\p{Cc}+/gu, ' ').trim();
  if (line.length <= FINGERPRINT_LIMITS.value) return line;
  const digest = createHash('sha256').update(line).digest('hex').slice(0, DIGEST_LENGTH);
  return `${line.slice(0, FINGERPRINT_LIMITS.value - DIGEST_LENGTH - 11)}... (sha256 ${digest})`.slice(
    0,
    FINGERPRINT_LIMITS.value,
  );
}
