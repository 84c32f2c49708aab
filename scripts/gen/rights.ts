/** The operator's rights as a table for docs/security.md, out of deploy/base/rbac.yaml: each rule with its comment. */
import { isMap, isScalar, isSeq, parseAllDocuments, type YAMLMap } from 'yaml';

interface Role {
  kind: string;
  metadata: { name: string; namespace?: string };
}
interface Rule {
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
  verbs: string[];
}

const HEAD = '| of | verbs | why |\n| --- | --- | --- |';

/** Markdown: a heading and a table per role. @throws Error for a rule that does not say why it is there. */
export function rightsTables(rbac: string): string {
  return parseAllDocuments(rbac)
    .flatMap((document) => {
      const rules = document.get('rules');
      if (!isSeq(rules)) return [];
      const role = document.toJS() as Role;
      const rows = rules.items.filter((item) => isMap(item)).map((item) => row(item, role.metadata.name));
      return [`${title(role)}\n\n${HEAD}\n${rows.join('\n')}`];
    })
    .join('\n\n');
}

function title({ kind, metadata: { name, namespace } }: Role): string {
  return `${kind} \`${name}\`${namespace === undefined ? '' : ` in \`${namespace}\``}:`;
}

function row(item: YAMLMap, role: string): string {
  const { apiGroups, resources, resourceNames = [], verbs } = item.toJSON() as Rule;
  const kinds = apiGroups.flatMap((group) => resources.map((resource) => code(kindOf(group, resource))));
  const names = resourceNames.length === 0 ? '' : `, only ${resourceNames.map(code).join(', ')}`;
  const why = commentOf(item);
  if (why === null) throw new Error(`${role}, ${kinds.join(', ')}: say why in a comment above the rule's verbs`);
  return `| ${kinds.join(', ')}${names} | ${verbs.join(', ')} | ${why} |`;
}

/** As kubectl prints it: `trials.vfbench.io/status`. */
function kindOf(group: string, resource: string): string {
  const [plural, ...subresource] = resource.split('/');
  return [group === '' ? plural : `${plural}.${group}`, ...subresource].join('/');
}

const code = (text: string): string => `\`${text}\``;

/** Of the comment above the verbs. */
function commentOf({ items }: YAMLMap): string | null {
  const key = items.map((pair) => pair.key).find((found) => isScalar(found) && found.value === 'verbs');
  const text = isScalar(key) ? key.commentBefore : undefined;
  return text?.replaceAll(/\s+/g, ' ').trim() ?? null;
}
