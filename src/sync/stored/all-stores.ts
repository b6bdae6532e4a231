import { type EfakturError, keepOrThrow } from '../../base/errors.ts';
import type { Warning } from '../../base/progress.ts';
import { byCountedTime } from '../../catalog/counted-time.ts';
import { type BackupEntry, type Listing, listBackups, type ProgramEntry } from '../../catalog/listing.ts';
import type { Tampering } from '../../catalog/true-objects.ts';
import type { ObjectStore } from '../../store/store.ts';
import type { Local, ReadingContext } from '../context.ts';
import { aheadFindings, countBackups } from './counted-backups.ts';
import { newestMissing } from './newest-pushed.ts';
import { passedOver, severalTamperedWith } from './texts.ts';

/** A backup as it lies in one store. */
export interface StoredBackup extends BackupEntry {
  readonly store: ObjectStore;
  /** Its time has not come yet, so it is not the newest; see `counted-backups.ts`. False where only a part was listed. */
  readonly isAfterNow: boolean;
}

/** A program folder as it lies in one store. */
export interface StoredProgram extends ProgramEntry {
  readonly store: ObjectStore;
}

export interface MergedListing {
  /**
   * Every store's entries, in the order in which they count, oldest first; a backup in two stores stands twice, in the order
   * of the stores, and the earliest upload is that of both.
   */
  readonly backups: readonly StoredBackup[];
  /** The same of stored program folders. */
  readonly programs: readonly StoredProgram[];
  readonly foreignKeys: number;
  /** Of stores that could not be listed or lack what this PC pushed, of tampering, and of times that cannot be. */
  readonly warnings: readonly Warning[];
  /** The first store's error, when some could not be listed. */
  readonly failure: EfakturError | null;
}

/** One for all that somebody did in a store; none when nothing was done. */
export function tamperingWarnings({ url }: ObjectStore, tampered: readonly Tampering[]): Warning[] {
  if (tampered.length === 0) return [];
  const message = severalTamperedWith(url, tampered.length, tampered.slice(0, 3));
  return [{ code: 'tampering', message }];
}

export interface ListRequest extends ReadingContext {
  /** First and last local day, both included. */
  readonly since: string | null;
  readonly until: string | null;
  /** Reads the manifests as well. */
  readonly long: boolean;
}

/** What one store lists below each of the prefixes; nothing, and why, where it cannot be listed. */
interface StoreListing {
  readonly store: ObjectStore;
  readonly parts: readonly Listing[];
  readonly error: EfakturError | null;
}

const listEach = (
  stores: readonly ObjectStore[],
  prefixes: readonly string[],
  signal: AbortSignal,
): Promise<StoreListing[]> =>
  Promise.all(
    stores.map(async (store) => {
      try {
        const parts = [];
        for (const prefix of prefixes) parts.push(await listBackups(store, { prefix, signal }));
        return { store, parts, error: null };
      } catch (error) {
        keepOrThrow(error);
        return { store, parts: [], error };
      }
    }),
  );

const notListed = ({ url }: ObjectStore, { code, text }: EfakturError): Warning => ({
  code,
  message: passedOver(url, text),
});

const programsOf = (store: ObjectStore, parts: readonly Listing[]): StoredProgram[] =>
  parts.flatMap((part) => part.programs).map((program) => ({ ...program, store }));

export interface ProgramCopies {
  /** The newest first; one in two stores stands twice, in the order of the stores. */
  readonly programs: readonly StoredProgram[];
  /** The first store's error, when some could not be listed. */
  readonly failure: EfakturError | null;
  readonly warnings: readonly Warning[];
}

