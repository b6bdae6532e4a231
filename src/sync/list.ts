import { type EfakturError, isEfakturError } from '../base/errors.ts';
import type { Warning } from '../base/progress.ts';
import type { Manifest } from '../catalog/manifest.ts';
import type { ObjectStore } from '../store/store.ts';
import { type BackupInfo, backupInfo } from './backup-info.ts';
import { listStores } from './merged-listing.ts';
import { readManifest } from './read-manifest.ts';

export interface ListRequest {
  readonly stores: readonly ObjectStore[];
  /** First and last local day, both included. */
  readonly since: string | null;
  readonly until: string | null;
  /** Reads the manifests as well. */
  readonly long: boolean;
  readonly zone: string;
  readonly signal: AbortSignal;
}

export type ListedBackup = BackupInfo & {
  readonly stores: readonly string[];
  /** With `long`: what the manifest says. */
  readonly source?: string;
  readonly capturedBasis?: string;
  readonly files?: number;
  readonly totalBytes?: number;
  readonly databases?: readonly string[];
};

export interface ListDocument {
  readonly backups: readonly ListedBackup[];
  readonly foreignKeys: number;
  readonly warnings: readonly Warning[];
}

/** The stored backups, newest last, from key names alone (`long` reads each manifest). A store that fails is a warning and `failure`. */
export async function list(
  request: ListRequest,
): Promise<{ document: ListDocument; failure: EfakturError | null }> {
  const merged = await listStores(request.stores, [''], request.signal);
  const warnings = [...merged.warnings];
  const byId = new Map<string, ListedBackup>();
  for (const entry of merged.backups) {
    if ((request.since && entry.day < request.since) || (request.until && entry.day > request.until))
      continue;
    if (!entry.archive)
      warnings.push({
        code: 'archive-missing',
        message: `${entry.store.url}: the archive of ${entry.id} is not there`,
      });
    const known = byId.get(entry.id);
    const info = backupInfo(entry, entry.archive, request.zone);
    // The first store that has the archive describes it.
    const described = known?.archive ? known : info;
    byId.set(entry.id, { ...described, stores: [...(known?.stores ?? []), entry.store.url] });
  }
  const backups = [...byId.values()];
  if (request.long) await readDetails(backups, request, warnings);
  if (merged.foreignKeys > 0) {
    warnings.push({
      code: 'foreign-keys',
      message: `${merged.foreignKeys} object(s) among the backups are not efaktur-cloud's and were passed over`,
    });
  }
  return { document: { backups, foreignKeys: merged.foreignKeys, warnings }, failure: merged.failure };
}

const concurrency = 8;

async function readDetails(
  backups: ListedBackup[],
  request: ListRequest,
  warnings: Warning[],
): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = next++; i < backups.length; i = next++) {
      const backup = backups[i] as ListedBackup;
      const store = request.stores.find((s) => s.url === backup.stores[0]) as ObjectStore;
      try {
        backups[i] = {
          ...backup,
          ...details(await readManifest(store, `${backup.date}/${backup.id}.json`, request.signal)),
        };
      } catch (error) {
        if (!isEfakturError(error, 'damaged', 'newer-format')) throw error;
        warnings.push({ code: error.code, message: `${store.url}: ${error.message}` });
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
}

function details(manifest: Manifest): Partial<ListedBackup> {
  const facts = typeof manifest.private === 'string' ? null : manifest.private;
  return {
    source: manifest.source,
    capturedBasis: manifest.capturedBasis,
    ...(facts && { files: facts.files, totalBytes: facts.totalBytes, databases: facts.databases }),
  };
}
