import { EfakturError } from '../base/errors.ts';
import { localDay } from '../base/local-time.ts';
import { joined, type Text } from '../base/text.ts';
import {
  checkAddressOrPush,
  chooseListed,
  isProgramBackup,
  nearestAfter,
  nearestBefore,
  noBackupIn,
  noBackupNamed,
  noBackupOf,
  noBackupUpTo,
  useProgramBackup,
} from './texts.ts';

/** Which stored backup a user means. */
export type Wanted =
  | { readonly by: 'newest' }
  | { readonly by: 'day'; readonly day: string }
  | { readonly by: 'as-of'; readonly end: Date; readonly text: string }
  | { readonly by: 'id'; readonly id: string };

interface Candidate {
  readonly id: string;
  readonly day: string;
  readonly capturedAt: Date;
  /** It counts after the store's or this PC's time, which others do not: only who names it gets it. */
  readonly isAfterNow?: boolean;
}

/** The newest backup that fits, of a list in the order in which they count, oldest first; null when there is none. */
export function chooseBackup<T extends Candidate>(backups: readonly T[], wanted: Wanted): T | null {
  const fits = (b: T): boolean => {
    switch (wanted.by) {
      case 'newest':
        return !b.isAfterNow;
      case 'day':
        return b.day === wanted.day;
      case 'as-of':
        return b.capturedAt <= wanted.end;
      case 'id':
        return b.id === wanted.id;
    }
  };
  return backups.findLast(fits) ?? null;
}

/**
 * The error for a wish that nothing fits: it names the nearest backups before and after, so that the user can choose. `programs` are
 * the ids of the program folders that lie there.
 */
export function noSuchBackup(
  backups: readonly Candidate[],
  wanted: Wanted,
  where: Text,
  zone: string,
  programs: ReadonlySet<string> = new Set(),
): EfakturError {
  if (wanted.by === 'id' && programs.has(wanted.id)) {
    return new EfakturError('no-such-backup', isProgramBackup(wanted.id, where), useProgramBackup(wanted.id));
  }
  if (backups.length === 0) {
    return new EfakturError('no-such-backup', noBackupIn(where, programs.size), checkAddressOrPush);
  }
  const day = (b: Candidate): string => `${b.day} (${b.id})`;
  const nearest = (isBefore: (b: Candidate) => boolean): Text => {
    // Those that name a wrong time stand elsewhere in the order in which they count.
    const byName = [...backups].sort((a, b) => a.capturedAt.getTime() - b.capturedAt.getTime());
    const before = byName.findLast(isBefore);
    const after = byName.find((b) => !isBefore(b));
    return joined(
      [...(before ? [nearestBefore(day(before))] : []), ...(after ? [nearestAfter(day(after))] : [])],
      ', ',
    );
  };
  const none = (said: Text): EfakturError => new EfakturError('no-such-backup', said, chooseListed);
  switch (wanted.by) {
    case 'day':
      return none(
        noBackupOf(
          wanted.day,
          where,
          nearest((b) => b.day < wanted.day),
        ),
      );
    case 'as-of':
      return none(
        noBackupUpTo(
          wanted.text,
          where,
          nearest((b) => b.capturedAt <= wanted.end),
        ),
      );
    case 'id': {
      const newest = backups.at(-1) as Candidate;
      return none(noBackupNamed(wanted.id, where, `${localDay(newest.capturedAt, zone)} (${newest.id})`));
    }
    case 'newest':
      throw new TypeError('a list that is not empty has a newest backup');
  }
}
