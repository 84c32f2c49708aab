/**
 * The sandbox's stand-ins against a real API server, scheduler and controller manager, on a substrate that does
 * nothing: objects must go through the recorded steps, in order, and leave nothing.
 */
import { describe } from '@jest/globals';
import { AGENT_CRDS } from '../../src/sandbox/agents/install.ts';
import { AgentsLab } from '../support/agents-lab.ts';
import { describeWithCluster } from '../support/cluster.ts';
import { eventTests } from './agents/events.ts';
import { nodeTests } from './agents/nodes.ts';
import { podTests } from './agents/pods.ts';
import { vmiTests } from './agents/vmis.ts';

const COMPONENTS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;

describeWithCluster('sandbox agents', { components: COMPONENTS, crds: [AGENT_CRDS] }, (cluster) => {
  // Inside of the cluster's own describe, so that the agents end before it does.
  describe('on two nodes', () => {
    const lab = new AgentsLab(cluster);
    lab.useHooks();
    podTests(lab);
    vmiTests(lab);
    eventTests(lab);
    nodeTests(lab);
  });
});
