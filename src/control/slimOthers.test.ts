import { expect, test } from '@jest/globals';
import { kubevirt, sriovState } from '../../test/support/preflight.ts';
import { slimKubeVirt, slimSriovState } from './slimOthers.ts';

const bulk = { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'x'.repeat(1000) } };

test('a KubeVirt keeps what the preflight reads, and no more; again, it stays the same', () => {
  const available = { type: 'Available', status: 'False', message: 'no' };
  const conditions = [{ type: 'Created', status: 'True' }, available];
  const { metadata, spec, status } = kubevirt({ conditions }, { memoryOvercommit: 150 });
  const full = {
    apiVersion: 'kubevirt.io/v1',
    kind: 'KubeVirt',
    metadata: { ...metadata, ...bulk, uid: 'u', resourceVersion: '7' },
    spec: { ...spec, imageTag: 'x', customizeComponents: { patches: ['y'.repeat(1000)] } },
    status: { ...status, generations: ['z'.repeat(1000)] },
  };
  const slim = slimKubeVirt(full);
  expect(JSON.stringify(slim).length).toBeLessThan(500);
  expect(slim.metadata).toEqual({ ...metadata, uid: 'u', resourceVersion: '7' });
  expect(slim.spec).toEqual(spec);
  expect(slim.status).toEqual({ phase: 'Deployed', observedKubeVirtVersion: 'v1.9.0', conditions: [available] });
  expect(slimKubeVirt(slim)).toEqual(slim);
});

test('a SriovNetworkNodeState keeps pools, links and where its VFs are, and no more', () => {
  const { metadata, spec = {}, status } = sriovState('node-a');
  const Vfs = Array.from({ length: 64 }, (_, vfID) => ({
    vfID,
    name: `ens1f0v${vfID}`,
    mac: '02:00:00:00:00:01',
    pciAddress: `0000:3b:0${2 + (vfID >> 3)}.${vfID & 7}`,
    ...(vfID === 1 ? { Vlan: 100 } : {}),
  }));
  const interfaces = (status?.interfaces ?? []).map((one) => ({ ...one, Vfs }));
  const full = {
    apiVersion: 'sriovnetwork.openshift.io/v1',
    kind: 'SriovNetworkNodeState',
    metadata: { ...metadata, ...bulk },
    spec,
    status: { ...status, interfaces },
  };
  const slim = slimSriovState(full);
  expect(slim.spec).toEqual(spec);
  const kept = Vfs.map(({ pciAddress, Vlan }) => ({ pciAddress, ...(Vlan === undefined ? {} : { Vlan }) }));
  expect(kept[1]).toEqual({ pciAddress: '0000:3b:02.1', Vlan: 100 });
  expect(slim.status).toEqual({
    ...status,
    interfaces: (status?.interfaces ?? []).map((one) => ({ ...one, Vfs: kept })),
  });
  expect(slimSriovState(slim)).toEqual(slim);
});
