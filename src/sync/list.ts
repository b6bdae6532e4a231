import { type EfakturError, isEfakturError } from '../base/errors.ts';
import { inTurns } from '../base/in-turns.ts';
import { localDay } from '../base/local-time.ts';
import type { Warning } from '../base/progress.ts';
import type { Text } from '../base/text.ts';
import { parseBackupId } from '../catalog/names.ts';
import type { AppProgram } from '../efaktur/app-program.ts';
import { inStore } from '../store/texts.ts';
import { type ListedProgram, programsIn } from './list-programs.ts';
import { archiveMissing, foreignPassedOver, notOpened } from './list-texts.ts';
import { programOf } from './program/version.ts';
import { type ListRequest, listStores, type StoredBackup } from './stored/all-stores.ts';
import { type BackupInfo, backupInfo } from './stored/backup-info.ts';
import { lastProvenTimes } from './stored/last-proven.ts';
import { type OpenManifest, readManifest } from './stored/manifest.ts';

export type ListedBackup = BackupInfo & {
  readonly stores: readonly string[];
  /** With `long`: what the manifest says. */
  readonly source?: string;
  readonly capturedBasis?: string;
  readonly files?: number;
  readonly totalBytes?: number;
  readonly databases?: readonly string[];
  /** What the push found the databases to be. */
  readonly verdict?: string;
  /** The e-Faktur it was made with; null where that is not known. The version of an encrypted one is known with its key. */
  readonly appProgram?: AppProgram | null;
  /** The day the archive was last proven sound in some store; null when never. */
  readonly lastProven?: string | null;
};

export interface ListDocument {
  readonly backups: readonly ListedBackup[];
  /** Stored program folders, by their names; see `list-programs.ts`. */
  readonly programs: readonly ListedProgram[];
  readonly foreignKeys: number;
  readonly warnings: readonly Warning[];
}

/** The stored backups in the order in which they count, newest last, from key names alone (`long` reads each manifest). A store that fails is a warning and `failure`. */
export async function list(
  request: ListRequest,
): Promise<{ document: ListDocument; failure: EfakturError | null }> {
  const merged = await listStores(request.stores, [''], request);
  const warnings = [...merged.warnings];
  const byId = new Map<string, ListedBackup>();
  const entries = new Map<string, StoredBackup>();
  for (const entry of merged.backups) {
    if ((request.since && entry.day < request.since) || (request.until && entry.day > request.until))
      continue;
    if (!entry.archive)
      warnings.push({
        code: 'archive-missing',
        message: archiveMissing(entry.store.url, entry.id),
      });
    const known = byId.get(entry.id);
    if (!known) entries.set(entry.id, entry);
    const info = backupInfo(entry, entry.archive, request.zone);
    // The first store that has the archive describes it.
    const described = known?.archive ? known : info;
    byId.set(entry.id, { ...described, stores: [...(known?.stores ?? []), entry.store.url] });
  }
  const backups = [...byId.values()];
  if (request.long) {
    await readDetails(backups, entries, request, warnings);
    await readProofs(backups, request, warnings);
  }
  if (merged.foreignKeys > 0) {
    warnings.push({
      code: 'foreign-keys',
      message: foreignPassedOver(merged.foreignKeys),
    });
  }
  const { listed: programs } = programsIn(merged, request);
  const document = { backups, programs, foreignKeys: merged.foreignKeys, warnings };
  return { document, failure: merged.failure };
}

async function readDetails(
  backups: ListedBackup[],
  entries: ReadonlyMap<string, StoredBackup>,
  request: ListRequest,
  warnings: Warning[],
): Promise<void> {
  // After a change of keys these are many.
  const unopened: Text[] = [];
  await inTurns([...backups], async (backup, i) => {
    const entry = entries.get(backup.id) as StoredBackup;
    try {
      const manifest = await readManifest(
        entry.store,
        { key: entry.manifestKey, versionId: entry.manifestVersionId },
        request.decryptor,
        request.signal,
      );
      backups[i] = { ...backup, ...namedArchive(entry, manifest, request.zone), ...details(manifest) };
    } catch (error) {
      if (!isEfakturError(error, 'damaged', 'newer-format', 'wrong-key')) throw error;
      const message = inStore(entry.store.url, error.text);
      if (error.code === 'wrong-key') unopened.push(message);
      else warnings.push({ code: error.code, message });
    }
  });
  const [first] = unopened;
  if (first) warnings.push({ code: 'wrong-key', message: notOpened(unopened.length, first) });
}

/** A store that failed before has said so. */
async function readProofs(backups: ListedBackup[], request: ListRequest, warnings: Warning[]): Promise<void> {
  const stores = request.stores.filter((store) => backups.some((b) => b.stores.includes(store.url)));
  const times = await lastProvenTimes(stores, request.signal, warnings);
  for (const [i, backup] of backups.entries()) {
    const at = times.get(parseBackupId(backup.id)?.tag ?? '');
    backups[i] = { ...backup, lastProven: at ? localDay(at, request.zone) : null };
  }
}

/** Where several archives claim the tag, the one that the manifest names describes the backup. */
function namedArchive(entry: StoredBackup, manifest: OpenManifest, zone: string): Partial<BackupInfo> {
  const named = entry.archives.find(({ key }) => key === manifest.archive);
  return named ? backupInfo(entry, named, zone) : {};
}

function details(manifest: OpenManifest): Partial<ListedBackup> {
  const { facts } = manifest;
  return {
    source: manifest.source,
    capturedBasis: manifest.capturedBasis,
    ...(facts && { files: facts.files, totalBytes: facts.totalBytes, databases: facts.databases }),
    ...(facts?.verdict && { verdict: facts.verdict }),
    appProgram: programOf(manifest, facts),
  };
}
