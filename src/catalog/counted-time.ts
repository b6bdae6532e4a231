/**
 * When a backup counts as made. A name says what its writer claims, whose clock may run ahead or who may lie; the upload
 * time is the store's own. Names, `--date` and `--as-of` go by what is named, everything that compares backups by this.
 */

/** How far clocks may be apart before a time is taken for wrong; S3 services let a client be off by as much. */
export const clockSkewMs = 15 * 60_000;

export interface TimedBackup {
  readonly id: string;
  readonly capturedAt: Date;
  /** When the store got the manifest, by the store's clock; null where it does not say. */
  readonly uploadedAt: Date | null;
}

/** Whether a backup names a time at which the store had it already. */
export const isDatedAhead = ({ capturedAt, uploadedAt }: TimedBackup): boolean =>
  uploadedAt !== null && capturedAt.getTime() > uploadedAt.getTime() + clockSkewMs;

/** The capture time, or that of the upload where it is earlier by more than clocks may differ. */
export const countedAt = (backup: TimedBackup): Date =>
  (isDatedAhead(backup) && backup.uploadedAt) || backup.capturedAt;

/** Oldest first; equal times in the order of the ids. */
export const byCountedTime = (a: CountedBackup, b: CountedBackup): number =>
  a.countedAt.getTime() - b.countedAt.getTime() || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

export interface CountedBackup {
  readonly id: string;
  /** See {@link countedAt}. */
  readonly countedAt: Date;
}

/** Whether a backup counts after a time, by more than clocks may differ: that time has not come yet, or is wrong itself. */
export const isAfter = ({ countedAt: at }: CountedBackup, now: Date): boolean =>
  at.getTime() > now.getTime() + clockSkewMs;
