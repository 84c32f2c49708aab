/** Holds the allocator's words against each other. */

/** A million of these are asked: cheaper than `expect`. */
export function hold(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(what);
}

export const isUnique = (list: readonly unknown[]): boolean => new Set(list).size === list.length;

/** Refusals that say how many there are. */
export const COUNTED: ReadonlySet<string> = new Set(['InsufficientVFs', 'AddressesBusy']);
const SHORTAGE =
  /has (\d+) (?:of \S+|addresses): (\d+) needed, (\d+) free(?:, kept for trial (\S+), which needs (\d+) and comes first)?(?:, in use: (.*))?$/;

/**
 * `Node a has 4 of x: 3 needed, 1 free, in use: 2 by ..., 1 by ...`: what is free and what each has is all there is.
 * @param before trials that come first: what is free may be kept for one of them.
 */
export function addsUp(message: string, before: readonly string[]): void {
  const [, total = '', needed = '', free = '', keeper, kept, holders = ''] = SHORTAGE.exec(message) ?? [];
  const used = [...holders.matchAll(/(\d+) by /g)].reduce((sum, [, count = '']) => sum + Number(count), 0);
  hold(total !== '' && Number(free) === Math.max(0, Number(total) - used), message);
  if (keeper === undefined) hold(Number(needed) > Number(free), message);
  else hold(before.includes(keeper) && Number(kept) > 0, message);
}
