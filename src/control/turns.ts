/** Which namespace was last given which node: as the cluster tells it, so that a restart costs nobody a turn. */
import { isTrue } from '../api/conditions.ts';
import type { Trial } from '../api/v1alpha1.ts';
import { since } from '../plan/status.ts';
import { type Served, servedKeys, type Waiting } from '../plan/turns.ts';
import type { World } from './world.ts';

/** When it was granted; of a finished Trial the cache keeps its end only. Null where it never was. */
function grantedAt({ status }: Trial): number | null {
  if (isTrue(status?.conditions, 'Finished')) return since(status?.conditions, 'Finished');
  return status?.grant === undefined ? null : since(status.conditions, 'Granted');
}

export class Turns {
  #served: Map<string, number> | null = null;
  #last = 0;

  served(world: World): Served {
    this.#served ??= this.#read(world);
    return this.#served;
  }

  serve(request: Pick<Waiting, 'namespace' | 'needs'>, now: number): void {
    this.#last = Math.max(this.#last + 1, now);
    for (const key of servedKeys(request)) this.#served?.set(key, this.#last);
  }

  #read(world: World): Map<string, number> {
    const served = new Map<string, number>();
    for (const trial of world.trials.list()) {
      const { namespace = '' } = trial.metadata;
      const nodes = world.experiments.get(`${namespace}/${trial.spec.experiment}`)?.status?.nodes;
      const at = grantedAt(trial);
      if (at === null || nodes === undefined) continue;
      const needs = [{ node: nodes.server }, { node: nodes.client }];
      for (const key of servedKeys({ namespace, needs })) served.set(key, Math.max(served.get(key) ?? 0, at));
    }
    return served;
  }
}
