/**
 * All that a Trial made: by label, by owner, and by name. Users may edit labels and owner references of what they see; the
 * Secret that an endpoint mounts has the Trial's UID in its name and is part of a spec that nobody can change.
 */
import { LABEL_TRIAL, LABEL_TRIAL_UID } from '../api/labels.ts';
import type { Trial } from '../api/v1alpha1.ts';
import type { KubeObject } from '../kube/index.ts';
import { secretName } from '../plan/names.ts';
import type { Pod, Vmi } from '../plan/observed.ts';
import type { Seen, World } from './world.ts';

export interface Children {
  pods: Seen<Pod>[];
  vmis: Seen<Vmi>[];
}

type Owner = Trial & KubeObject;

const isVm = (object: Seen<Pod> | Seen<Vmi>): object is Seen<Vmi> => object.kind === 'VirtualMachineInstance';

function mounts(object: Seen<Pod> | Seen<Vmi>): (string | undefined)[] {
  if (isVm(object)) return (object.spec?.volumes ?? []).map((volume) => volume.cloudInitNoCloud?.secretRef?.name);
  return (object.spec.volumes ?? []).map((volume) => volume.secret?.secretName);
}

/** True for what this Trial made, however its metadata was changed since. */
export function isOf(trial: Owner, object: Seen<Pod> | Seen<Vmi>): boolean {
  const { labels, ownerReferences = [] } = object.metadata;
  const { uid = '' } = trial.metadata;
  return (
    labels?.[LABEL_TRIAL_UID] === uid ||
    ownerReferences.some((owner) => owner.uid === uid) ||
    mounts(object).includes(secretName(trial.metadata))
  );
}

/** Of a Trial's endpoint the Trial: see endpointObjectName. */
const ENDPOINT = /^(.+)-(?:server|client)-\d+$/;

/** `namespace/name` of every Trial that an object may belong to: by label, by owner, by name. */
export function trialKeysOf({ metadata }: KubeObject): string[] {
  const { namespace, name, labels, ownerReferences = [] } = metadata;
  const names = [
    labels?.[LABEL_TRIAL],
    ...ownerReferences.filter(({ kind }) => kind === 'Trial').map((owner) => owner.name),
    ...[name, ...ownerReferences.map((owner) => owner.name)].map((text) => ENDPOINT.exec(text)?.[1]),
  ];
  return [...new Set(names.filter((found) => found !== undefined))].map((found) => `${namespace}/${found}`);
}

/** An object without the label has left the watch: what the store still has of it may be stale. */
const isWatched = ({ metadata }: KubeObject): boolean => metadata.labels?.[LABEL_TRIAL] !== undefined;

const byUid = <T extends KubeObject>(objects: readonly T[]): T[] => [
  ...new Map(objects.map((object) => [object.metadata.uid, object])).values(),
];

/** What is seen of them now, launcher pods included. */
export function childrenOf(world: World, trial: Owner): Children {
  const { namespace, uid = '' } = trial.metadata;
  const vmis = world.vmis.byIndex('trial', uid).filter(isWatched);
  const named = (trial.status?.grant?.endpoints ?? [])
    .flatMap(({ object }) => world.nodePods.get(`${namespace}/${object}`) ?? [])
    .filter((pod) => isOf(trial, pod));
  const owned = [trial, ...vmis].flatMap(({ metadata }) => world.nodePods.ownedBy(metadata.uid ?? ''));
  return { pods: byUid([...owned, ...named, ...world.pods.byIndex('trial', uid).filter(isWatched)]), vmis };
}
