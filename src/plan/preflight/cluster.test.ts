import { describe, expect, test } from '@jest/globals';
import { experiment, testbed } from '../../../test/support/builders.ts';
import { rights, sriovState, states, statusOf, told } from '../../../test/support/preflight.ts';
import type { TestbedObserved } from './observed.ts';

/** What is broken, and all that the preflight says of it. */
type Case = [string, Partial<TestbedObserved>, string[]];

describe('the wire', () => {
  test.each<Case>([
    [
      'a slower PF',
      { testbed: testbed({ link: { bitsPerSecond: '25G', mtu: 1500 } }), sriovStates: states(sriovState('node-a')) },
      [
        'Error LinkRateMismatch [native]: network native: PF ens1f0 on node-a runs at 10.0 Gb/s, spec.link.bitsPerSecond is 25G: results above the wire would pass as valid; correct it',
        'Error LinkRateMismatch [passthrough]: network passthrough: PF ens1f0 on node-a runs at 10.0 Gb/s, spec.link.bitsPerSecond is 25G: results above the wire would pass as valid; correct it',
      ],
    ],
    [
      'a faster PF',
      {
        testbed: testbed({
          link: { bitsPerSecond: '1G', mtu: 1500 },
          networks: [{ name: 'native', attachment: 'vf-net' }],
        }),
        sriovStates: states(sriovState('node-a')),
      },
      [
        'Warning LinkRateMismatch [native]: network native: PF ens1f0 on node-a runs at 10.0 Gb/s, spec.link.bitsPerSecond is 1G: correct it unless something on the way is slower',
      ],
    ],
    [
      'no link',
      {
        testbed: testbed({ networks: [{ name: 'native', attachment: 'vf-net' }] }),
        sriovStates: states(sriovState('node-b', { linkSpeed: '-1 Mb/s' })),
      },
      ['Error LinkDown [native]: network native: PF ens1f0 on node-b has no link: check cable and switch port'],
    ],
    [
      'a PF with a smaller MTU',
      {
        testbed: testbed({
          link: { bitsPerSecond: '10G', mtu: 9000 },
          networks: [{ name: 'native', attachment: 'vf-net' }],
        }),
        sriovStates: states(sriovState('node-a')),
      },
      [
        'Error MTUMismatch [native]: network native: PF ens1f0 on node-a has an MTU of 1500 bytes, spec.link.mtu is 9000: raise it in the SriovNetworkNodePolicy, or lower spec.link.mtu',
      ],
    ],
    [
      'an MTU of the pool below that of its PF',
      {
        testbed: testbed({
          link: { bitsPerSecond: '10G', mtu: 9000 },
          networks: [{ name: 'native', attachment: 'vf-net' }],
        }),
        sriovStates: states(sriovState('node-a', { mtu: 9000, vfMtu: 1500 })),
      },
      [
        'Error MTUMismatch [native]: network native: PF ens1f0 on node-a has an MTU of 1500 bytes, spec.link.mtu is 9000: raise it in the SriovNetworkNodePolicy, or lower spec.link.mtu',
      ],
    ],
    [
      'an MTU of the pool that is none: its PF has one',
      {
        testbed: testbed({
          link: { bitsPerSecond: '10G', mtu: 9000 },
          networks: [{ name: 'native', attachment: 'vf-net' }],
        }),
        sriovStates: states(sriovState('node-a', { mtu: 9000, vfMtu: 0 })),
      },
      [],
    ],
    [
      'VFs being changed',
      { sriovStates: states(sriovState('node-a', {}, { syncStatus: 'InProgress' })) },
      [
        'Warning SriovSync: SriovNetworkNodeState node-a is InProgress, its VFs may change: wait until it has Succeeded',
      ],
    ],
    [
      'VFs that could not be made',
      {
        sriovStates: states(
          sriovState('node-a', {}, { syncStatus: 'Failed', lastSyncError: 'numVfs 64 > totalvfs 8' }),
        ),
      },
      [
        'Warning SriovSync: SriovNetworkNodeState node-a is Failed (numVfs 64 > totalvfs 8), its VFs may change: correct its SriovNetworkNodePolicies',
      ],
    ],
    ['a speed that nobody knows', { sriovStates: states(sriovState('node-a', { linkSpeed: '' })) }, []],
  ])('%s', (_, fields, expected) => {
    expect((statusOf(fields).findings ?? []).map(told)).toEqual(expected);
  });
});

describe('addresses', () => {
  test.each<Case>([
    [
      'no subnet',
      { testbed: testbed({ subnet: '10.0.0.0' }) },
      ['Error SubnetInvalid: spec.subnet 10.0.0.0 is no subnet: write it as 192.168.50.0/24'],
    ],
    [
      'more pairs than addresses',
      { testbed: testbed({ subnet: '10.0.0.0/29' }), experiments: [experiment({ pairs: [1, 4] })] },
      [
        'Warning SubnetTooSmall: spec.subnet 10.0.0.0/29 has addresses for 3 pairs, Experiment exp asks for 4: make it larger',
      ],
    ],
    [
      'more trials at once than addresses',
      { testbed: testbed({ subnet: '10.0.0.0/29', concurrency: 8 }) },
      [
        'Warning SubnetTooSmall: spec.subnet 10.0.0.0/29 has addresses for 3 pairs, spec.concurrency is 8: trials wait for addresses; make it larger',
      ],
    ],
  ])('%s', (_, fields, expected) => {
    expect((statusOf(fields).findings ?? []).map(told)).toEqual(expected);
  });
});

describe('rights of the operator', () => {
  test.each<Case>([
    [
      'pods may not be made',
      { rights: rights((verb, resource) => !(resource === 'pods' && verb === 'create') && resource !== 'secrets') },
      [
        'Error PermissionsMissing: the operator may not in namespace bench: create pods; create, delete secrets: grant it as deploy/base/rbac.yaml does',
      ],
    ],
    [
      'VMs may not be made',
      { rights: rights((verb, resource) => !(resource === 'virtualmachineinstances' && verb.startsWith('delete'))) },
      [
        'Error PermissionsMissing [Virtio+Passthrough]: the operator may not in namespace bench: delete, deletecollection virtualmachineinstances.kubevirt.io: grant it as deploy/base/rbac.yaml does',
      ],
    ],
    [
      'an authorizer that cannot tell all',
      { rights: { ...rights((verb) => verb !== 'deletecollection'), incomplete: true } },
      [
        'Warning PermissionsUnknown: as far as the API server can tell, the operator may not in namespace bench: deletecollection pods: grant it as deploy/base/rbac.yaml does',
        'Warning PermissionsUnknown [Virtio+Passthrough]: as far as the API server can tell, the operator may not in namespace bench: deletecollection virtualmachineinstances.kubevirt.io: grant it as deploy/base/rbac.yaml does',
      ],
    ],
    [
      'not answered',
      {
        rights: {
          resourceRules: [],
          incomplete: true,
          error: 'selfsubjectrulesreviews.authorization.k8s.io is forbidden',
        },
      },
      [
        'Warning PermissionsUnknown: the API server does not tell what the operator may do: selfsubjectrulesreviews.authorization.k8s.io is forbidden',
      ],
    ],
    [
      'everything to an administrator',
      { rights: { resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }], incomplete: false } },
      [],
    ],
    ['not asked yet', { rights: null }, []],
  ])('%s', (_, fields, expected) => {
    expect((statusOf(fields).findings ?? []).map(told)).toEqual(expected);
  });
});
