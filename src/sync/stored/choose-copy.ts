import { hourMs } from '../../base/durations.ts';
import { EfakturError, type ErrorCode, isEfakturError } from '../../base/errors.ts';
import { localDay } from '../../base/local-time.ts';
import type { Warning } from '../../base/progress.ts';
import { listed, verbatim } from '../../base/text.ts';
import { chooseBackup, noSuchBackup, type Wanted } from '../../catalog/choose.ts';
import type { PrivateFacts } from '../../catalog/manifest.ts';
import { parseBackupId } from '../../catalog/names.ts';
import { noBackupId, takeIdFromList } from '../../catalog/texts.ts';
import type { ObjectStore } from '../../store/store.ts';
import { inStore } from '../../store/texts.ts';
import type { Local } from '../context.ts';
import { listStores, type StoredBackup } from './all-stores.ts';
import { withMissing } from './newest-pushed.ts';
import { nameItById, onlySameSecond, orTheOneBefore } from './texts.ts';

export interface CopySearch extends Local {
  readonly stores: readonly ObjectStore[];
  readonly wanted: Wanted;
}

/** A backup of the day asked for that was not taken. */
export interface OtherBackup {
  readonly id: string;
  readonly capturedAt: Date;
}

export interface FoundCopies {
  /** Every copy of the wanted backup. */
  readonly copies: readonly StoredBackup[];
  /** Where a day was asked for: its other backups, oldest first, each once. */
  readonly others: readonly OtherBackup[];
  /** What would be wanted if the wanted one were not there; null without one. */
  readonly next: OtherBackup | null;
}

/**
 * Every copy of the wanted backup, in the order of the stores; the same capture under another tag comes last. Stores that
 * cannot be listed become warnings. `no-such-backup` names the nearest ones, `usage` what is no id; without a find
 * the error of a store that could not be listed.
 */
export async function findCopies(
  { stores, wanted, ...context }: CopySearch,
  warnings: Warning[],
): Promise<FoundCopies> {
  const { zone } = context;
  const near = await listStores(stores, prefixesFor(wanted, zone), context);
  warnings.push(...near.warnings);
  const chosen = chooseBackup(near.backups, wanted);
  if (!chosen) {
    // A store that could not be asked may have it: nobody can say that there is none.
    if (near.failure) throw near.failure;
    const all = wanted.by === 'day' || wanted.by === 'id' ? await listStores(stores, [''], context) : near;
    const programs = new Set(all.programs.map(({ id }) => id));
    const none = noSuchBackup(
      all.backups,
      wanted,
      listed(stores.map((s) => verbatim(s.url))),
      zone,
      programs,
    );
    throw withMissing(
      none,
      all.warnings.find(({ code }) => code === 'newest-missing'),
    );
  }
  const same = near.backups.filter((b) => b.id === chosen.id);
  const sameTime = near.backups.filter(
    (b) => b.id !== chosen.id && b.capturedAt.getTime() === chosen.capturedAt.getTime(),
  );
  const others = new Map(
    wanted.by === 'day'
      ? near.backups.filter((b) => b.id !== chosen.id).map(({ id, capturedAt }) => [id, { id, capturedAt }])
      : [],
  );
  return {
    copies: [...same, ...sameTime],
    others: [...others.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    next: chooseBackup(
      near.backups.filter((b) => b.id !== chosen.id),
      wanted,
    ),
  };
}

/** The smallest listings that can hold the wanted backup. */
export function prefixesFor(wanted: Wanted, zone: string): string[] {
  if (wanted.by === 'day') return [`${wanted.day}/`];
  const id = wanted.by === 'id' ? parseBackupId(wanted.id) : null;
  if (wanted.by !== 'id') return [''];
  if (!id) throw new EfakturError('usage', noBackupId(wanted.id), takeIdFromList);
  // The day folder is that of the zone it was pushed in, which may be another than ours.
  const days = [0, -24, 24].map((hours) =>
    localDay(new Date(id.capturedAt.getTime() + hours * hourMs), zone),
  );
  return [...new Set(days)].map((day) => `${day}/${id.id}`);
}

/** To be called with what a copy's manifest says: `damaged` when it is not known to hold the state that is meant. */
export type ConfirmState = (facts: PrivateFacts | null) => void;

/** What is a fault of one copy: another store may have the same backup or program folder as it was pushed. */
export const faultsOfCopy: readonly ErrorCode[] = [
  'store-unavailable',
  'access-denied',
  'damaged',
  'newer-format',
  'wrong-key',
];

/**
 * Tries the copies in turn: the next one where a store is unavailable or denied, or its copy damaged, of a format or for a key
 * that is not known, or what `isFaultOfCopy` says of this attempt. Another backup of the same second stands in only for a
 * state of the same content, or where what lies under the first one's name is no manifest in any store: then somebody else
 * took that name. Throws the first copy's error when none is sound; one of what is stored names the next backup that fits, as
 * somebody may have laid this one there to stand before it.
 */
export async function firstSound<T>(
  { copies, next }: Pick<FoundCopies, 'copies' | 'next'>,
  warnings: Warning[],
  attempt: (copy: StoredBackup, confirmState: ConfirmState) => Promise<T>,
  isFaultOfCopy: (error: EfakturError) => boolean = () => false,
): Promise<T> {
  const meant = copies[0]?.id;
  let contentHash: string | undefined;
  // As long as all that was read under the name meant was no manifest.
  let isNameTaken = true;
  const confirm = (copy: StoredBackup, facts: PrivateFacts | null): void => {
    if (copy.id === meant) {
      isNameTaken = false;
      contentHash ??= facts?.contentHash;
    } else if (!isNameTaken && (contentHash === undefined || facts?.contentHash !== contentHash)) {
      throw new EfakturError('damaged', onlySameSecond(copy.id), nameItById);
    }
  };
  let first: unknown = null;
  for (const copy of copies) {
    try {
      return await attempt(copy, (facts) => confirm(copy, facts));
    } catch (error) {
      if (!isEfakturError(error)) throw error;
      if (!faultsOfCopy.includes(error.code) && !isFaultOfCopy(error)) throw error;
      first ??= error;
      if (error.code !== 'damaged') isNameTaken = false;
      warnings.push({ code: error.code, message: inStore(copy.store.url, error.text) });
    }
  }
  if (next === null || !isEfakturError(first, 'damaged', 'newer-format', 'wrong-key')) throw first;
  const { code, said, hint } = first;
  throw new EfakturError(code, said, orTheOneBefore(hint, next.id), first);
}
