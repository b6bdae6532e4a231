import { EfakturError } from '../base/errors.ts';
import type { Body, GetOptions, ObjectStore } from './store.ts';
import { inStore, longerThan, notOurs } from './texts.ts';
import { readUnbroken } from './unbroken.ts';

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
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  const isThere = await readUnbroken(store, key, options ?? {}, (piece) => {
    sizeBytes += piece.length;
    if (sizeBytes > maxBytes) {
      throw new EfakturError('damaged', inStore(store.url, longerThan(key, maxBytes)), notOurs);
    }
    parts.push(piece);
  });
  return isThere ? Buffer.concat(parts) : null;
}
