import { type EfakturError, isEfakturError } from '../base/errors.ts';
import { isUploadedKey } from '../catalog/names.ts';
import type { NotedUpload } from '../state/job.ts';
import type { CallOptions, ObjectStore, UnfinishedUpload } from '../store/store.ts';

/**
 * What puts that were cut off left in a store. A run notes each key before it begins to send it and each upload's id before
 * its first byte, so the next push of this PC removes what its own runs left. What others left is removed once it is old.
 */

/** A push is over long before, also over a line that fails again and again. */
const restMs = 7 * 24 * 3600_000;

/** Not allowed, or not known there: then the bucket's lifecycle rule is the answer. */
const isNoRight = (error: unknown): boolean => isEfakturError(error, 'access-denied', 'usage');

/**
 * Removes what a dead run noted; what failed, to try again later, or null. Leftovers cost space but harm nothing: a key that
 * may only write must not fail at them for ever.
 */
export async function removeNoted(
  store: ObjectStore,
  { key, uploadId }: NotedUpload,
): Promise<EfakturError | null> {
  try {
    if (uploadId !== null) await store.discardUpload(key, uploadId);
    else for (const upload of await findUploads(store, key)) await store.discardUpload(key, upload.uploadId);
    return null;
  } catch (error) {
    if (!isEfakturError(error) || error.code === 'interrupted') throw error;
    return error;
  }
}

/** The uploads of exactly this key; none where this may not be asked. */
async function findUploads(store: ObjectStore, key: string): Promise<UnfinishedUpload[]> {
  try {
    return (await store.unfinishedUploads(key)).filter((upload) => upload.key === key);
  } catch (error) {
    if (isNoRight(error)) return [];
    throw error;
  }
}

/** The uploads of this format's keys below a store's prefix, oldest first; null where this may not be asked. */
export async function cutOffUploads(
  store: ObjectStore,
  options: CallOptions,
): Promise<UnfinishedUpload[] | null> {
  try {
    const found = await store.unfinishedUploads('', options);
    return found
      .filter(({ key }) => isUploadedKey(key))
      .sort((a, b) => (a.begunAt?.getTime() ?? 0) - (b.begunAt?.getTime() ?? 0));
  } catch (error) {
    if (isNoRight(error)) return null;
    throw error;
  }
}

/** Removes those begun more than a week ago, by the store's clock, as far as the key may. Resolves with their keys. */
export async function removeAbandoned(
  store: ObjectStore,
  now: Date,
  options: CallOptions,
): Promise<string[]> {
  const removed: string[] = [];
  for (const { key, uploadId, begunAt } of (await cutOffUploads(store, options)) ?? []) {
    if (!begunAt || now.getTime() - begunAt.getTime() < restMs) continue;
    try {
      await store.discardUpload(key, uploadId, options);
      removed.push(key);
    } catch (error) {
      if (!isNoRight(error)) throw error;
    }
  }
  return removed;
}
