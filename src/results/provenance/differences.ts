/** Fields in which endpoints differ. */
import type { FingerprintField } from '../../api/v1alpha1.ts';

/** One role of one trial. */
export interface Member {
  trial: string;
  block: number;
  mode: string;
  role: string;
  node: string;
  fields: readonly FingerprintField[];
}

export interface Difference {
  /** Where it shows: a mode's role on a node, the pods of a node, all endpoints. */
  scope: string;
  field: string;
  /** The values found, in order. */
  values: string[];
}

/** Fields of which the members tell more than one value; a field that is not told is no value. */
export function differences(members: readonly Member[], counts: (field: string) => boolean): Difference[] {
  const values = new Map<string, Set<string>>();
  const lists = new Set(members.map(({ fields }) => fields));
  for (const fields of lists) {
    for (const { name, value } of fields) {
      if (!counts(name)) continue;
      const found = values.get(name) ?? new Set();
      values.set(name, found.add(value));
    }
  }
  return [...values]
    .filter(([, found]) => found.size > 1)
    .map(([field, found]) => ({ scope: '', field, values: [...found].toSorted() }))
    .toSorted((a, b) => (a.field < b.field ? -1 : 1));
}
