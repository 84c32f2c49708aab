import { expect, test } from '@jest/globals';
import { rightsTables } from './rights.ts';

const role = (comment: string): string => `kind: ServiceAccount
metadata: {name: a}
---
kind: Role
metadata: {name: vfbench, namespace: ns}
rules:
  - apiGroups: ['', apps]
    resources: [secrets, secrets/status]
    resourceNames: [own]
${comment}
    verbs: [get, update]
`;

test('a row for each rule, with its comment', () => {
  expect(rightsTables(role('    # its own key'))).toBe(
    'Role `vfbench` in `ns`:\n\n| of | verbs | why |\n| --- | --- | --- |\n| `secrets`, `secrets/status`, `secrets.apps`, `secrets.apps/status`, only `own` | get, update | its own key |',
  );
});

test('a rule without a reason is refused', () => {
  expect(() => rightsTables(role(''))).toThrow(
    "vfbench, `secrets`, `secrets/status`, `secrets.apps`, `secrets.apps/status`: say why in a comment above the rule's verbs",
  );
});
