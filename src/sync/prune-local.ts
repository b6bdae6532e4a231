import { lstat, realpath, unlink } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { asTargetError, whileBusy } from '../base/atomic-file.ts';
import { EfakturError, systemCode } from '../base/errors.ts';
import { formatInstant } from '../base/local-time.ts';
import type { Warning } from '../base/progress.ts';
import { type Listing, listBackups } from '../catalog/listing.ts';
import { manifestKey } from '../catalog/names.ts';
import { lastProven, listProofs, type Proof, standingDamage } from '../catalog/proofs.ts';
import { type LoginBackup, listLoginBackups } from '../efaktur/login-backups.ts';
import { type RecordedArchive, readRecord, type StoreRecord } from '../state/record.ts';
import type { ObjectStore } from '../store/store.ts';

export interface PruneLocalRequest {
  readonly appFolder: string;
  readonly stores: readonly ObjectStore[];
  /** This many of the newest login backups stay whatever is stored. */
  readonly keep: number;
  /** Without it nothing is changed. */
  readonly yes: boolean;
  readonly stateDir: string;
  readonly zone: string;
  readonly signal: AbortSignal;
}

export interface LocalDecision {
  readonly path: string;
  readonly name: string;
  /** RFC 3339 in the configured zone. */
  readonly capturedAt: string;
  readonly sizeBytes: number;
  readonly keep: boolean;
  readonly reason: string;
}

export interface PruneLocalDocument {
  readonly outcome: 'planned' | 'pruned';
  /** Oldest first. */
  readonly decisions: readonly LocalDecision[];
  /** Paths of the files deleted. */
  readonly deleted: readonly string[];
  /** Bytes deleted, or to be deleted with `--yes`. */
  readonly freedBytes: number;
  readonly warnings: readonly Warning[];
}

/** What one store has of this PC's login backups. */
interface Stored {
  readonly url: string;
  readonly record: StoreRecord;
  readonly listing: Listing;
  readonly manifests: ReadonlySet<string>;
  readonly proofs: ReadonlyMap<string, readonly Proof[]>;
}

/**
 * Deletes login backups (zips in `backup/`) that every store has and that were read back whole from each. A login backup
 * counts as stored only when the local record knows this very file and the store lists the manifest and the archive it
 * became. Links, folders and whatever else lies there are never touched. Any store that cannot be asked stops it, with its
 * error; a file that cannot be deleted is `target-not-writable` beside the document.
 */
export async function pruneLocal(
  request: PruneLocalRequest,
): Promise<{ document: PruneLocalDocument; failure: EfakturError | null }> {
  const { appFolder, zone, signal } = request;
  const stores = await Promise.all(request.stores.map((store) => readStore(store, request)));
  const backups = await listLoginBackups(appFolder, zone);
  const newest = new Set(request.keep > 0 ? backups.slice(-request.keep) : []);
  const decisions: LocalDecision[] = [];
  const deleted: string[] = [];
  let freedBytes = 0;
  let failure: EfakturError | null = null;
  for (const backup of backups) {
    signal.throwIfAborted();
    let reason = newest.has(backup)
      ? `one of the newest ${request.keep}`
      : await whyKept(backup, appFolder, stores);
    if (reason === null && request.yes) {
      try {
        if (await isSameFile(backup)) {
          await whileBusy(() => unlink(backup.path), { signal });
          deleted.push(backup.path);
        } else reason = 'it changed meanwhile';
      } catch (error) {
        const target = asTargetError(error, `${backup.path} cannot be deleted`);
        if (!(target instanceof EfakturError)) throw target;
        failure ??= target;
        reason = `it cannot be deleted (${systemCode(error)})`;
      }
    }
    if (reason === null) freedBytes += backup.sizeBytes;
    decisions.push({
      path: backup.path,
      name: backup.name,
      capturedAt: formatInstant(backup.capturedAt, zone),
      sizeBytes: backup.sizeBytes,
      keep: reason !== null,
      reason: reason ?? 'stored and proven in every store',
    });
  }
  return {
    document: {
      outcome: request.yes ? 'pruned' : 'planned',
      decisions,
      deleted,
      freedBytes,
      warnings: [],
    },
    failure,
  };
}

async function readStore(store: ObjectStore, { stateDir, signal }: PruneLocalRequest): Promise<Stored> {
  const record = await readRecord(stateDir, store.url);
  const listing = await listBackups(store, { signal });
  return {
    url: store.url,
    record,
    listing,
    manifests: new Set(listing.backups.map((b) => b.manifestKey)),
    proofs: await listProofs(store, signal),
  };
}

/** Null when it may go. */
async function whyKept(
  backup: LoginBackup,
  appFolder: string,
  stores: readonly Stored[],
): Promise<string | null> {
  if (backup.type !== 'zip') return 'only zips are ever deleted';
  if (!(await isPlainFile(backup, appFolder))) return 'it lies behind a link';
  for (const store of stores) {
    const reason = whyNotIn(store, backup);
    if (reason !== null) return `${reason} in ${store.url}`;
  }
  return null;
}

function whyNotIn(store: Stored, backup: LoginBackup): string | null {
  const { record, listing, manifests, proofs } = store;
  const known = record.backups.filter(
    ({ local }) =>
      local !== null &&
      local.path === backup.path &&
      local.sizeBytes === backup.sizeBytes &&
      local.mtimeMs === backup.mtimeMs,
  );
  const stored = known.filter(({ id, tag, day }) => {
    const archives = archivesOf(record, tag);
    return manifests.has(manifestKey(day, id)) && archives?.every((a) => isListed(listing, a));
  });
  if (stored.length === 0) return known.length === 0 ? 'not stored by this PC' : 'no longer stored';
  const isProven = stored.some(({ tag }) => {
    const bases = (archivesOf(record, tag) ?? []).filter((a) => a.tag !== tag);
    const damage = bases.flatMap((a) => standingDamage(proofs.get(a.tag) ?? []));
    return lastProven([...(proofs.get(tag) ?? []), ...damage]) !== null;
  });
  return isProven ? null : 'not proven by "efaktur-cloud verify --read-data"';
}

/** The archive and the one it leans on, as they were sent; null when the record does not know them all. */
function archivesOf(record: StoreRecord, tag: string): RecordedArchive[] | null {
  const sent = record.archives.find((archive) => archive.tag === tag);
  if (sent?.base === undefined) return sent ? [sent] : null;
  const base = record.archives.find((archive) => archive.tag === sent.base);
  return base ? [sent, base] : null;
}

function isListed({ archives }: Listing, { key, sizeBytes, etag }: RecordedArchive): boolean {
  const listed = archives.get(key);
  return listed?.sizeBytes === sizeBytes && (etag === null || listed.etag === etag);
}

/** Neither the file nor the folder it lies in is a link (or a junction) to elsewhere. */
async function isPlainFile({ path }: LoginBackup, appFolder: string): Promise<boolean> {
  const [file, folder] = [await lstat(path), await lstat(dirname(path))];
  const parent = await realpath(dirname(path));
  return (
    file.isFile() &&
    folder.isDirectory() &&
    dirname(parent) === (await realpath(appFolder)) &&
    basename(parent) === basename(dirname(path))
  );
}

async function isSameFile({ path, sizeBytes, mtimeMs }: LoginBackup): Promise<boolean> {
  const now = await lstat(path);
  return now.isFile() && now.size === sizeBytes && Math.floor(now.mtimeMs) === mtimeMs;
}
