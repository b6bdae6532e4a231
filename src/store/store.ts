import type { Readable } from 'node:stream';
import type { LentBuffer } from '../base/lent-buffer.ts';

/** One object as a listing shows it. */
export interface StoredObject {
  readonly key: string;
  readonly sizeBytes: number;
  /** When the store received it, by the store's clock. */
  readonly modified: Date | null;
  /** Null where the store has none: see {@link StoreTraits}. */
  readonly etag: string | null;
  /** Only in a listing of versions. */
  readonly versionId: string | null;
  /** A deletion recorded on a versioned bucket; only in a listing of versions. */
  readonly isDeleteMarker: boolean;
}

export interface ListPage {
  readonly objects: readonly StoredObject[];
  /** The store's clock when it answered; null where there is none, or it was not told. */
  readonly serverTime: Date | null;
}

/** Bytes that may have to be sent twice: `open` starts from the first one each time. */
export interface Body {
  /** The length; of a body that is still growing, the most it may become. */
  readonly sizeBytes: number;
  /** It is still being made, and what `open` gives follows it. */
  readonly isGrowing: boolean;
  readonly open: () => AsyncIterable<LentBuffer>;
}

export interface ObjectLock {
  readonly mode: 'governance' | 'compliance';
  readonly until: Date;
}

/** What keeps an object from being deleted. */
export interface StoredLock {
  /** Null for a legal hold, which ends only when somebody lifts it. */
  readonly until: Date | null;
}

/**
 * When a byte last moved, by `performance.now()`. Whoever tries an operation again passes the same clock to each try, so
 * that silence adds up over them; without one, each call starts its own.
 */
export interface IdleClock {
  movedAtMs: number;
}

/** What every operation takes. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly idle?: IdleClock | undefined;
}

export interface PutOptions extends CallOptions {
  readonly lock?: ObjectLock | undefined;
  /**
   * Called with the id of an upload that leaves something behind when the process dies (a multipart upload, a temp
   * file), before the first byte is sent, and awaited. {@link ObjectStore.discardUpload} removes it.
   */
  readonly onUpload?: ((uploadId: string) => Promise<void>) | undefined;
  /**
   * Called, and awaited, before something is begun whose id only its answer tells: a process that dies then leaves what
   * {@link ObjectStore.unfinishedUploads} finds by the key.
   */
  readonly onPlanned?: (() => Promise<void>) | undefined;
  /** Called with the number of further body bytes on their way. May go back (negative) when a part is sent again. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** What a store says of an object that it took. */
export interface Receipt {
  /** Null where it says nothing. */
  readonly etag: string | null;
  /** Null where nothing is said of versions: what is stored there is gone when it is overwritten. */
  readonly versionId: string | null;
}

export interface GetOptions extends CallOptions {
  /** First and last byte, both included; what lies beyond the end of the object is left out. */
  readonly range?: { readonly first: number; readonly last: number } | undefined;
  readonly versionId?: string | undefined;
}

export interface UnfinishedUpload {
  /** Of a temp file its own name, of an empty folder its name with the slash. */
  readonly key: string;
  readonly uploadId: string;
  /** A multipart upload; or in a folder a temp file, or a folder with nothing in it, which may go at any time. */
  readonly kind: 'parts' | 'file' | 'folder';
  /** By the store's clock, of a temp file when its last byte was written; null where it does not say. */
  readonly begunAt: Date | null;
}

export interface DeleteOptions extends CallOptions {
  readonly versionId?: string | undefined;
}

export interface ListOptions extends CallOptions {
  /** Only keys after this one, in the order of their UTF-8 bytes. */
  readonly startAfter?: string | undefined;
  /** All versions and delete markers, newest first for each key; unversioned stores give each object once. */
  readonly versions?: boolean | undefined;
}

/**
 * What a store did so far, for `requests` and `uploadedBytes` in the output. Repeated tries count again; of a folder,
 * each call (and each page of a listing) is one request.
 */
