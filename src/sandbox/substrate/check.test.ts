import { describe, expect, test } from '@jest/globals';
import { whyRefused, type NamespaceSettings } from './check.ts';

const open: NamespaceSettings = { unprivilegedClone: null, apparmorRestricts: null, maxUserNamespaces: '96365' };

describe('whyRefused', () => {
  test.each<[string, Partial<NamespaceSettings>, string]>([
    ['no user namespaces at all', { maxUserNamespaces: '0' }, 'sysctl user.max_user_namespaces='],
    ['Debian of old', { unprivilegedClone: '0' }, 'sysctl kernel.unprivileged_userns_clone=1'],
    ['Ubuntu', { apparmorRestricts: '1' }, 'sysctl kernel.apparmor_restrict_unprivileged_userns=0'],
  ])('names the switch: %s', (_, settings, hint) => {
    const sentences = whyRefused('unshare: Operation not permitted', { ...open, ...settings });
    expect(sentences).toHaveLength(1);
    expect(sentences[0]).toContain(hint);
  });

  test('tells a masked /proc of containers from a refused namespace', () => {
    expect(whyRefused('mount: mounting proc on /proc failed: Operation not permitted', open)[0]).toContain(
      'systempaths',
    );
    expect(whyRefused('unshare: unshare failed: Operation not permitted', open)[0]).toMatch(
      /--privileged.*unshare failed: Operation not permitted/,
    );
  });
});
