/** Deterministic names: a readable prefix and a hash, so that a crash between two writes finds its children again. */
import { hash } from './random.ts';

const DNS_LABEL_LIMIT = 63;
/** Leaves room for `-client-63` within the 63 characters of a DNS label. */
const TRIAL_NAME_LIMIT = 53;
const HASH_DIGITS = 8;

const digest = (text: string): string => hash(text).toString(36).padStart(HASH_DIGITS, '0').slice(-HASH_DIGITS);

/** Fits a DNS label of `limit` characters: the readable part is cut, the hash of the whole is not. */
export function label(readable: string, identity: string, limit: number): string {
  const head = readable
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .slice(0, limit - HASH_DIGITS - 1)
    .replaceAll(/^-+|-+$/g, '');
  return head === '' ? `x${digest(identity)}` : `${head}-${digest(identity)}`;
}

export interface TrialIdentity {
  experimentUid: string;
  experiment: string;
  mode: string;
  placement: string;
  pairs: number;
  block: number;
  attempt: number;
}

/** `lab-b3-virtio-1k2j3h4g`: the same for the same cell, block and attempt of the same Experiment. */
export function trialName(id: TrialIdentity): string {
  const identity = [id.experimentUid, id.mode, id.placement, id.pairs, id.block, id.attempt].join('/');
  const tail = `-b${id.block}-${id.mode}`.slice(0, 24);
  const head = id.experiment.slice(0, TRIAL_NAME_LIMIT - HASH_DIGITS - 1 - tail.length);
  return label(`${head}${tail}`, identity, TRIAL_NAME_LIMIT);
}

export const endpointObjectName = (trial: string, endpoint: string): string => `${trial}-${endpoint}`;
/** Holds the Trial's UID: a Secret left by an earlier Trial of the same name has other tokens, and must not be taken for this one's. */
export const secretName = (trial: { name: string; uid?: string }): string =>
  label(trial.name, trial.uid ?? trial.name, DNS_LABEL_LIMIT);

/** A locally administered unicast MAC address, unique by its identity (40 bits of a hash). */
export function macAddress(...identity: string[]): string {
  const bits = hash(identity.join('/')).toString(16).padStart(14, '0').slice(-10);
  const octets = bits.match(/../g) ?? [];
  return ['02', ...octets].join(':');
}

/** A MAC address that is not taken; the same for the same identity while nobody else holds it. */
export function freshMac(isTaken: (mac: string) => boolean, ...identity: string[]): string {
  for (let salt = 0; ; salt++) {
    const mac = macAddress(...identity, ...(salt === 0 ? [] : [String(salt)]));
    if (!isTaken(mac)) return mac;
  }
}
