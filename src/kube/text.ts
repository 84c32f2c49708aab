/** The beginning of a stream as text. */

/** At most `maxBytes` of it; what comes after is not read. */
export async function textOf(body: AsyncIterable<Buffer> & { destroy(): unknown }, maxBytes: number): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body) {
    parts.push(part);
    size += part.length;
    if (size >= maxBytes) break;
  }
  body.destroy();
  return Buffer.concat(parts).subarray(0, maxBytes).toString();
}
