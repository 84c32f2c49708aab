/** `MicroTime` of meta/v1: the server takes exactly six decimals. */

/** Wall-clock milliseconds as MicroTime text. */
export function microTime(wallMs: number): string {
  return new Date(wallMs).toISOString().replace('Z', '000Z');
}
