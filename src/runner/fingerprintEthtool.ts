/** What ethtool prints, as fields. Text in, fields out; what is not printed, or `n/a`, is left out. */
import type { Facts } from './fingerprintFiles.ts';

/** Offloads that move throughput or latency, by ethtool's name. */
const OFFLOADS: Readonly<Record<string, string>> = {
  'rx-checksumming': 'rxChecksum',
  'tx-checksumming': 'txChecksum',
  'scatter-gather': 'scatterGather',
  'tcp-segmentation-offload': 'tso',
  'generic-segmentation-offload': 'gso',
  'generic-receive-offload': 'gro',
  'large-receive-offload': 'lro',
  'rx-gro-hw': 'groHardware',
  'rx-udp-gro-forwarding': 'udpGroForwarding',
  'tx-udp-segmentation': 'udpSegmentation',
  'receive-hashing': 'receiveHashing',
  'ntuple-filters': 'ntuple',
};
const COALESCING: Readonly<Record<string, string>> = {
  'rx-usecs': 'rxMicroseconds',
  'rx-frames': 'rxFrames',
  'tx-usecs': 'txMicroseconds',
  'tx-frames': 'txFrames',
};

/** `ethtool -i`: driver and firmware versions. */
export function parseDriver(text: string): Facts {
  return {
    'nic.driverVersion': value(text, 'version'),
    'nic.firmware': value(text, 'firmware-version'),
    'nic.expansionRom': value(text, 'expansion-rom-version'),
  };
}

/** `ethtool -k`: `on` or `off` of each; whether it could be changed (`[fixed]`) does not matter. */
export function parseOffloads(text: string): Facts {
  return named(OFFLOADS, 'offload', (key) => value(text, key)?.split(' ')[0] ?? null);
}

/** `ethtool -c`: delays and counts, and whether they adapt. */
export function parseCoalescing(text: string): Facts {
  const adaptive = /^Adaptive RX:\s*(\S+)\s+TX:\s*(\S+)/m.exec(text);
  return {
    'coalescing.adaptiveRx': known(adaptive?.[1]),
    'coalescing.adaptiveTx': known(adaptive?.[2]),
    ...named(COALESCING, 'coalescing', (key) => value(text, key)),
  };
}

/** `ethtool -g`: the rings as set, not their largest size. */
export function parseRings(text: string): Facts {
  const current = afterCurrent(text);
  return { 'ring.rx': value(current, 'RX'), 'ring.tx': value(current, 'TX') };
}

/** `ethtool -l`: the channels as set. */
export function parseChannels(text: string): Facts {
  const current = afterCurrent(text);
  return named({ RX: 'rx', TX: 'tx', Combined: 'combined' }, 'channel', (key) => value(current, key));
}

const afterCurrent = (text: string): string => text.split('Current hardware settings:')[1] ?? '';

function named(names: Readonly<Record<string, string>>, group: string, read: (key: string) => string | null): Facts {
  return Object.fromEntries(Object.entries(names).map(([key, name]) => [`${group}.${name}`, read(key)]));
}

function value(text: string, key: string): string | null {
  return known(new RegExp(`^\\s*${key}:[ \\t]*(.*)$`, 'm').exec(text)?.[1]);
}

function known(text: string | undefined): string | null {
  const trimmed = text?.trim() ?? '';
  return trimmed === '' || trimmed.toLowerCase() === 'n/a' ? null : trimmed;
}
