import { createHash } from 'node:crypto';
import { isEfakturError } from '../../base/errors.ts';
import type { Proof } from '../../catalog/names.ts';
import type { SentArchive } from '../../state/record.ts';
import type { ObjectStore } from '../../store/store.ts';

/**
 * Whether an archive still is what was sent. An S3 service vouches for its objects and shows their ETags; of a file in a
 * folder the listing shows its size and no more, so rot of the disk below it is seen only by reading it again.
 */

/** The store shows nothing that changes when bytes do, of any object or of this one. */
export const isUnvouched = (
  { traits }: Pick<ObjectStore, 'traits'>,
  { etag }: Pick<SentArchive, 'etag'>,
): boolean => !traits.etags || etag === null;

/** When the bytes of an archive were last known to be right: sent, read back by a proof, or read again by a push. */
export function lastReadMs({ uploadedAt, readAt }: SentArchive, proofs: readonly Proof[]): number {
  const times = proofs.filter(({ result }) => result !== 'damaged').map(({ at }) => at.getTime());
  return Math.max(Date.parse(uploadedAt), readAt === undefined ? 0 : Date.parse(readAt), ...times);
}

/** Reads an object to its end; one whose bytes are others is read a second time, so that no fault of a line is taken for rot. */
export async function isAsSent(
  store: ObjectStore,
  sent: Pick<SentArchive, 'key' | 'sizeBytes' | 'sha256'>,
  signal: AbortSignal,
): Promise<boolean> {
  const first = await digestOf(store, sent, signal);
  if (first === sent.sha256) return true;
  return (await digestOf(store, sent, signal)) === sent.sha256;
}

/** Null when there is no such object, or none of this length. */
async function digestOf(
  store: ObjectStore,
  { key, sizeBytes }: Pick<SentArchive, 'key' | 'sizeBytes'>,
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

/** As {@link isAsSent}; where this PC may write but not read, what the listing shows must do. */
export async function isAsSentOrUnread(
  store: ObjectStore,
  sent: SentArchive,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return await isAsSent(store, sent, signal);
  } catch (error) {
    if (isEfakturError(error, 'access-denied')) return true;
    throw error;
  }
}
