import { createHash } from 'node:crypto';
import type { NeededArchive } from '../../catalog/manifest-parts.ts';
import type { ObjectStore } from '../../store/store.ts';

/** Reads an object to its end; one whose bytes are others is read a second time, so that no fault of a line is taken for rot. */
export async function isAsSent(
  store: ObjectStore,
  sent: NeededArchive,
  signal: AbortSignal,
): Promise<boolean> {
  const first = await digestOf(store, sent, signal);
  if (first === sent.sha256) return true;
  return (await digestOf(store, sent, signal)) === sent.sha256;
}

/** Null when there is no such object, or none of this length. */
async function digestOf(
  store: ObjectStore,
  { key, sizeBytes }: Pick<NeededArchive, 'key' | 'sizeBytes'>,
  signal: AbortSignal,
): Promise<string | null> {
  const body = await store.get(key, { signal });
  if (!body) return null;
  const hash = createHash('sha256');
  let read = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    read += chunk.length;
    if (read > sizeBytes) return null;
    hash.update(chunk);
  }
  return read === sizeBytes ? hash.digest('hex') : null;
}