/** Lists the program folders of all stores (below a prefix); a store that cannot be listed becomes a warning. */
export async function listProgramCopies(
  stores: readonly ObjectStore[],
  signal: AbortSignal,
  prefix = '',
): Promise<ProgramCopies> {
  const listings = await listEach(stores, [prefix], signal);
  return {
    programs: listings
      .flatMap(({ store, parts }) => programsOf(store, parts))
      .sort((a, b) => byCountedTime(b, a)),
    failure: listings.find(({ error }) => error)?.error ?? null,
    warnings: listings.flatMap(({ store, parts, error }) =>
      error
        ? [notListed(store, error)]
        : tamperingWarnings(
            store,
            parts.flatMap((part) => part.tampered),
          ),
    ),
  };
}

/** Lists all stores (below each of the prefixes, `''` for all); throws the first store's error when none can be listed. */
export async function listStores(
  stores: readonly ObjectStore[],
  prefixes: readonly string[],
  context: Local,
): Promise<MergedListing> {
  const listings = await listEach(stores, prefixes, context.signal);
  const failure = listings.find((l) => l.error)?.error ?? null;
  if (failure && listings.every((l) => l.error)) throw failure;
  const warnings: Warning[] = listings.flatMap(({ store, error }) =>
    error ? [notListed(store, error)] : [],
  );
  const all: StoredBackup[] = [];
  const programs: StoredProgram[] = [];
  for (const { store, parts } of listings) {
    warnings.push(
      ...tamperingWarnings(
        store,
        parts.flatMap((l) => l.tampered),
      ),
    );
    if (parts.length > 0) {
      const backups = parts.flatMap((part) => part.backups);
      const missing = await newestMissing(store, { backups, prefixes }, context);
      if (missing) warnings.push(missing);
    }
    const { findings, isAfterNow } = timesOf(store, parts, prefixes, context);
    warnings.push(...findings);
    for (const backup of parts.flatMap((l) => l.backups))
      all.push({ ...backup, store, isAfterNow: isAfterNow(backup) });
    programs.push(...programsOf(store, parts));
  }
  const come = new Set(all.filter((backup) => !backup.isAfterNow).map(({ id }) => id));
  return {
    backups: inCommonOrder(all.map((backup) => ({ ...backup, isAfterNow: !come.has(backup.id) }))),
    programs: inCommonOrder(programs),
    foreignKeys: listings.reduce((sum, l) => sum + l.parts.reduce((n, part) => n + part.foreignKeys, 0), 0),
    warnings,
    failure,
  };
}

/** Whether all of a store lies after now can only be told of a whole listing. */
function timesOf(
  { url }: ObjectStore,
  parts: readonly Listing[],
  prefixes: readonly string[],
  { now, zone }: Local,
): { findings: readonly Warning[]; isAfterNow: (backup: BackupEntry) => boolean } {
  const [whole] = parts;
  if (!whole || prefixes.length !== 1 || prefixes[0] !== '') {
    const backups = parts.flatMap((part) => part.backups);
    return { findings: aheadFindings(url, backups, zone), isAfterNow: () => false };
  }
  const { backups, serverTime } = whole;
  const { afterNow, findings } = countBackups({ url, backups, serverTime, now: now(), zone });
  const after = new Set(afterNow);
  return { findings, isAfterNow: (backup) => after.has(backup) };
}

/** What is stored counts from when the first store had it; entries of one id stand in the order of the stores. */
function inCommonOrder<T extends ProgramEntry>(all: readonly T[]): T[] {
  const first = new Map<string, T>();
  for (const backup of all) {
    const known = first.get(backup.id);
    const isEarlier = (a: Date | null, b: Date | null): boolean => a !== null && (b === null || a < b);
    if (!known) first.set(backup.id, backup);
    else {
      first.set(backup.id, {
        ...known,
        uploadedAt: isEarlier(backup.uploadedAt, known.uploadedAt) ? backup.uploadedAt : known.uploadedAt,
        countedAt: isEarlier(backup.countedAt, known.countedAt) ? backup.countedAt : known.countedAt,
      });
    }
  }
  return all
    .map((backup) => {
      const { uploadedAt, countedAt } = first.get(backup.id) ?? backup;
      return { ...backup, uploadedAt, countedAt };
    })
    .sort(byCountedTime);
}
