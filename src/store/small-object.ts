import { EfakturError } from '../base/errors.ts';
import type { Body, GetOptions, ObjectStore } from './store.ts';

/** Bytes in memory as a body that can be sent any number of times. */
export const bytesBody = (bytes: Buffer): Body => ({
  sizeBytes: bytes.length,
  isGrowing: false,
  async *open() {
    yield bytes;
  },
});

/** Reads a small object whole; null when it is not there, `damaged` when it is longer than `maxBytes`. */
export async function readObject(
  store: ObjectStore,
  key: string,
  maxBytes: number,
  options?: GetOptions,
): Promise<Buffer | null> {
  const body = await store.get(key, options);
  if (!body) return null;
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  // Leaving the loop early destroys the stream, and with it the connection.
  for await (const chunk of body as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) {
      throw new EfakturError(
        'damaged',
        `${store.url}: ${key} is longer than ${maxBytes} bytes`,
        'It was not written by efaktur-cloud; remove it or use another prefix.',
      );
    }
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}
