/** An Experiment by name, or a sentence. */
import type { Experiment } from '../api/v1alpha1.ts';
import { isNotFound, type KubeObject } from '../kube/index.ts';
import { CliError } from './errors.ts';
import { EXPERIMENTS } from '../api/kinds.ts';
import { type Session, target } from './session.ts';

export async function findExperiment(session: Session, named: string): Promise<Experiment & KubeObject> {
  const at = target(session, named);
  try {
    return await session.client.get<Experiment & KubeObject>(EXPERIMENTS, at, { signal: session.signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    // The server's words tell a kind that is not there from an object that is not.
    const isKind = !String((error as Error).message).includes(at.name);
    throw new CliError(
      isKind
        ? 'this cluster does not know Experiments of vfbench.io/v1alpha1: install vfbench, or see kubectl vfbench doctor'
        : `there is no Experiment ${at.name} in namespace ${at.namespace}: see kubectl get experiments -A`,
    );
  }
}
