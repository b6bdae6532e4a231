import { EfakturError, isEfakturError } from '../base/errors.ts';
import { localDay } from '../base/local-time.ts';
import { findObject } from '../catalog/listing.ts';
import {
  encodeManifest,
  encodeOrigin,
  type Manifest,
  type Origin,
  parseOrigin,
} from '../catalog/manifest.ts';
import { manifestKey, originKey, originPrefix, parseOriginKey } from '../catalog/names.ts';
import {
  emptyRecord,
  type LocalFile,
  type RecordedArchive,
  readRecord,
  type StoreRecord,
  withArchive,
  withBackup,
  withoutArchive,
  writeRecord,
} from '../state/record.ts';
import { bytesBody, readObject } from '../store/small-object.ts';
import type { Body, ObjectStore } from '../store/store.ts';

/** One store during one push: its origin, its record and what it already has. */
export interface StoreSession {
  readonly store: ObjectStore;
  record(): StoreRecord;
  /** The store's clock minus ours when it was asked; null where it has none. */
  readonly clockOffsetMs: number | null;
  /** Writes the origin object if this push must; nothing is sent before it. */
  ensureOrigin(): Promise<string>;
  /** A recorded archive that holds this content and that the store still shows as it was sent; null when it must be sent. */
  findUnchanged(holds: (archive: RecordedArchive) => boolean): Promise<RecordedArchive | null>;
  putArchive(
    key: string,
    body: Body,
    onUpload: (uploadId: string) => Promise<void>,
    onBytes: (bytes: number) => void,
  ): Promise<{ etag: string | null; receivedAt: Date }>;
  /** Writes a manifest and remembers the backup; a name already listed is not written again. */
  putManifest(
    manifest: Manifest,
    archive: RecordedArchive,
    local: LocalFile | null,
  ): Promise<'written' | 'already there'>;
}

export interface SessionOptions {
  readonly stateDir: string;
  readonly origin: Origin;
  readonly moved: boolean;
  readonly newStore: boolean;
  readonly now: () => Date;
  readonly zone: string;
  readonly signal: AbortSignal;
  readonly samePath: (a: string, b: string) => boolean;
}

/**
 * Opens a store for pushing: lists `origin/` and compares it with this PC and with the local record. `usage` when
 * another name or folder owns the prefix, `store-unavailable` when the record knows the store but it looks empty.
 */
export async function openSession(store: ObjectStore, options: SessionOptions): Promise<StoreSession> {
  const { signal } = options;
  let record = await readRecord(options.stateDir, store.url);
  const origins: string[] = [];
  let clockOffsetMs: number | null = null;
  for await (const page of store.list(originPrefix, { signal })) {
    if (page.serverTime && clockOffsetMs === null)
      clockOffsetMs = page.serverTime.getTime() - options.now().getTime();
    for (const object of page.objects) if (parseOriginKey(object.key) !== null) origins.push(object.key);
  }
  const owner = origins.at(-1) ?? null;
  if (owner === null && record.archives.length > 0) {
    if (!options.newStore) {
      throw new EfakturError(
        'store-unavailable',
        `${store.url} was pushed to before but holds nothing now: a wrong address, or a drive that is not mounted`,
        'Check the address or connect the drive; if it was emptied on purpose, push with --new-store.',
      );
    }
    record = emptyRecord(store.url);
  }
  const isOwner = owner !== null && (await ownsPrefix(store, owner, record, options));
  if (owner !== null && !isOwner && !options.moved) throw otherOwner(store, owner, options.origin);

  let currentOrigin = isOwner ? owner : null;
  const save = async (next: StoreRecord): Promise<void> => {
    record = next;
    await writeRecord(options.stateDir, record);
  };

  return {
    store,
    record: () => record,
    clockOffsetMs,
    async ensureOrigin() {
      if (currentOrigin === null) {
        const key = originKey(new Date(options.now().getTime() + (clockOffsetMs ?? 0)), options.origin.name);
        await store.put(key, bytesBody(encodeOrigin(options.origin)), { signal });
        currentOrigin = key;
      }
      if (record.origin?.key !== currentOrigin)
        await save({ ...record, origin: { key: currentOrigin, ...options.origin } });
      return currentOrigin;
    },
    async findUnchanged(holds) {
      for (const archive of record.archives.filter(holds).reverse()) {
        const listed = await findObject(store, archive.key, signal);
        const asSent =
          listed?.sizeBytes === archive.sizeBytes && (archive.etag === null || listed.etag === archive.etag);
        if (asSent) return archive;
        record = withoutArchive(record, archive.tag);
      }
      return null;
    },
    async putArchive(key, body, onUpload, onBytes) {
      await store.put(key, body, { signal, onUpload, onBytes });
      const listed = await findObject(store, key, signal);
      if (listed?.sizeBytes !== body.sizeBytes) {
        throw new EfakturError(
          'store-unavailable',
          `${store.url}: ${key} was sent with ${body.sizeBytes} bytes but is listed with ${listed ? `${listed.sizeBytes}` : 'none'}`,
          'Push again; if it stays so, ask the provider or choose another store.',
        );
      }
      return { etag: listed.etag, receivedAt: listed.modified ?? options.now() };
    },
    async putManifest(manifest, archive, local) {
      const { id, capturedAt } = manifest;
      // Another zone since then must not give the same backup a second folder.
      const day = record.backups.find((b) => b.id === id)?.day ?? localDay(capturedAt, options.zone);
      const key = manifestKey(day, id);
      const listed = await findObject(store, key, signal);
      if (!listed) await store.put(key, bytesBody(encodeManifest(manifest)), { signal });
      await save(withBackup(withArchive(record, archive), { id, tag: archive.tag, day, local }));
      return listed ? 'already there' : 'written';
    },
  };
}

async function ownsPrefix(
  store: ObjectStore,
  key: string,
  record: StoreRecord,
  options: SessionOptions,
): Promise<boolean> {
  if (parseOriginKey(key) !== options.origin.name) return false;
  const known: Origin | null =
    record.origin?.key === key ? record.origin : await readOrigin(store, key, options.signal);
  const [theirs, ours] = [known?.appFolder ?? null, options.origin.appFolder];
  return theirs === null || ours === null || options.samePath(theirs, ours);
}

/** A push key may not read; then the name alone decides. */
async function readOrigin(store: ObjectStore, key: string, signal: AbortSignal): Promise<Origin | null> {
  try {
    const bytes = await readObject(store, key, 64 << 10, { signal });
    return bytes && parseOrigin(bytes);
  } catch (error) {
    if (isEfakturError(error, 'access-denied')) return null;
    throw error;
  }
}

function otherOwner(store: ObjectStore, owner: string, ours: Origin): EfakturError {
  const theirs = parseOriginKey(owner);
  const which = theirs === ours.name ? `another e-Faktur folder of "${theirs}"` : `"${theirs}"`;
  return new EfakturError(
    'usage',
    `${store.url} holds the history of ${which}, and one prefix holds one e-Faktur folder's history (this is "${ours.name}", ${ours.appFolder ?? 'no folder'})`,
    `Give this folder a prefix of its own, such as ${store.url.replace(/\/$/, '')}/${ours.name}; or, if the folder was moved here, push once with --moved.`,
  );
}
