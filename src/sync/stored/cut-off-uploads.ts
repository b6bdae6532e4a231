import { dayMs } from '../../base/durations.ts';
import { type EfakturError, isEfakturError, keepOrThrow } from '../../base/errors.ts';
import type { Warning } from '../../base/progress.ts';
import { storeIdentity } from '../../base/store-identity.ts';
import { isUploadedKey } from '../../catalog/names.ts';
import { deadJobs, forgetJob, type Job, type NotedUpload } from '../../state/job.ts';
import type { CallOptions, ObjectStore, UnfinishedUpload } from '../../store/store.ts';
import { leftNotRemoved } from './texts.ts';

/**
 * What puts that were cut off left in a store. A run notes each key before it begins to send it and each upload's id before
 * its first byte, so the next push or copy of this PC removes what its own runs left. What others left is removed once it is old.
 */

/**
 * How long each rests. An upload in parts shows only when it began: a push is over long before a week, also over a line that
 * fails again and again. A temp file shows when it last grew, and a put into a folder does not pause for a day. An empty
 * folder a put makes again.
 */
const restMs: Readonly<Record<UnfinishedUpload['kind'], number>> = {
  parts: 7 * dayMs,
  file: dayMs,
  folder: 0,
};

/** Whether no put that is still under way can have begun it. */
export const isAbandoned = ({ kind, begunAt }: UnfinishedUpload, now: Date): boolean =>
  kind === 'folder' || (begunAt !== null && now.getTime() - begunAt.getTime() >= restMs[kind]);

/** Not allowed, or not known there: then the bucket's lifecycle rule is the answer. */
const isNoRight = (error: unknown): boolean => isEfakturError(error, 'access-denied', 'usage');

/**
 * Removes what dead runs of this PC left in stores at hand. What is in others, or could not be removed, stays noted for a
 * later run: leftovers cost space but harm nothing, so a key that may only write must not fail at them for ever.
 */
export async function removeLeft(
  stores: readonly ObjectStore[],
  stateDir: string,
  own: Job | null,
): Promise<Warning[]> {
  const warnings: Warning[] = [];
  for (const dead of await deadJobs(stateDir)) {
    // By a clock that was set back since, this process seems to be a later one with the same number.
    if (dead.folder === own?.folder) continue;
    const kept: NotedUpload[] = [];
    for (const upload of dead.uploads) {
      const store = stores.find(({ url }) => storeIdentity(url) === storeIdentity(upload.store));
      const failure = store ? await removeNoted(store, upload) : null;
      if (!store || failure) kept.push(upload);
      if (failure)
        warnings.push({ code: 'upload-left', message: leftNotRemoved(upload.store, failure.text) });
    }
    await forgetJob(dead, kept);
  }
  return warnings;
}

/** Removes what was noted; what failed, or null. */
async function removeNoted(store: ObjectStore, { key, uploadId }: NotedUpload): Promise<EfakturError | null> {
  try {
    if (uploadId !== null) await store.discardUpload(key, uploadId);
    else for (const upload of await findUploads(store, key)) await store.discardUpload(key, upload.uploadId);
    return null;
  } catch (error) {
    keepOrThrow(error);
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

/** What is unfinished of this format's keys below a store's prefix, oldest first; null where this may not be asked. */
export async function cutOffUploads(
  store: ObjectStore,
  options: CallOptions,
): Promise<UnfinishedUpload[] | null> {
  try {
    const found = await store.unfinishedUploads('', options);
    return found
      .filter(({ key, kind }) => kind !== 'parts' || isUploadedKey(key))
      .sort((a, b) => (a.begunAt?.getTime() ?? 0) - (b.begunAt?.getTime() ?? 0));
  } catch (error) {
    if (isNoRight(error)) return null;
    throw error;
  }
}

/** Removes those that have rested long enough, by the store's clock, as far as the key may. Resolves with their keys. */
export async function removeAbandoned(
  store: ObjectStore,
  now: Date,
  options: CallOptions,
): Promise<string[]> {
  const removed: string[] = [];
  for (const upload of (await cutOffUploads(store, options)) ?? []) {
    if (!isAbandoned(upload, now)) continue;
    const { key, uploadId } = upload;
    try {
      await store.discardUpload(key, uploadId, options);
      removed.push(key);
    } catch (error) {
      if (!isNoRight(error)) throw error;
    }
  }
  return removed;
}
