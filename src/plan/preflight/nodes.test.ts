import { describe, expect, test } from '@jest/globals';
import { holder } from '../../../test/support/allocation.ts';
import { testbed } from '../../../test/support/builders.ts';
import { fitNode, nodeMap, statusOf, told, VFNET, VFVFIO } from '../../../test/support/preflight.ts';
import type { TestbedObserved } from './observed.ts';

/** What is broken, and all that the preflight says of it. */
type Case = [string, Partial<TestbedObserved>, string[]];

describe('nodes', () => {
  test.each<Case>([
    [
      'a node gone or renamed',
      { nodes: nodeMap(fitNode('node-a'), fitNode('node-z')) },
      [
        'Error NodeNotFound: no node matches spec.nodes.client: node-b is not there, renamed or removed: correct the names; the cluster has node-a, node-z',
      ],
    ],
    [
      'no node of that label',
      {
        testbed: testbed({
          nodes: { server: { selector: { matchLabels: { a: 'b' } } }, client: { names: ['node-b'] } },
        }),
      },
      ['Error NodeNotFound: no node matches spec.nodes.server: compare it with kubectl get nodes --show-labels'],
    ],
    [
      'one of two names gone',
      { testbed: testbed({ nodes: { server: { names: ['node-x', 'node-a'] }, client: { names: ['node-b'] } } }) },
      ['Warning NodeNotFound: spec.nodes.server names node-x, which is not there: renamed or removed? Correct it'],
    ],
    [
      'one of two names gone, and the other cordoned',
      {
        testbed: testbed({ nodes: { server: { names: ['node-x', 'node-a'] }, client: { names: ['node-b'] } } }),
        nodes: nodeMap(fitNode('node-a', { spec: { unschedulable: true } }), fitNode('node-b')),
      },
      [
        'Error NodeCordoned: no node of spec.nodes.server can be used: node-a is cordoned: kubectl uncordon node-a',
        'Warning NodeNotFound: spec.nodes.server names node-x, which is not there: renamed or removed? Correct it',
      ],
    ],
    [
      'one of three names gone, and another one cordoned',
      {
        testbed: testbed({
          nodes: { server: { names: ['node-x', 'node-a', 'node-b'] }, client: { names: ['node-c'] } },
        }),
        nodes: nodeMap(fitNode('node-a', { spec: { unschedulable: true } }), fitNode('node-b'), fitNode('node-c')),
      },
      [
        'Warning NodeNotFound: spec.nodes.server names node-x, which is not there: renamed or removed? Correct it',
        'Warning NodeCordoned: spec.nodes.server: node-a is cordoned: kubectl uncordon node-a',
      ],
    ],
    [
      'not Ready',
      {
        nodes: nodeMap(
          fitNode('node-a', { ready: { status: 'Unknown', message: 'Kubelet stopped posting node status.' } }),
          fitNode('node-b'),
        ),
      },
      [
        'Error NodeNotReady: no node of spec.nodes.server can be used: node-a is not Ready (Kubelet stopped posting node status.): kubectl describe node node-a',
      ],
    ],
    [
      'never reported',
      { nodes: nodeMap({ metadata: { name: 'node-a' } }, fitNode('node-b')) },
      [
        'Error NodeNotReady: no node of spec.nodes.server can be used: node-a is not Ready (its kubelet has not reported): kubectl describe node node-a',
      ],
    ],
    [
      'cordoned',
      { nodes: nodeMap(fitNode('node-a', { spec: { unschedulable: true } }), fitNode('node-b')) },
      ['Error NodeCordoned: no node of spec.nodes.server can be used: node-a is cordoned: kubectl uncordon node-a'],
    ],
    [
      'one of two cordoned',
      {
        testbed: testbed({ nodes: { server: { names: ['node-a', 'node-b'] }, client: { names: ['node-b'] } } }),
        nodes: nodeMap(fitNode('node-a', { spec: { unschedulable: true } }), fitNode('node-b')),
      },
      [
        'Warning NodeCordoned: spec.nodes.server: node-a is cordoned: kubectl uncordon node-a',
        'Warning OneNode: node-b is the only node for both ends: CrossNode trials cannot run; name a second one',
      ],
    ],
    [
      'tainted',
      {
        nodes: nodeMap(
          fitNode('node-a', { spec: { taints: [{ key: 'dedicated', effect: 'NoSchedule' }] } }),
          fitNode('node-b'),
        ),
      },
      [
        'Error NodeTainted: no node of spec.nodes.server can be used: node-a has the taint dedicated:NoSchedule, which endpoints do not tolerate: kubectl taint node node-a dedicated:NoSchedule-',
      ],
    ],
    [
      'tainted so that even what runs is put out',
      {
        nodes: nodeMap(
          fitNode('node-a'),
          fitNode('node-b', { spec: { taints: [{ key: 'maintenance', effect: 'NoExecute' }] } }),
        ),
      },
      [
        'Error NodeTainted: no node of spec.nodes.client can be used: node-b has the taint maintenance:NoExecute, which endpoints do not tolerate: kubectl taint node node-b maintenance:NoExecute-',
      ],
    ],
    [
      'taints that keep nobody out, or say what is said already',
      {
        nodes: nodeMap(
          fitNode('node-a', {
            spec: {
              taints: [
                { key: 'a', effect: 'PreferNoSchedule' },
                { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' },
              ],
            },
          }),
          fitNode('node-b'),
        ),
      },
      [],
    ],
    [
      'one node for both ends',
      { testbed: testbed({ nodes: { server: { names: ['node-a'] }, client: { names: ['node-a'] } } }) },
      ['Warning OneNode: node-a is the only node for both ends: CrossNode trials cannot run; name a second one'],
    ],
  ])('%s', (_, fields, expected) => {
    expect((statusOf(fields).findings ?? []).map(told)).toEqual(expected);
  });
});

describe('devices', () => {
  test.each<Case>([
    [
      'resource unknown to the node',
      { nodes: nodeMap(fitNode('node-a', { allocatable: { [VFNET]: undefined } }), fitNode('node-b')) },
      [
        'Error InsufficientVFs [native]: network native takes openshift.io/vfnet, which no node of spec.nodes.server offers: node-a does not know it and has openshift.io/vfvfio: correct the name, or add the pool to the configuration of the SR-IOV device plugin and restart it there',
      ],
    ],
    [
      'device plugin stopped',
      { nodes: nodeMap(fitNode('node-a', { allocatable: { [VFNET]: '0' } }), fitNode('node-b')) },
      [
        'Error InsufficientVFs [native]: network native takes openshift.io/vfnet, which no node of spec.nodes.server offers: node-a has 0 of 4 left, since the SR-IOV device plugin stopped there or the VFs are gone (sriov_numvfs): make VFs where there are none, then restart it',
      ],
    ],
    [
      'no VFs any more',
      {
        nodes: nodeMap(
          fitNode('node-a'),
          fitNode('node-b', { allocatable: { [VFVFIO]: '0' }, capacity: { [VFVFIO]: '0' } }),
        ),
      },
      [
        'Error InsufficientVFs [passthrough]: network passthrough takes openshift.io/vfvfio, which no node of spec.nodes.client offers: node-b has 0: make VFs (sriov_numvfs), then restart the SR-IOV device plugin there, which does not see later ones',
      ],
    ],
    [
      'one of two nodes without',
      {
        testbed: testbed({ nodes: { server: { names: ['node-a', 'node-b'] }, client: { names: ['node-b'] } } }),
        nodes: nodeMap(fitNode('node-a', { allocatable: { [VFNET]: '0' } }), fitNode('node-b')),
      },
      [
        'Warning InsufficientVFs [native]: network native takes openshift.io/vfnet: node-a has 0 of 4 left, since the SR-IOV device plugin stopped there or the VFs are gone (sriov_numvfs): make VFs where there are none, then restart it',
      ],
    ],
    [
      'all with others',
      { pods: [holder('other', 'node-a', { [VFVFIO]: 3 })] },
      [
        'Warning VFsInUse [passthrough]: network passthrough: all 3 of openshift.io/vfvfio on node-a are in use by other/other: Trials wait for them',
      ],
    ],
  ])('%s', (_, fields, expected) => {
    expect((statusOf(fields).findings ?? []).map(told)).toEqual(expected);
  });
});
