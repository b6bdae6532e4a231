import { type EfakturError, isEfakturError } from '../base/errors.ts';
import type { Warning } from '../base/progress.ts';
import { type BackupEntry, type Listing, listBackups } from '../catalog/listing.ts';
import type { Tampering } from '../catalog/true-objects.ts';
import type { ObjectStore } from '../store/store.ts';

/** One backup as it lies in one store. */
export interface StoredBackup extends BackupEntry {
  readonly store: ObjectStore;
}

export interface MergedListing {
  /** Every store's entries, oldest first; a backup in two stores stands twice, in the order of the stores. */
  readonly backups: readonly StoredBackup[];
  readonly foreignKeys: number;
  /** One for each store that could not be listed and each backup without its archive. */
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

/** Lists all stores (below each of the prefixes); throws the first store's error when none can be listed. */
export async function listStores(
  stores: readonly ObjectStore[],
  prefixes: readonly string[],
  signal: AbortSignal,
): Promise<MergedListing> {
  const listings = await Promise.all(
    stores.map(
      async (store): Promise<{ store: ObjectStore; listings: Listing[]; error: EfakturError | null }> => {
        try {
          const parts = [];
          for (const prefix of prefixes) parts.push(await listBackups(store, { prefix, signal }));
          return { store, listings: parts, error: null };
        } catch (error) {
          if (!isEfakturError(error) || error.code === 'interrupted') throw error;
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
  const all = listings.flatMap(({ store, listings: parts }) =>
    parts.flatMap((l) => l.backups.map((b) => ({ ...b, store }))),
  );
  for (const { store, listings: parts } of listings) {
    const tampered = parts.flatMap((l) => l.tampered);
    warnings.push(...tamperingWarnings(store, tampered));
  }
  return {
    backups: all.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)),
    foreignKeys: listings.reduce(
      (sum, l) => sum + l.listings.reduce((n, part) => n + part.foreignKeys, 0),
      0,
    ),
    warnings,
    failure,
  };
}
