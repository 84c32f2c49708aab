/**
 * What the watches do not show: endpoints that somebody took the labels off are asked for by name before they are taken for
 * gone, and what a deleted Trial left is removed where the garbage collector cannot.
 */
import { type KubeClient, isNotFound, type KubeObject, keyOf, PODS } from '../kube/index.ts';
import { LABEL_TRIAL_UID } from '../api/labels.ts';
import type { GrantedEndpoint, Trial } from '../api/v1alpha1.ts';
import { secretName } from '../plan/names.ts';
import type { Pod, Vmi } from '../plan/observed.ts';
import { removals } from '../plan/trial.ts';
import type { Removal } from '../plan/types.ts';
import { type Children, childrenOf, isOf } from './children.ts';
import type { Context } from './context.ts';
import { remove } from './execute.ts';
import { VMIS } from '../api/kinds.ts';
import type { Seen, World } from './world.ts';

type Owner = Trial & KubeObject;

/** Of these endpoints those that are there all the same, and are this Trial's. */
export async function lookUp(
  client: KubeClient,
  trial: Owner,
  endpoints: readonly GrantedEndpoint[],
): Promise<Children> {
  const found: Children = { pods: [], vmis: [] };
  const { namespace = '' } = trial.metadata;
  await Promise.all(
    endpoints.map(async ({ kind, object: name }) => {
      const isPod = kind === 'Pod';
      const at = { namespace, name };
      const object = await client.get<Seen<Pod> & Seen<Vmi>>(isPod ? PODS : VMIS, at).catch(gone);
      if (object === null || !isOf(trial, { ...object, kind })) return;
      if (isPod) found.pods.push(object);
      else found.vmis.push(object);
    }),
  );
  return found;
}

function gone(error: unknown): null {
  if (!isNotFound(error)) throw error;
  return null;
}

/** Endpoints whose Trial is no more and that nothing owns: nobody else would remove them. */
function orphans(world: World, key: string): Removal[] {
  const left = [
    ...world.pods.byIndex('name', key).map((object) => ({ kind: 'Pod', object })),
    ...world.vmis.byIndex('name', key).map((object) => ({ kind: 'VirtualMachineInstance', object })),
  ];
  return left
    .filter(({ object: { metadata } }) => (metadata.ownerReferences ?? []).length === 0)
    .filter(({ object: { metadata } }) => {
      const uid = metadata.labels?.[LABEL_TRIAL_UID];
      return uid !== undefined && metadata.deletionTimestamp === undefined && isGone(world, uid);
    })
    .flatMap(({ kind, object: { metadata } }) => {
      const { namespace = '', name, uid, labels } = metadata;
      const [, trial = ''] = key.split('/');
      const secret = secretName({ name: trial, uid: labels?.[LABEL_TRIAL_UID] ?? '' });
      return [
        { kind, namespace, name, ...(uid === undefined ? {} : { uid }) },
        { kind: 'Secret', namespace, name: secret },
      ];
    });
}

const isGone = (world: World, trialUid: string): boolean => world.trials.byIndex('uid', trialUid).length === 0;

const LOOK_MS = 1000;

/** Buries what Trials of a name left behind them; their grants are free again when nothing is seen of them. */
export class Undertaker {
  readonly #context: Context;
  readonly #asked = new Set<string>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** @returns in how many milliseconds to come again; null where nothing is left. Not called twice at once for a key. */
  async bury(key: string): Promise<number | null> {
    const { world, executor } = this.#context;
    for (const removal of orphans(world, key)) await remove(executor.client, removal);
    for (const trial of world.departed.named(key)) await this.#buryOne(trial);
    return world.departed.named(key).length > 0 ? LOOK_MS : null;
  }

  async #buryOne(trial: Owner): Promise<void> {
    const { world, executor, log } = this.#context;
    const uid = trial.metadata.uid ?? '';
    const children = childrenOf(world, trial);
    const isAsked = this.#asked.has(uid);
    for (const removal of removals({ trial, ...children, secretRemoved: isAsked }))
      await remove(executor.client, removal);
    this.#asked.add(uid);
    const seen = childrenOf(world, trial);
    if (!isAsked || seen.pods.length + seen.vmis.length > 0) return;
    const unseen = trial.status?.grant?.endpoints ?? [];
    const strays = await lookUp(executor.client, trial, unseen);
    for (const removal of removals({ trial, ...strays, secretRemoved: true })) await remove(executor.client, removal);
    if (strays.pods.length + strays.vmis.length > 0) return;
    log.debug({ trial: keyOf(trial) }, 'Nothing is left of a deleted Trial');
    this.#asked.delete(uid);
    world.departed.drop(trial);
  }
}
