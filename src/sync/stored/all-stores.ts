import { type EfakturError, keepOrThrow } from '../../base/errors.ts';
import type { Warning } from '../../base/progress.ts';
import { byCountedTime, isAfter } from '../../catalog/counted-time.ts';
import { type BackupEntry, type Listing, listBackups, type ProgramEntry } from '../../catalog/listing.ts';
import type { Tampering } from '../../catalog/true-objects.ts';
import type { ObjectStore } from '../../store/store.ts';
import type { Local, ReadingContext } from '../context.ts';
import { aheadFindings, countBackups } from './counted-backups.ts';
import { newestMissing } from './newest-pushed.ts';

/** What lies in one store. Of what lies in several stores the earliest upload is that of all its entries. */
interface InStore {
  readonly store: ObjectStore;
  /** Its time has not come yet, so it is not the newest; see `counted-backups.ts`. False where only a part was listed. */
  readonly isAfterNow: boolean;
}

export interface StoredBackup extends BackupEntry, InStore {}

export interface StoredProgram extends ProgramEntry, InStore {}

export interface MergedListing {
  /** Every store's entries, in the order in which they count, oldest first; a backup in two stores stands twice, in the order of the stores. */
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
  const shown = tampered.slice(0, 3).map((t) => `${t.key} was ${t.how}`);
  return [
    {
      code: 'tampering',
      message: `${url}: SOMEBODY TAMPERED with ${tampered.length} object(s) after they were written (${shown.join(', ')}); the first versions are used`,
    },
  ];
}

export interface ListRequest extends ReadingContext {
  /** First and last local day, both included. */
  readonly since: string | null;
  readonly until: string | null;
  /** Reads the manifests as well. */
  readonly long: boolean;
}

/** Lists all stores (below each of the prefixes, `''` for all); throws the first store's error when none can be listed. */
export async function listStores(
  stores: readonly ObjectStore[],
  prefixes: readonly string[],
  context: Local,
): Promise<MergedListing> {
  const { signal } = context;
  const listings = await Promise.all(
    stores.map(
      async (store): Promise<{ store: ObjectStore; listings: Listing[]; error: EfakturError | null }> => {
        try {
          const parts = [];
          for (const prefix of prefixes) parts.push(await listBackups(store, { prefix, signal }));
          return { store, listings: parts, error: null };
        } catch (error) {
          keepOrThrow(error);
          return { store, listings: [], error };
        }
      },
    ),
  );
  const failure = listings.find((l) => l.error)?.error ?? null;
  if (failure && listings.every((l) => l.error)) throw failure;
  const warnings: Warning[] = listings.flatMap(({ store, error }) =>
    error ? [{ code: error.code, message: `${store.url} was passed over: ${error.message}` }] : [],
  );
  const all: StoredBackup[] = [];
  const programs: StoredProgram[] = [];
  for (const { store, listings: parts } of listings) {
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
    const now = parts[0]?.serverTime ?? context.now();
    for (const program of parts.flatMap((l) => l.programs))
      programs.push({ ...program, store, isAfterNow: isAfter(program, now) });
  }
  return {
    backups: inCommonOrder(all),
    programs: inCommonOrder(programs),
    foreignKeys: listings.reduce(
      (sum, l) => sum + l.listings.reduce((n, part) => n + part.foreignKeys, 0),
      0,
    ),
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
function inCommonOrder<T extends InStore & ProgramEntry>(all: readonly T[]): T[] {
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
        isAfterNow: known.isAfterNow && backup.isAfterNow,
      });
    }
  }
  return all
    .map((backup) => {
      const { uploadedAt, countedAt, isAfterNow } = first.get(backup.id) ?? backup;
      return { ...backup, uploadedAt, countedAt, isAfterNow };
    })
    .sort(byCountedTime);
}
