import type { ObjectStore, StoredObject } from '../store/store.ts';
import { afterLastDay, type BackupKind, parseBackupKey } from './names.ts';
import { listTrueObjects } from './true-objects.ts';

/** A backup as the names of one store show it. */
export interface BackupEntry {
  readonly id: string;
  readonly capturedAt: Date;
  /** The folder: the local day of the capture where it was pushed. */
  readonly day: string;
  readonly tag: string;
  readonly manifestKey: string;
  /** See {@link TrueObject}. */
  readonly manifestVersionId: string | null;
  /** Null when the archive that the tag promises is not listed. */
  readonly archive: ArchiveEntry | null;
}

export interface ArchiveEntry {
  readonly key: string;
  readonly kind: BackupKind;
  readonly encrypted: boolean;
  readonly sizeBytes: number;
  readonly versionId: string | null;
  readonly etag: string | null;
  readonly modified: Date | null;
}

export interface Listing {
  /** Oldest first. */
  readonly backups: readonly BackupEntry[];
  readonly archives: ReadonlyMap<string, ArchiveEntry>;
  /** Keys before and among the days that are not of this format. */
  readonly foreignKeys: number;
  /** Keys that somebody overwrote or deleted on a versioned bucket; the true versions are listed all the same. */
  readonly tampered: readonly { readonly key: string; readonly how: 'overwritten' | 'deleted' }[];
  readonly serverTime: Date | null;
}

export interface ListRange {
  /** Only keys that begin with this: `''` or a day folder. */
  readonly prefix?: string;
  readonly signal?: AbortSignal | undefined;
}

/** Reads backups from key names alone, up to the last day folder; no object is opened. */
export async function listBackups(store: ObjectStore, range: ListRange = {}): Promise<Listing> {
  const tampered: { key: string; how: 'overwritten' | 'deleted' }[] = [];
  const manifests: {
    key: string;
    versionId: string | null;
    day: string;
    id: string;
    capturedAt: Date;
    tag: string;
  }[] = [];
  const archives = new Map<string, ArchiveEntry>();
  let foreignKeys = 0;
  let serverTime: Date | null = null;
  pages: for await (const page of listTrueObjects(store, range.prefix ?? '', { signal: range.signal })) {
    serverTime ??= page.serverTime;
    for (const { object, versionId, tampering } of page.objects) {
      if (object.key >= afterLastDay) break pages;
      const parsed = parseBackupKey(object.key);
      if (parsed && tampering) tampered.push({ key: object.key, how: tampering });
      if (!parsed) foreignKeys++;
      else if (parsed.type === 'manifest') manifests.push({ key: object.key, versionId, ...parsed });
      else archives.set(parsed.tag, archiveEntry(object, versionId, parsed.kind, parsed.encrypted));
    }
  }
  const backups = manifests
    .map(({ key, versionId, day, id, capturedAt, tag }) => ({
      id,
      capturedAt,
      day,
      tag,
      manifestKey: key,
      manifestVersionId: versionId,
      archive: archives.get(tag) ?? null,
    }))
    .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  return { backups, archives, foreignKeys, tampered, serverTime };
}

function archiveEntry(
  object: StoredObject,
  versionId: string | null,
  kind: BackupKind,
  encrypted: boolean,
): ArchiveEntry {
  const { key, sizeBytes, etag, modified } = object;
  return { key, kind, encrypted, sizeBytes, versionId, etag, modified };
}

/** The one object with exactly this key as a listing shows it, or null; asks no more than a listing right. */
export async function findObject(
  store: ObjectStore,
  key: string,
  signal?: AbortSignal,
): Promise<StoredObject | null> {
  for await (const page of store.list(key, { signal })) {
    const first = page.objects[0];
    if (first) return first.key === key ? first : null;
  }
  return null;
}