export interface StoreTraffic {
  requests: number;
  sentBytes: number;
  receivedBytes: number;
  /** Ranges that were answered with something else, mostly the whole object: then it is better read as a whole. */
  refusedRanges: number;
  /** Of a folder: how often its medium could not be asked to keep what was written through a power cut. */
  unsynced: number;
}

export const noTraffic = (): StoreTraffic => ({
  requests: 0,
  sentBytes: 0,
  receivedBytes: 0,
  refusedRanges: 0,
  unsynced: 0,
});

/** What a store has and may therefore be asked for; what it does not have it never shows. */
export interface StoreTraits {
  /** A put may keep what it replaces, as an older version; a listing of versions then shows their ids. */
  readonly versions: boolean;
  /** Objects may be locked. Whether those of this bucket are, only trying tells. */
  readonly locks: boolean;
  /**
   * Listings and receipts show an ETag that changes with the bytes: the store vouches for what lies there. Single objects may
   * still lack theirs.
   */
  readonly etags: boolean;
  /** Long bodies go in parts, and an upload that was cut off stays until it is discarded. */
  readonly parts: boolean;
  /** Listings tell the time of its clock. */
  readonly clock: boolean;
}

/**
 * A flat space of keys below one prefix of a bucket, or below one folder. Keys given and returned are relative to it
 * and use `/`.
 *
 * Promises of every implementation, held by the contract suite:
 * - An object is either listed whole or not at all: a put that fails, is aborted or is killed leaves the key as it was.
 * - After `put` resolves, the object survives a power cut as far as the medium can promise it, and a `list` started
 *   later shows it with its size.
 * - Two puts of one key at once leave one of the two bodies, whole.
 * - `list` yields keys in the order of their UTF-8 bytes, over any number of pages.
 * - Errors are `EfakturError`: `store-unavailable` (worth another try later), `access-denied`, `usage` (wrong bucket,
 *   region, address or key), `target-not-writable` (full), `interrupted` (the signal). What a {@link Body} throws while
 *   it is read comes out unchanged; a body of another length than promised is `source-changed`.
 * - No operation waits for ever: one during which no byte moved for the store's idle time (a minute by default), counted
 *   over all its tries, fails with `store-unavailable`. One that moves, however slowly, is never cut off.
 */
export interface ObjectStore {
  /** As the user named it, without secrets; stands in messages, JSON and the local record. */
  readonly url: string;
  readonly traits: StoreTraits;
  readonly traffic: Readonly<StoreTraffic>;
  /** Stores the body under the key. */
  put(key: string, body: Body, options?: PutOptions): Promise<Receipt>;
  /** The bytes of an object, or null when there is none. Whoever does not read them to the end must destroy the stream. */
  get(key: string, options?: GetOptions): Promise<Readable | null>;
  list(prefix: string, options?: ListOptions): AsyncIterable<ListPage>;
  /** Deletes an object (or one version of it); deleting what is not there succeeds. */
  delete(key: string, options?: DeleteOptions): Promise<void>;
  /** The lock on an object (or one version of it), perhaps already over; null when none is known or it is not there. */
  lockOf(key: string, options?: DeleteOptions): Promise<StoredLock | null>;
  /**
   * Gives an object another lock, or none (null), and asks to pass over a governance lock that is there: what a thief would
   * do. Only `doctor` tries it. `access-denied` or `usage` where it is refused, and where there are no locks.
   */
  relock(key: string, lock: ObjectLock | null, options?: DeleteOptions): Promise<void>;
  /** Removes what an unfinished put left behind; an upload that is no longer there is success. */
  discardUpload(key: string, uploadId: string, options?: CallOptions): Promise<void>;
  /**
   * What puts under keys with this prefix have begun and neither ended nor removed. In a folder that is temp files, but none
   * of a process that lives on this PC, and day folders that are empty. MinIO lists those of one whole
   * key, or with '' those of the whole bucket.
   */
  unfinishedUploads(prefix: string, options?: CallOptions): Promise<readonly UnfinishedUpload[]>;
  /** Closes all connections so that the process can end; the store must not be used after it. */
  close(): void;
}
