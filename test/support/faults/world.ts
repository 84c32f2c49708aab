/** What faults are played on: a cluster whose nodes are the sandbox's, with the operator running. */
import type { KubeClient } from '../../../src/kube/index.ts';
import type { Agents } from '../../../src/sandbox/agents/agents.ts';
import type { Misdeed } from '../../e2e/faults/kinds.ts';
import type { DryRun } from '../in-force.ts';

/** By name of the endpoint. */
export type Misdeeds = Readonly<Record<string, Misdeed>>;

export interface World {
  readonly client: KubeClient;
  readonly agents: Agents;
  /** True where endpoints are only played: their programs can be told to do something wrong, and nothing takes time. */
  readonly played: boolean;
  apply(...manifests: object[]): Promise<void>;
  readonly dryRun: DryRun;
  /** What the program in an endpoint of that Experiment does wrong from now on; the others do all right. */
  misbehave(experiment: string, misdeeds: Misdeeds): void;
  /** What of pods and guests is on the nodes. */
  remains(): Promise<string[]>;
  close(): Promise<void>;
}
