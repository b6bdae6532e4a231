import { formatInstant } from '../../base/local-time.ts';
import { type BackupKind, isEncryptedKey } from '../../catalog/names.ts';
import type { StoredBackup } from './all-stores.ts';
import { type OpenManifest, ownArchive } from './manifest.ts';

/** A backup as every JSON document shows it. */
export interface BackupInfo extends StoredInfo {
  readonly kind: BackupKind | null;
}

/** A stored program folder, the same. */
export interface ProgramInfo extends StoredInfo {
  readonly kind: 'program';
}

interface StoredInfo {
  readonly id: string;
  /** The folder: local day of the capture. */
  readonly date: string;
  /** RFC 3339 in the configured zone. */
  readonly capturedAt: string;
  /** When the store got it (of several stores the first), RFC 3339 in the configured zone; null where it does not say. */
  readonly uploadedAt: string | null;
  readonly storedBytes: number | null;
  readonly encrypted: boolean | null;
  readonly archive: string | null;
}

export interface ArchiveFacts extends StoredArchiveFacts {
  readonly kind: BackupKind;
}

interface StoredArchiveFacts {
  readonly key: string;
  readonly encrypted: boolean;
  readonly sizeBytes: number;
}

interface Named {
  readonly id: string;
  readonly day: string;
  readonly capturedAt: Date;
  readonly uploadedAt: Date | null;
}

export const backupInfo = (backup: Named, archive: ArchiveFacts | null, zone: string): BackupInfo => {
  const { storedBytes, encrypted, archive: key, ...named } = storedInfo(backup, archive, zone);
  return { ...named, kind: archive?.kind ?? null, storedBytes, encrypted, archive: key };
};

export const programInfo = (
  program: Named,
  archive: StoredArchiveFacts | null,
  zone: string,
): ProgramInfo => ({ ...storedInfo(program, archive, zone), kind: 'program' });

const storedInfo = (stored: Named, archive: StoredArchiveFacts | null, zone: string): StoredInfo => ({
  id: stored.id,
  date: stored.day,
  capturedAt: formatInstant(stored.capturedAt, zone),
  uploadedAt: stored.uploadedAt && formatInstant(stored.uploadedAt, zone),
  storedBytes: archive?.sizeBytes ?? null,
  encrypted: archive?.encrypted ?? null,
  archive: archive?.key ?? null,
});

/** A backup that was chosen, and the stores that have it. */
export type ChosenInfo = BackupInfo & { readonly stores: readonly string[] };

/** A chosen backup by the manifest of the copy that was opened, with every store that lists it. */
export function chosenInfo(
  copy: StoredBackup,
  manifest: OpenManifest,
  copies: readonly StoredBackup[],
  zone: string,
): ChosenInfo {
  const { key, sizeBytes } = ownArchive(manifest);
  return {
    ...backupInfo(copy, { key, sizeBytes, kind: manifest.kind, encrypted: isEncryptedKey(key) }, zone),
    stores: copies.filter(({ id }) => id === copy.id).map(({ store }) => store.url),
  };
}

/** Another backup of the day that was asked for. */
export type OtherBackupInfo = Pick<BackupInfo, 'id' | 'capturedAt'>;

export const othersInfo = (
  others: readonly { readonly id: string; readonly capturedAt: Date }[],
  zone: string,
): OtherBackupInfo[] =>
  others.map(({ id, capturedAt }) => ({ id, capturedAt: formatInstant(capturedAt, zone) }));
