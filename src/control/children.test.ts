import { describe, expect, test } from '@jest/globals';
import type { ObjectMeta, OwnerReference } from '../api/v1alpha1.ts';
import { secretName } from '../plan/names.ts';
import type { Pod } from '../plan/observed.ts';
import { isStrayOf } from '../plan/belongs.ts';
import { trialName } from '../plan/names.ts';
import { experiment, trial } from '../../test/support/builders.ts';
import { isOf, trialKeysOf } from './children.ts';

const OWNER = trial();
const UID = OWNER.metadata.uid ?? '';
const owned = (kind: string, name: string, uid: string): OwnerReference[] => [
  { apiVersion: 'vfbench.io/v1alpha1', kind, name, uid },
];

function pod(metadata: Partial<ObjectMeta>, secret?: string): Pod & { apiVersion: string; kind: string } {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'x', namespace: 'bench', ...metadata },
    spec: { containers: [], ...(secret === undefined ? {} : { volumes: [{ secret: { secretName: secret } }] }) },
  };
}

describe('whose an object is', () => {
  const cases: [string, Partial<ObjectMeta>, string | undefined, boolean][] = [
    ['by its label', { labels: { 'vfbench.io/trial-uid': UID } }, undefined, true],
    ['by its owner', { ownerReferences: owned('Trial', 'exp', UID) }, undefined, true],
    ['by the Secret it mounts, with neither', {}, secretName(OWNER.metadata), true],
    ['not by the Secret of an earlier Trial of that name', {}, secretName({ ...OWNER.metadata, uid: 'old' }), false],
    ['not by its name', { name: `${OWNER.metadata.name}-server-0` }, undefined, false],
    ['not by the label of another', { labels: { 'vfbench.io/trial-uid': 'other' } }, undefined, false],
  ];
  test.each(cases)('%s', (_, metadata, secret, expected) => {
    expect(isOf({ ...OWNER }, pod(metadata, secret))).toBe(expected);
  });

  const keys: [string, Partial<ObjectMeta>, string[]][] = [
    ['label', { labels: { 'vfbench.io/trial': 't1' } }, ['bench/t1']],
    ['owner', { ownerReferences: owned('Trial', 't2', 'u') }, ['bench/t2']],
    ['name', { name: 't3-client-12' }, ['bench/t3']],
    [
      'the VM that owns a launcher pod',
      { name: 'virt-launcher-x', ownerReferences: owned('VirtualMachineInstance', 't4-server-0', 'u') },
      ['bench/t4'],
    ],
    ['nothing', { name: 'web-7' }, []],
  ];
  test.each(keys)('which Trials are looked at: by %s', (_, metadata, expected) => {
    expect(trialKeysOf(pod(metadata))).toEqual(expected);
  });
});

describe('a Trial that nobody owns', () => {
  const owner = experiment();
  const cell = { mode: 'native', placement: 'CrossNode' as const, pairs: 1, block: 0, attempt: 0 };
  const name = trialName({ experimentUid: owner.metadata.uid ?? '', experiment: 'exp', ...cell });
  const made = trial(cell);
  const stray = { ...made, metadata: { name, namespace: 'bench' } };

  test('is its Experiment’s by its name, and of no later one of that name', () => {
    expect(isStrayOf(owner, stray)).toBe(true);
    expect(isStrayOf({ ...owner, metadata: { ...owner.metadata, uid: 'later' } }, stray)).toBe(false);
    expect(isStrayOf(owner, { ...stray, spec: { ...stray.spec, block: 1 } })).toBe(false);
  });

  test('one that has an owner is left to it', () => {
    const theirs = {
      ...stray,
      metadata: { ...stray.metadata, ownerReferences: owned('Experiment', 'exp', 'other') ?? [] },
    };
    expect(isStrayOf(owner, theirs)).toBe(false);
  });
});
