import { isEfakturError } from '../../base/errors.ts';
import type { Proof } from '../../catalog/names.ts';
import type { SentArchive } from '../../state/record.ts';
import type { ObjectStore } from '../../store/store.ts';
import { isAsSent } from '../stored/as-sent.ts';

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
