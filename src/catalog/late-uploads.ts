import { dayMs } from '../base/durations.ts';

/**
 * Backups that came late. Whoever holds a push key can store backups dated in the past, but the upload time is the store's.
 * So a late backup must not push out what the store had before it came (see `retention.ts`). An honest one is late as well,
 * when old login backups are stored at once; those of one such run are one batch, inside of which capture times decide.
 */

/** A PC that was off for a week has nothing that is late. */
const lateMs = 7 * dayMs;
/** Late uploads less than this apart are one batch. */
const batchGapMs = dayMs;
/** What is stored of the past when a store is new is told to nobody. */
const beginningMs = 7 * dayMs;

interface Uploaded {
  readonly capturedAt: Date;
  /** When the store got it (of a copied one, the store that it was copied from); null where nothing is known. */
  readonly uploadedAt: Date | null;
}

const uploadMs = ({ uploadedAt }: Uploaded): number => uploadedAt?.getTime() ?? 0;

/** Whether a backup was uploaded more than a week after the time it names. */
export const isLate = ({ capturedAt, uploadedAt }: Uploaded): boolean =>
  uploadedAt !== null && uploadedAt.getTime() - capturedAt.getTime() > lateMs;

export interface LateUploads<T> {
  /** In the order in which they came. */
  readonly late: readonly T[];
  /**
   * How many of `late` a decision about a backup may go by: of a late one those of its batch and the batches before, of one
   * that came in time none (late ones that were there before it are dated before it, so only their proofs could tell).
   */
  countFor(backup: T): number;
}

/** Orders the late ones among some backups by their uploads. */
export function lateUploads<T extends Uploaded>(backups: readonly T[]): LateUploads<T> {
  const late = backups.filter(isLate).sort((a, b) => uploadMs(a) - uploadMs(b));
  const batchEnds = new Map<T, number>();
  let first = 0;
  late.forEach((backup, i) => {
    const next = late[i + 1];
    if (next && uploadMs(next) - uploadMs(backup) < batchGapMs) return;
    for (const member of late.slice(first, i + 1)) batchEnds.set(member, i + 1);
    first = i + 1;
  });
  return { late, countFor: (backup) => batchEnds.get(backup) ?? 0 };
}

/** The late ones to tell a user of: not those of the first week of a store. `beganAt` is that of its oldest origin. */
export const toldLate = <T extends Uploaded>(backups: readonly T[], beganAt: Date | null): T[] =>
  backups.filter((b) => isLate(b) && (beganAt === null || uploadMs(b) > beganAt.getTime() + beginningMs));
