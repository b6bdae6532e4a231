/** JSON from a store or an archive: whoever wrote it may want to hold this program up or fill its memory. */

/** Nothing of ours is nested a tenth as deep. */
export const maxJsonDepth = 64;
/** Objects and arrays: a file list of 32 MiB has a quarter of them. */
export const maxJsonParts = 1_000_000;

const [quote, backslash] = ['"', '\\'].map((c) => c.charCodeAt(0)) as [number, number];
const opening = new Set(['[', '{'].map((c) => c.charCodeAt(0)));
const closing = new Set([']', '}'].map((c) => c.charCodeAt(0)));

/**
 * As `JSON.parse` of UTF-8 bytes, a `SyntaxError` also for what is nested deeper or has more parts than anything of ours:
 * that is found in one pass over the bytes, before anything is made of them.
 */
export function parseJson(bytes: Buffer): unknown {
  let depth = 0;
  let parts = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) at = endOfText(bytes, at);
    else if (closing.has(byte)) depth--;
    else if (opening.has(byte) && (++depth > maxJsonDepth || ++parts > maxJsonParts))
      throw new SyntaxError(depth > maxJsonDepth ? 'nested too deep' : 'too many parts');
  }
  return JSON.parse(bytes.toString('utf8'));
}

/** Where the quote stands that ends the text which begins here. */
function endOfText(bytes: Buffer, start: number): number {
  for (let end = bytes.indexOf(quote, start + 1); end >= 0; end = bytes.indexOf(quote, end + 1)) {
    let slashes = 0;
    while (bytes[end - 1 - slashes] === backslash) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return bytes.length;
}
