import { EfakturError } from '../base/errors.ts';
import { localDay } from '../base/local-time.ts';

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
  where: string,
  zone: string,
  programs: ReadonlySet<string> = new Set(),
): EfakturError {
  if (wanted.by === 'id' && programs.has(wanted.id)) {
    return new EfakturError(
      'no-such-backup',
      `${wanted.id} in ${where} is a program folder and no backup`,
      `"efaktur-cloud pull --whole-app --program ${wanted.id}" makes a whole e-Faktur with it, "export --id" writes it alone; backups are in "efaktur-cloud list".`,
    );
  }
  if (backups.length === 0) {
    const alone = programs.size === 0 ? '' : `, only ${programs.size} program folder(s)`;
    return new EfakturError(
      'no-such-backup',
      `there is no backup in ${where}${alone}`,
      'Check the store\'s address, or run "efaktur-cloud push" first.',
    );
  }
  const day = (b: Candidate): string => `${b.day} (${b.id})`;
  const nearest = (isBefore: (b: Candidate) => boolean): string => {
    // Those that name a wrong time stand elsewhere in the order in which they count.
    const byName = [...backups].sort((a, b) => a.capturedAt.getTime() - b.capturedAt.getTime());
    const before = byName.findLast(isBefore);
    const after = byName.find((b) => !isBefore(b));
    return [before && `the nearest before is ${day(before)}`, after && `the nearest after is ${day(after)}`]
      .filter((part) => part !== undefined)
      .join(', ');
  };
  const hint = 'Choose one of these with --date or --id, or see them all with "efaktur-cloud list".';
  switch (wanted.by) {
    case 'day':
      return new EfakturError(
        'no-such-backup',
        `there is no backup of ${wanted.day} in ${where}: ${nearest((b) => b.day < wanted.day)}`,
        hint,
      );
    case 'as-of':
      return new EfakturError(
        'no-such-backup',
        `there is no backup at or before ${wanted.text} in ${where}: ${nearest((b) => b.capturedAt <= wanted.end)}`,
        hint,
      );
    case 'id':
      return new EfakturError(
        'no-such-backup',
        `there is no backup ${wanted.id} in ${where}: the newest is ${localDay((backups.at(-1) as Candidate).capturedAt, zone)} (${backups.at(-1)?.id})`,
        hint,
      );
    case 'newest':
      throw new TypeError('a list that is not empty has a newest backup');
  }
}
