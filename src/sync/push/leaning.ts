import { dayMs } from '../../base/durations.ts';
import type { SentArchive } from '../../state/record.ts';
import type { KeepingRules } from '../context.ts';

/** What later pushes may lean on, by age and lock alone. */
export interface Leaning {
  /** Whether an archive outlives whatever would lean on it now. */
  outlivesLock(archive: SentArchive): boolean;
  /** Whether a differential may lean on a full. */
  mayLeanOn(archive: SentArchive): boolean;
}

/** The rules by a clock, best the store's. */
export function leaningBy({ lock, fullEveryDays }: KeepingRules, nowMs: () => number): Leaning {
  const isRecent = (archive: SentArchive): boolean =>
    Date.parse(archive.uploadedAt) >= nowMs() - fullEveryDays * dayMs;
  /** Whatever leans on an archive must be restorable for as long as its own lock lasts, and no weaker lock holds. */
  const outlivesLock = (archive: SentArchive): boolean =>
    lock
      ? archive.lockedUntil !== null &&
        (lock.mode === 'governance' || archive.lockMode === 'compliance') &&
        Date.parse(archive.lockedUntil) >= nowMs() + lock.days * dayMs &&
        isRecent(archive)
      : // A bucket with versions may lock by itself, which a push key cannot see.
        archive.versionId === undefined || isRecent(archive);
  return { outlivesLock, mayLeanOn: (archive) => outlivesLock(archive) && isRecent(archive) };
}
