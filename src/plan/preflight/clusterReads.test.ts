/** What the preflight says of reads of the whole cluster that are refused. */
import { describe, expect, test } from '@jest/globals';
import { testbed } from '../../../test/support/builders.ts';
import { conditionsOf, readyMessage, statusOf, told } from '../../../test/support/preflight.ts';
import { heldBy } from './finding.ts';
import type { ClusterRead } from './clusterReads.ts';
import type { TestbedObserved } from './observed.ts';

const { vm: _vm, ...podsOnly } = testbed().spec;
const WITHOUT_VMS = { ...testbed(), spec: podsOnly };
const kept = (...reads: ClusterRead[]): Pick<TestbedObserved, 'kept'> => ({
  kept: new Map(reads.map((read) => [read, `${read} is forbidden`])),
});
const cure = (resource: string): string =>
  `grant it by the rule "resources: [${resource}], verbs: [list, watch]" of ClusterRole vfbench-cluster in deploy/base/rbac.yaml, and bind that role by a ClusterRoleBinding, also where the operator serves one namespace`;
const PODS = `the operator may not list, watch pods in all namespaces (pods is forbidden), so that which devices pods of others hold on the nodes is not known, and nothing is granted: ${cure('pods')}`;

describe('kept from the operator', () => {
  test('pods: every mode is held, with the right and the line that gives it', () => {
    const status = statusOf(kept('pods'));
    expect((status.findings ?? []).map(told)).toEqual([`Error PermissionsMissing: ${PODS}`]);
    expect(conditionsOf(status)).toEqual({
      Ready: 'False/PermissionsMissing',
      NativeReady: 'False/PermissionsMissing',
      VirtioReady: 'False/PermissionsMissing',
      PassthroughReady: 'False/PermissionsMissing',
    });
    expect(readyMessage(status)).toBe(PODS);
    expect(heldBy({ ...testbed(), status }, [{ type: 'Native', network: 'native' }])).toBe(PODS);
  });

  test.each<[string, Partial<TestbedObserved>, string[]]>([
    [
      'KubeVirt itself',
      { ...kept('kubevirts'), kubevirt: [] },
      [
        `Warning PermissionsMissing [Virtio+Passthrough]: the operator may not list, watch kubevirts.kubevirt.io in all namespaces (kubevirts is forbidden), so that version and state of KubeVirt are not known: ${cure('kubevirts')}`,
      ],
    ],
    ['KubeVirt itself, where it is not installed', { ...kept('kubevirts'), kubevirt: null, testbed: WITHOUT_VMS }, []],
    ['KubeVirt itself, without VMs', { ...kept('kubevirts'), kubevirt: [], testbed: WITHOUT_VMS }, []],
    [
      'node states',
      kept('sriovnetworknodestates'),
      [
        `Warning PermissionsMissing: the operator may not list, watch sriovnetworknodestates.sriovnetwork.openshift.io in all namespaces (sriovnetworknodestates is forbidden), so that link, MTU and drivers of VFs are not known, where the SR-IOV network operator would tell them: ${cure('sriovnetworknodestates')}`,
      ],
    ],
  ])('%s: nothing is held', (_, fields, expected) => {
    const status = statusOf(fields);
    expect((status.findings ?? []).map(told)).toEqual(expected);
    expect(conditionsOf(status)).toMatchObject({ Ready: 'True/Fit', NativeReady: 'True/Fit' });
  });

  test('words of any length leave room for the cure', () => {
    const status = statusOf({ kept: new Map([['pods', 'x '.repeat(5000)]]) });
    expect(readyMessage(status)).toContain(cure('pods'));
  });
});
