/** Kinds that the command line reads or writes, by their REST address. */
import { GROUP, VERSION } from '../api/labels.ts';
import type { ResourceType } from '../kube/index.ts';

const ours = (plural: string, kind: string): ResourceType => ({
  group: GROUP,
  version: VERSION,
  plural,
  kind,
  namespaced: true,
});

export const TESTBEDS = ours('testbeds', 'Testbed');
export const EXPERIMENTS = ours('experiments', 'Experiment');
export const TRIALS = ours('trials', 'Trial');
