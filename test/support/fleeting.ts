/** Chunks whose memory is gone once the next one is asked for, as when it was given to another thread. */
export async function* fleeting(bytes: Uint8Array, chunkBytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const chunk = new Uint8Array(bytes.subarray(at, at + chunkBytes));
    yield Buffer.from(chunk.buffer);
    structuredClone(chunk, { transfer: [chunk.buffer] });
  }
}
