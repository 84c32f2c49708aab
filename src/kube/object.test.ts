import { describe, expect, test } from '@jest/globals';
import { compareVersions, keyOf, pathOf, refOf, type ResourceType } from './object.ts';
import { LEASES, NODES, PODS } from './resources.ts';

const WIDGETS: ResourceType = {
  group: 'example.com',
  version: 'v1beta1',
  plural: 'widgets',
  kind: 'Widget',
  namespaced: true,
};

describe('pathOf', () => {
  test.each([
    [PODS, {}, '/api/v1/pods'],
    [PODS, { namespace: 'a' }, '/api/v1/namespaces/a/pods'],
    [PODS, { namespace: 'a', name: 'b', subresource: 'status' }, '/api/v1/namespaces/a/pods/b/status'],
    [NODES, { name: 'n', namespace: 'ignored' }, '/api/v1/nodes/n'],
    [LEASES, { namespace: 'a', name: 'b' }, '/apis/coordination.k8s.io/v1/namespaces/a/leases/b'],
    [WIDGETS, { namespace: 'a', name: '../b' }, '/apis/example.com/v1beta1/namespaces/a/widgets/..%2Fb'],
  ])('%# gives %s', (type, at, path) => expect(pathOf(type, at)).toBe(path));

  test('refuses a namespaced object without a namespace', () => {
    expect(() => pathOf(PODS, { name: 'b' })).toThrow('Pod b needs a namespace');
  });
});

test.each([
  [{ metadata: { name: 'a', namespace: 'n' } }, 'n/a'],
  [{ metadata: { name: 'a' } }, 'a'],
])('keyOf and refOf are inverse: %#', (obj, key) => {
  expect(keyOf(obj)).toBe(key);
  expect(refOf(key)).toEqual(obj.metadata);
});

describe('compareVersions', () => {
  test.each([
    ['9', '10', -1],
    ['10', '9', 1],
    ['10', '10', 0],
    ['9007199254740993', '9007199254740992', 1],
    ['a', '1', undefined],
    ['1', undefined, undefined],
    ['01', '1', undefined],
  ])('%s against %s', (a, b, order) => {
    const actual = compareVersions(a, b);
    expect(actual === undefined ? undefined : Math.sign(actual)).toBe(order);
  });
});
