import { test } from '@jest/globals';
import type { Experiment } from '../api/v1alpha1.ts';
import { condition, experiment, node } from '../../test/support/builders.ts';
import { pointResult, registration } from '../../test/support/documents.ts';
import { expectFailure, type Failure, measuring, PASSTHROUGH, VIRTIO } from '../../test/support/trial-failures.ts';
import type { TrialWorld } from '../../test/support/trial-world.ts';

/** As the Experiment's own plan says it before any Trial is cancelled. */
function outOfTime(world: TrialWorld): void {
  const conditions = [condition('Finished', 'False', { reason: 'DeadlineExceeded' })];
  world.experiment = { ...experiment({ deadlineSeconds: 60 }), status: { conditions } };
}

const MEASURING: Failure[] = [
  {
    title: 'no results in time',
    arrange: (w) => measuring(w).deliver('server-0'),
    after: 84,
    reason: 'MeasureTimeout',
    message: /^No results from client-0 within 84 s$/,
  },
  {
    title: 'an endpoint that somebody deletes',
    arrange: (w) =>
      ((measuring(w).pods[0] as { metadata: object }).metadata = {
        ...w.pods[0]?.metadata,
        deletionTimestamp: '2026-01-01T00:00:00Z',
      }),
    reason: 'EndpointLost',
    message: /^Pod .* was deleted by somebody else$/,
  },
  {
    title: 'an endpoint that is gone',
    arrange: (w) => measuring(w).pods.pop(),
    reason: 'EndpointLost',
    message: /is gone: it was deleted or evicted$/,
  },
  {
    title: 'an endpoint that is gone, and an operator that never saw it',
    arrange: (w) => {
      measuring(w).pods.pop();
      w.restart();
    },
    reason: 'EndpointLost',
    message: /is gone: it was deleted or evicted$/,
  },
  {
    title: 'an end without results',
    arrange: (w) => measuring(w).setPod('client-0', 'Succeeded'),
    reason: 'ResultLost',
    message: /^Pod .* ended without delivering its results/,
  },
  {
    title: 'a pod that crashes',
    arrange: (w) =>
      measuring(w).setPod('client-0', 'Failed', {
        containerStatuses: [{ name: 'runner', state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } }],
      }),
    reason: 'EndpointFailed',
    message: /^client-0: Pod .* failed: exit code 137 \(OOMKilled\)$/,
  },
  {
    title: 'a VM that crashes',
    setup: VIRTIO,
    arrange: (w) => measuring(w).setVmi('server-0', { phase: 'Failed' }),
    reason: 'EndpointFailed',
    message: /^server-0: VM .* failed: its launcher crashed or lost its pod/,
  },
  {
    title: 'a node that is lost',
    arrange: (w) => measuring(w).nodes.delete('node-b'),
    reason: 'NodeLost',
    message: /^Node node-b of endpoint client-0 is gone or not Ready$/,
  },
  {
    title: 'a node that is not Ready',
    arrange: (w) =>
      measuring(w).nodes.set('node-a', {
        ...node('node-a'),
        status: { conditions: [{ type: 'Ready', status: 'Unknown' }] },
      }),
    reason: 'NodeLost',
    message: /^Node node-a of endpoint server-0/,
  },
  {
    title: 'a document that tells of an error',
    arrange: (w) =>
      measuring(w).deliver('client-0', { error: { reason: 'PeerUnreachable', message: 'connect: no route to host' } }),
    reason: 'PeerUnreachable',
    message: /^client-0: connect: no route to host$/,
  },
  {
    title: 'a document that is turned down',
    arrange: (w) =>
      measuring(w).report('client-0', { fault: { reason: 'ResultInvalid', message: 'points: not a list' } }),
    reason: 'ResultInvalid',
    message: /^client-0: points: not a list$/,
  },
  {
    title: 'a document that lacks a point',
    arrange: (w) => measuring(w).deliver('server-0').deliver('client-0', { points: [] }),
    reason: 'ResultLost',
    message: /^Pair 0: test \w+ \(point \d\) is missing in the client's results$/,
  },
  {
    title: 'a tool that failed in one point',
    arrange: (w) => {
      const points = w.points.map((point) => ({
        ...pointResult(point, 'client'),
        ...(point.id === 1 ? { error: { reason: 'ToolFailed', message: 'iperf3: refused' }, measurements: [] } : {}),
      }));
      measuring(w).deliver('server-0').deliver('client-0', { points });
    },
    reason: 'ToolFailed',
    message: /^Pair 0: test bandwidth \(point 1\): iperf3: refused$/,
  },
  {
    title: 'a tool that failed in one point, and a server that is not heard of',
    arrange: (w) => {
      const points = w.points.map((point) => ({
        ...pointResult(point, 'client'),
        ...(point.id === 1 ? { error: { reason: 'ToolFailed', message: 'iperf3: refused' }, measurements: [] } : {}),
      }));
      measuring(w).deliver('client-0', { points });
    },
    reason: 'ToolFailed',
    message: /^Pair 0: test bandwidth \(point 1\): iperf3: refused$/,
  },
  {
    title: 'more than the wire can carry',
    setup: { testbed: { link: { bitsPerSecond: '100M', mtu: 1500 } } },
    arrange: (w) => measuring(w).deliverAll(),
    reason: 'ExceedsLinkRate',
    message: /^Pair 0: test bandwidth \(point \d\): 1\.000 Gb\/s measured, 0\.09415 Gb\/s is all the link can carry/,
  },
  {
    title: 'more than the wire can carry for all pairs at once',
    setup: { spec: { pairs: 2 }, testbed: { link: { bitsPerSecond: '1500M', mtu: 1500 } } },
    arrange: (w) => measuring(w).deliverAll(),
    reason: 'ExceedsLinkRate',
    message:
      /^Test bandwidth \(point \d\): the 2 pairs together claim 2\.000 Gb\/s, 1\.412 Gb\/s is all the link can carry/,
  },
  {
    title: 'results of another data path than the one that reported in',
    setup: PASSTHROUGH,
    arrange: (w) => {
      const other = registration(w.endpoint('client-0'), 'Passthrough', { driver: 'e1000' });
      measuring(w).deliver('server-0').deliver('client-0', { registration: other });
    },
    reason: 'WrongDataPath',
    message: /^client-0: Data NIC data0 has driver e1000/,
  },
  {
    title: 'results that nobody registered for, of a wrong data path',
    setup: VIRTIO,
    arrange: (w) => {
      const other = registration(w.endpoint('server-0'), 'Virtio', { driver: 'veth', bus: 'virtual' });
      w.run().deliverAll().deliver('server-0', { registration: other }).report('server-0', { registration: null });
    },
    reason: 'WrongDataPath',
    message: /^server-0: Data NIC data0 has driver veth/,
  },
  {
    title: 'the Testbed deleted',
    arrange: (w) => (measuring(w).testbed = null),
    reason: 'TestbedNotFound',
    message: /^Testbed lab was deleted while the trial ran$/,
  },
  {
    title: 'the Experiment gone',
    arrange: (w) => (measuring(w).experiment = null),
    reason: 'Cancelled',
    message: /^Experiment exp is gone$/,
  },
  {
    title: 'the Experiment being deleted, and held by a finalizer or by what it owns',
    arrange: (w) => ((measuring(w).experiment as Experiment).metadata.deletionTimestamp = '2026-01-01T00:00:00Z'),
    reason: 'Cancelled',
    message: /^Experiment exp is being deleted$/,
  },
  {
    title: 'the Trial being deleted, and held by a finalizer or by what it owns',
    arrange: (w) => (measuring(w).trial.metadata.deletionTimestamp = '2026-01-01T00:00:00Z'),
    reason: 'Cancelled',
    message: /^Trial \S+ is being deleted$/,
  },
  {
    title: 'the Experiment out of time',
    arrange: (w) => outOfTime(measuring(w)),
    reason: 'DeadlineExceeded',
    message: /^Experiment exp has run out of its 60 s \(spec\.deadlineSeconds\)$/,
  },
  {
    title: 'the mode gone',
    arrange: (w) => (measuring(w).mode = null),
    reason: 'ModeNotFound',
    message: /^Experiment exp has no mode native any more$/,
  },
  {
    title: 'the VM template gone, of which the grant kept nothing',
    setup: VIRTIO,
    arrange: (w) => {
      delete measuring(w).testbed?.spec.vm;
      delete w.trial.status?.grant?.testbed;
    },
    reason: 'NoVMTemplate',
    message: /^server-0 is a VM, and Testbed lab has no spec.vm any more$/,
  },
];

test.each(MEASURING)('$title: $reason', expectFailure);
