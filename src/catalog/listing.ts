import type { ObjectStore, StoredObject } from '../store/store.ts';
import { afterLastDay, type BackupKind, parseBackupKey } from './names.ts';

/** A backup as the names of one store show it. */
export interface BackupEntry {
  readonly id: string;
  readonly capturedAt: Date;
  /** The folder: the local day of the capture where it was pushed. */
  readonly day: string;
  readonly tag: string;
  readonly manifestKey: string;
  /** Null when the archive that the tag promises is not listed. */
  readonly archive: ArchiveEntry | null;
}

export interface ArchiveEntry {
  readonly key: string;
  readonly kind: BackupKind;
  readonly encrypted: boolean;
  readonly sizeBytes: number;
  readonly etag: string | null;
  readonly modified: Date | null;
}

export interface Listing {
  /** Oldest first. */
  readonly backups: readonly BackupEntry[];
  readonly archives: ReadonlyMap<string, ArchiveEntry>;
  /** Keys before and among the days that are not of this format. */
  readonly foreignKeys: number;
  readonly serverTime: Date | null;
}

export interface ListRange {
  /** Only keys that begin with this: `''` or a day folder. */
  readonly prefix?: string;
  readonly signal?: AbortSignal | undefined;
}

/** Reads backups from key names alone, up to the last day folder; no object is opened. */
export async function listBackups(store: ObjectStore, range: ListRange = {}): Promise<Listing> {
  const manifests: { key: string; day: string; id: string; capturedAt: Date; tag: string }[] = [];
  const archives = new Map<string, ArchiveEntry>();
  let foreignKeys = 0;
  let serverTime: Date | null = null;
  pages: for await (const page of store.list(range.prefix ?? '', { signal: range.signal })) {
    serverTime ??= page.serverTime;
    for (const object of page.objects) {
      if (object.key >= afterLastDay) break pages;
      const parsed = parseBackupKey(object.key);
      if (!parsed) foreignKeys++;
      else if (parsed.type === 'manifest') manifests.push({ key: object.key, ...parsed });
      else archives.set(parsed.tag, archiveEntry(object, parsed.kind, parsed.encrypted));
    }
  }
  const backups = manifests
    .map(({ key, day, id, capturedAt, tag }) => ({
      id,
      capturedAt,
      day,
      tag,
      manifestKey: key,
      archive: archives.get(tag) ?? null,
    }))
    .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  return { backups, archives, foreignKeys, serverTime };
}

function archiveEntry(object: StoredObject, kind: BackupKind, encrypted: boolean): ArchiveEntry {
  return {
    key: object.key,
    kind,
    encrypted,
    sizeBytes: object.sizeBytes,
    etag: object.etag,
    modified: object.modified,
  };
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
