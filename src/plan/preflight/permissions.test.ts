/** Which rules of a review give a right, and what is said of rights that none gives. */
import { describe, expect, test } from '@jest/globals';
import { missing, permissionFindings, type ResourceRule, type Right, RIGHTS } from './permissions.ts';

const WATCHED: Right = { group: 'vfbench.io', resource: 'trials', verbs: ['list', 'watch'] };
const STATUS: Right = { group: 'vfbench.io', resource: 'trials/status', verbs: ['patch'] };
const PODS: Right = { group: '', resource: 'pods', verbs: ['create'] };

const rule = (verbs: string[], apiGroups: string[], resources: string[], resourceNames?: string[]): ResourceRule => ({
  verbs,
  apiGroups,
  resources,
  ...(resourceNames === undefined ? {} : { resourceNames }),
});
const OURS = rule(['list', 'watch'], ['vfbench.io'], ['trials']);

describe('a right is given', () => {
  test.each<[string, Right, ResourceRule[], string[]]>([
    ['by no rule', WATCHED, [], ['list', 'watch']],
    ['by its own rule', WATCHED, [OURS], []],
    ['by two rules', WATCHED, [rule(['list'], ['vfbench.io'], ['trials']), rule(['watch'], ['*'], ['*'])], []],
    ['not in part', WATCHED, [rule(['list'], ['vfbench.io'], ['trials'])], ['watch']],
    ['by every verb', WATCHED, [rule(['*'], ['vfbench.io'], ['trials'])], []],
    ['by every group', WATCHED, [rule(['list', 'watch'], ['*'], ['trials'])], []],
    ['by every resource', WATCHED, [rule(['list', 'watch'], ['vfbench.io'], ['*'])], []],
    ['by an empty list of names', WATCHED, [{ ...OURS, resourceNames: [] }], []],
    ['not for some objects by name', WATCHED, [{ ...OURS, resourceNames: ['one'] }], ['list', 'watch']],
    ['not in another group', WATCHED, [rule(['*'], ['apps'], ['*'])], ['list', 'watch']],
    ['not in every group but the core', PODS, [rule(['*'], ['vfbench.io'], ['*'])], ['create']],
    ['in the core group', PODS, [rule(['create'], [''], ['pods'])], []],
    ['not for a subresource by its parent', STATUS, [rule(['patch'], ['vfbench.io'], ['trials'])], ['patch']],
    ['for a subresource by its name', STATUS, [rule(['patch'], ['vfbench.io'], ['trials/status'])], []],
    ['for a subresource of everything', STATUS, [rule(['patch'], ['vfbench.io'], ['*/status'])], []],
    ['not by another subresource of everything', STATUS, [rule(['patch'], ['vfbench.io'], ['*/scale'])], ['patch']],
    ['not for the parent by its subresource', WATCHED, [rule(['*'], ['vfbench.io'], ['*/status'])], ['list', 'watch']],
    ['not without groups or resources', WATCHED, [{ verbs: ['*'] }], ['list', 'watch']],
  ])('%s', (_, right, resourceRules, lacking) => {
    expect(missing({ resourceRules, incomplete: false }, right)).toEqual(lacking);
  });
});

describe('findings', () => {
  const ALL = [rule(['*'], ['*'], ['*'])];
  const NOTHING = { resourceRules: [], incomplete: false };

  test('of all rights there are none', () => {
    expect(permissionFindings({ resourceRules: ALL, incomplete: false }, 'bench', true)).toEqual([]);
  });

  test('of none, every right is named, those to VMs for their modes alone', () => {
    const [all, vms, ...more] = permissionFindings(NOTHING, 'bench', true);
    expect(more).toEqual([]);
    expect(all).toMatchObject({ severity: 'Error', reason: 'PermissionsMissing' });
    for (const { resource, modes } of RIGHTS) expect((modes === undefined ? all : vms)?.message).toContain(resource);
    expect(vms?.modes).toEqual(['Virtio', 'Passthrough']);
  });

  test('of rights to VMs there are none where none are made', () => {
    expect(permissionFindings(NOTHING, 'bench', false).map(({ modes }) => modes)).toEqual([undefined]);
  });

  test('an authorizer that does not list its rules leaves a doubt, not an error', () => {
    const [doubt] = permissionFindings({ resourceRules: [], incomplete: true }, 'bench', false);
    expect(doubt).toMatchObject({ severity: 'Warning', reason: 'PermissionsUnknown' });
  });
});
