import { createHash } from 'node:crypto';
import { EfakturError, isEfakturError } from '../../base/errors.ts';
import type { Warning } from '../../base/progress.ts';
import { findObject } from '../../catalog/listing.ts';
import type { RecordedManifest } from '../../state/record.ts';
import { bytesBody, readObject } from '../../store/small-object.ts';
import type { ObjectStore, Receipt, StoredObject } from '../../store/store.ts';
import type { LockedPut } from '../stored/locked-put.ts';
import {
  notListedAsStored,
  pushAgainOrOtherStore,
  replaceKeyIfAlone,
  sentUnderOtherName,
} from './store-texts.ts';

/**
 * A name is no proof of what lies under it: whoever may write there can guess the id of a backup that names an archive again,
 * and take its name first. So a manifest counts as this PC's only by its bytes.
 */

/** How a manifest came to lie under its name; `taken` when what lies there is not this PC's: then nothing was stored. */
export type WrittenManifest =
  | { readonly outcome: 'written' | 'found'; readonly manifest: RecordedManifest }
  | { readonly outcome: 'taken'; readonly noticed: Warning };

/** Writes a manifest and sees that it is listed; one that is there already is not written again. `known`: as it was noted. */
export async function writeManifest(
  {
    store,
    put,
    signal,
  }: { readonly store: ObjectStore; readonly put: LockedPut; readonly signal: AbortSignal },
  key: string,
  bytes: Buffer,
  known: RecordedManifest | undefined,
): Promise<WrittenManifest> {
  const listed = await findObject(store, key, signal);
  if (!listed) {
    const receipt = await put(key, bytesBody(bytes));
    return { outcome: 'written', manifest: await confirmWritten(store, key, bytes, receipt) };
  }
  const isOwn = known
    ? await isOwnManifest(store, listed, known, signal)
    : await isSameManifest(store, listed, bytes, signal);
  if (isOwn) return { outcome: 'found', manifest: known ?? manifestFacts(bytes, listed.etag) };
  return {
    outcome: 'taken',
    noticed: {
      code: 'name-taken',
      message: sentUnderOtherName(store.url, key),
      hint: replaceKeyIfAlone,
    },
  };
}

const manifestFacts = (bytes: Buffer, etag: string | null): RecordedManifest => ({
  sizeBytes: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
  etag,
});

/** Whether a listing shows what was written; where neither side has an ETag only the size tells. */
export const looksWritten = (
  listed: Pick<StoredObject, 'sizeBytes' | 'etag'>,
  { sizeBytes, etag }: Pick<RecordedManifest, 'sizeBytes' | 'etag'>,
): boolean =>
  listed.sizeBytes === sizeBytes && (listed.etag === null || etag === null || listed.etag === etag);

/**
 * Whether a listed manifest is the one that this PC wrote: by size and ETag, or by reading it. What may not be read and has no
 * ETag to go by is not taken for one's own.
 */
export async function isOwnManifest(
  store: ObjectStore,
  listed: StoredObject,
  own: RecordedManifest,
  signal: AbortSignal,
): Promise<boolean> {
  if (listed.sizeBytes !== own.sizeBytes) return false;
  if (listed.etag !== null && own.etag !== null) return listed.etag === own.etag;
  return holds(store, listed.key, own, signal);
}

/** Whether a listed manifest is to the byte what this PC would write now, as of a push that was killed before it could note it. */
async function isSameManifest(
  store: ObjectStore,
  listed: StoredObject,
  bytes: Buffer,
  signal: AbortSignal,
): Promise<boolean> {
  const own = manifestFacts(bytes, null);
  if (listed.sizeBytes !== own.sizeBytes) return false;
  // A service that encrypts by itself makes ETags of its own, so another one says nothing.
  const md5 = createHash('md5').update(bytes).digest('hex');
  return listed.etag === md5 || holds(store, listed.key, own, signal);
}

async function holds(
  store: ObjectStore,
  key: string,
  { sizeBytes, sha256 }: RecordedManifest,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const there = await readObject(store, key, sizeBytes, { signal });
    return there !== null && createHash('sha256').update(there).digest('hex') === sha256;
  } catch (error) {
    if (isEfakturError(error, 'access-denied', 'damaged')) return false;
    throw error;
  }
}

/** What the listing shows of a manifest just written; `store-unavailable` when it is not what was sent. */
async function confirmWritten(
  store: ObjectStore,
  key: string,
  bytes: Buffer,
  receipt: Receipt,
): Promise<RecordedManifest> {
  // The backup is there now: who presses Ctrl-C is told so, and the record says so.
  const listed = await findObject(store, key);
  if (listed && looksWritten(listed, { sizeBytes: bytes.length, etag: receipt.etag }))
    return manifestFacts(bytes, listed.etag);
  throw new EfakturError(
    'store-unavailable',
    notListedAsStored(store.url, key, listed?.sizeBytes ?? null),
    pushAgainOrOtherStore,
  );
}
