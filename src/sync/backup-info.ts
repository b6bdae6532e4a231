import { formatInstant } from '../base/local-time.ts';
import type { BackupKind } from '../catalog/names.ts';

/** A backup as every JSON document shows it. */
export interface BackupInfo {
  readonly id: string;
  /** The folder: local day of the capture. */
  readonly date: string;
  /** RFC 3339 in the configured zone. */
  readonly capturedAt: string;
  /** When the store got it (of several stores the first), RFC 3339 in the configured zone; null where it does not say. */
  readonly uploadedAt: string | null;
  readonly kind: BackupKind | null;
  readonly storedBytes: number | null;
  readonly encrypted: boolean | null;
  readonly archive: string | null;
}

export interface ArchiveFacts {
  readonly key: string;
  readonly kind: BackupKind;
  readonly encrypted: boolean;
  readonly sizeBytes: number;
}

export function backupInfo(
  backup: { id: string; day: string; capturedAt: Date; uploadedAt: Date | null },
  archive: ArchiveFacts | null,
  zone: string,
): BackupInfo {
  return {
    id: backup.id,
    date: backup.day,
    capturedAt: formatInstant(backup.capturedAt, zone),
    uploadedAt: backup.uploadedAt && formatInstant(backup.uploadedAt, zone),
    kind: archive?.kind ?? null,
    storedBytes: archive?.sizeBytes ?? null,
    encrypted: archive?.encrypted ?? null,
    archive: archive?.key ?? null,
  };
}

/** Another backup of the day that was asked for. */
export type OtherBackupInfo = Pick<BackupInfo, 'id' | 'capturedAt'>;

export const othersInfo = (
  others: readonly { readonly id: string; readonly capturedAt: Date }[],
  zone: string,
): OtherBackupInfo[] =>
  others.map(({ id, capturedAt }) => ({ id, capturedAt: formatInstant(capturedAt, zone) }));
