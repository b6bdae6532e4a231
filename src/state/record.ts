import type { PrivateFacts } from '../catalog/manifest.ts';
import type { BackupKind } from '../catalog/names.ts';

/**
 * What this PC knows of one store: enough to see without reading the bucket that a state is already there. Losing it
 * costs sending again what is pushed next, nothing else.
 */
export interface StoreRecord {
  readonly store: string;
  readonly origin: RecordedOrigin | null;
  readonly archives: readonly RecordedArchive[];
  readonly backups: readonly RecordedBackup[];
  readonly programs: readonly RecordedProgram[];
  /** SHA-256 of each main program of which the user was told that the store has no copy of it. */
  readonly proposed?: readonly string[];
  /** When the live db was last found to be what an archive holds, where no manifest says it (RFC 3339). */
  readonly liveFound?: { readonly tag: string; readonly at: string };
  /** Once encrypted backups were seen or made there. */
  readonly holdsEncrypted?: true;
  /** All archives up to this key were seen in clear. Absent until a push in clear has looked. */
  readonly clearUpTo?: string;
}

export interface RecordedOrigin {
  readonly key: string;
  readonly name: string;
  readonly appFolder: string | null;
}

/** An archive that this PC sent, whatever it holds. */
export interface SentArchive {
  readonly tag: string;
  readonly key: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly etag: string | null;
  /** Which recipients it was made for; null in clear. */
  readonly keysId: string | null;
  /** RFC 3339, by the store's clock where it has one. */
  readonly uploadedAt: string;
  /** RFC 3339; null without a lock. */
  readonly lockedUntil: string | null;
  /** Absent where an older version wrote it: taken for `governance`, the weaker one. */
  readonly lockMode?: 'governance' | 'compliance';
  /** Only where the store keeps versions. */
  readonly versionId?: string;
  /** Where the store vouches for nothing: when its bytes were last read again and were as sent (RFC 3339). */
  readonly readAt?: string;
}

export interface RecordedArchive extends SentArchive {
  readonly kind: BackupKind;
  /** The tag of the full that a differential leans on. */
  readonly base?: string;
  readonly facts: PrivateFacts;
}

/** A program folder that this PC sent. */
export interface RecordedProgram extends SentArchive {
  readonly id: string;
  /** The local day folder. */
  readonly day: string;
  readonly manifest: RecordedManifest;
  readonly contentHash: string;
  /** SHA-256 of its main program. */
  readonly appProgram: string;
}

export interface RecordedBackup {
  readonly id: string;
  readonly tag: string;
  /** The local day folder. */
  readonly day: string;
  /** The manifest as it was written: another one under its name is somebody else's. */
  readonly manifest?: RecordedManifest;
  /** The login backup it came from, so that it need not be read again while it looks the same. */
  readonly local: LocalFile | null;
  /** The e-Faktur it was made with, by its main program; null where that is not known, absent where nobody noted it. */
  readonly app?: { readonly sha256: string; readonly version: string | null } | null;
}

export interface RecordedManifest {
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly etag: string | null;
}

export interface LocalFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
}

/** Whether two looks at a file saw the same: what is at a path may have been replaced. */
export const isSameFile = (a: LocalFile, b: LocalFile): boolean =>
  a.path === b.path && a.sizeBytes === b.sizeBytes && a.mtimeMs === b.mtimeMs;

export const emptyRecord = (store: string): StoreRecord => ({
  store,
  origin: null,
  archives: [],
  backups: [],
  programs: [],
});

export const withArchive = (record: StoreRecord, archive: RecordedArchive): StoreRecord => ({
  ...record,
  archives: [...record.archives.filter((a) => a.tag !== archive.tag), archive],
  ...(archive.keysId !== null && { holdsEncrypted: true }),
});

export const withBackup = (record: StoreRecord, backup: RecordedBackup): StoreRecord => ({
  ...record,
  backups: [...record.backups.filter((b) => b.id !== backup.id), backup],
});

export const withProgram = (record: StoreRecord, program: RecordedProgram): StoreRecord => ({
  ...record,
  programs: [...record.programs.filter((p) => p.tag !== program.tag), program],
  ...(program.keysId !== null && { holdsEncrypted: true }),
});

/** Notes that an archive was read again and was as sent; the order of archives stays. */
export function withReadAt(record: StoreRecord, tag: string, readAt: string): StoreRecord {
  const noted = <T extends SentArchive>(archive: T): T =>
    archive.tag === tag ? { ...archive, readAt } : archive;
  return { ...record, archives: record.archives.map(noted), programs: record.programs.map(noted) };
}

export const withoutArchive = (record: StoreRecord, tag: string): StoreRecord => ({
  ...record,
  archives: record.archives.filter((a) => a.tag !== tag),
  programs: record.programs.filter((p) => p.tag !== tag),
});

/** The recorded backup of a login backup that has not changed since; null when it must be read. */
export function recordedLocal(record: StoreRecord, file: LocalFile): RecordedBackup | null {
  return record.backups.findLast(({ local }) => local !== null && isSameFile(local, file)) ?? null;
}
