import type { ListedBackup } from '../sync/list.ts';

/** A day with backups, for who chooses one. */
export interface StoredDay {
  /** `2023-07-08`. */
  readonly iso: string;
  readonly backups: number;
  /** RFC 3339. */
  readonly newest: string;
}

/** The newest day first. */
export function storedDays(backups: readonly ListedBackup[]): StoredDay[] {
  const days = new Map<string, StoredDay>();
  // They are listed in the order in which they count, so the last one of a day is what its restore takes.
  for (const { date, capturedAt } of backups)
    days.set(date, { iso: date, backups: (days.get(date)?.backups ?? 0) + 1, newest: capturedAt });
  return [...days.values()].sort((a, b) => (a.iso < b.iso ? 1 : -1));
}
