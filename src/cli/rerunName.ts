/** Names of Experiments that are run again. Pure. */

/** Bound of the CRD. */
const LONGEST = 63;

/** `a` becomes `a-2`, `a-2` becomes `a-3`; what would be too long is cut before the number. */
export function nextName(name: string): string {
  const match = /^(.*)-(\d{1,6})$/.exec(name);
  const [stem, number] = match === null ? [name, 2] : [match[1] ?? '', Number(match[2]) + 1];
  const tail = `-${number}`;
  return `${stem.slice(0, LONGEST - tail.length).replace(/-+$/, '')}${tail}`;
}
