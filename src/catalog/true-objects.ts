import { isEfakturError } from '../base/errors.ts';
import { byUtf8 } from '../base/file-set.ts';
import type { ObjectStore, StoredObject } from '../store/store.ts';

/**
 * What a store truly holds. Nothing of this format is ever overwritten or hidden, so on a versioned bucket the oldest
 * version of a key is the true one, and a later version with other bytes, or any delete marker, is somebody's tampering.
 */
export interface TrueObject {
  readonly object: StoredObject;
  /** Set only where a later version or a delete marker hides the true one: reading must then name it. */
  readonly versionId: string | null;
  /** What was done to the object since it was written; null when nothing was. */
  readonly tampering: 'overwritten' | 'deleted' | null;
}

/** A key that somebody overwrote or deleted on a versioned bucket. */
export interface Tampering {
  readonly key: string;
  readonly how: 'overwritten' | 'deleted';
}

export interface TruePage {
  readonly objects: readonly TrueObject[];
  readonly serverTime: Date | null;
}

export interface TrueListOptions {
  readonly signal?: AbortSignal | undefined;
  readonly startAfter?: string | undefined;
}

/**
 * Lists true objects below a prefix. A key that may not list versions, or a store that has no such listing, shows its
 * plain listing: then nothing is known of tampering.
 */
export async function* listTrueObjects(
  store: ObjectStore,
  prefix: string,
  options: TrueListOptions = {},
): AsyncGenerator<TruePage> {
  let began = false;
  try {
    for await (const page of trueVersions(store, prefix, options)) {
      began = true;
      yield page;
    }
  } catch (error) {
    if (began || !isEfakturError(error, 'access-denied', 'usage')) throw error;
    for await (const { objects, serverTime } of store.list(prefix, options)) {
      yield { objects: objects.map((object) => ({ object, versionId: null, tampering: null })), serverTime };
    }
  }
}

async function* trueVersions(
  store: ObjectStore,
  prefix: string,
  options: TrueListOptions,
): AsyncGenerator<TruePage> {
  // A key's versions come newest first and may go on on the next page.
  let open: StoredObject[] = [];
  for await (const { objects, serverTime } of store.list(prefix, { ...options, versions: true })) {
    const whole: TrueObject[] = [];
    for (const object of objects) {
      if (open.length > 0 && open[0]?.key !== object.key) {
        whole.push(...trueOf(open));
        open = [];
      }
      open.push(object);
    }
    yield { objects: whole, serverTime };
  }
  if (open.length > 0) yield { objects: trueOf(open), serverTime: null };
}

/** The true object with exactly this key; null when there is none. */
export async function findTrueObject(
  store: ObjectStore,
  key: string,
  signal?: AbortSignal,
): Promise<TrueObject | null> {
  for await (const { objects } of listTrueObjects(store, key, { signal })) {
    const [first] = objects;
    if (first) return first.object.key === key ? first : null;
  }
  return null;
}

/**
 * Of objects that claim one backup or one archive under different keys, the order in which they came; at equal times that
 * of their keys. A forged one is never the first: its writer learns what to claim from a listing.
 */
export function byUpload(a: UploadedObject, b: UploadedObject): number {
  const [first, second] = [a, b].map(({ modified }) => modified?.getTime() ?? Number.POSITIVE_INFINITY);
  if (first !== second) return (first ?? 0) < (second ?? 0) ? -1 : 1;
  return byUtf8(a.key, b.key);
}

type UploadedObject = Pick<StoredObject, 'key' | 'modified'>;

/** The true object among all versions of one key; none when only delete markers are left. */
function trueOf(versions: readonly StoredObject[]): TrueObject[] {
  const object = versions.findLast((version) => !version.isDeleteMarker);
  if (!object) return [];
  const others = versions.filter((version) => version !== object);
  const tampering = others.some((v) => v.isDeleteMarker)
    ? 'deleted'
    : others.some((v) => v.sizeBytes !== object.sizeBytes || v.etag !== object.etag)
      ? 'overwritten'
      : null;
  return [{ object, versionId: others.length > 0 ? object.versionId : null, tampering }];
}
