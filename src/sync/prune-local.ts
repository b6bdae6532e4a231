import { lstat, unlink } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { asTargetError, whileBusy } from '../base/atomic-file.ts';
import { EfakturError, isEfakturError, systemCode } from '../base/errors.ts';
import { formatInstant } from '../base/local-time.ts';
import type { Warning } from '../base/progress.ts';
import { realPath } from '../base/real-path.ts';
import { joined, type Text } from '../base/text.ts';
import { findObject, type Listing, listBackups } from '../catalog/listing.ts';
import { manifestKey, type Proof } from '../catalog/names.ts';
import { lastProven, listProofs, standingDamage } from '../catalog/proofs.ts';
import { type LoginBackup, listLoginBackups, openLoginBackup } from '../efaktur/login-backups.ts';
import { isSameFile, type RecordedArchive, type RecordedBackup, type StoreRecord } from '../state/record.ts';
import { readRecord } from '../state/record-file.ts';
import type { ObjectStore } from '../store/store.ts';
import type { StoresContext } from './context.ts';
import {
  amongNewest,
  behindLink,
  cannotBeDeleted,
  changedMeanwhile,
  damagedSinceVerified,
  noLongerStored,
  notAmongNewest,
  notStoredHere,
  notVerified,
  onlyZipsGo,
  reasonIn,
  storedAndVerified,
  undeletable,
} from './prune-local-texts.ts';
import { isUnvouched } from './push/as-sent.ts';
import { isOwnManifest } from './push/own-manifest.ts';
import { type ReadOptions, readState } from './reading/read-state.ts';
import { isAsSent } from './stored/as-sent.ts';
import { newestMissing } from './stored/newest-pushed.ts';
import { problemText } from './stored/verdict-words.ts';

export interface PruneLocalRequest extends StoresContext {
  readonly appFolder: string;
  /** This many of the newest sound login backups stay whatever is stored, and all that are newer than them. */
  readonly keep: number;
  /** Without it nothing is changed. */
  readonly yes: boolean;
}

export interface LocalDecision {
  readonly path: string;
  readonly name: string;
  /** RFC 3339 in the configured zone. */
  readonly capturedAt: string;
  readonly sizeBytes: number;
  readonly keep: boolean;
  readonly reason: Text;
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
interface StoreHoldings {
  /** Whether the manifest under a backup's name is the one that this PC wrote. */
  readonly isOwn: (backup: RecordedBackup) => Promise<boolean>;
  /** Whether an archive that nothing else vouches for still is as it was sent; each is read once. */
  readonly isAsSent: (archive: RecordedArchive) => Promise<boolean>;
  readonly url: string;
  readonly traits: ObjectStore['traits'];
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
  const missing = await Promise.all(
    stores.map(({ listing }, i) => {
      const store = request.stores[i] as ObjectStore;
      return newestMissing(store, { backups: listing.backups, prefixes: [''] }, request);
    }),
  );
  const backups = await listLoginBackups(appFolder, zone);
  const newest = await newestSound(backups, request);
  const decisions: LocalDecision[] = [];
  const deleted: string[] = [];
  let freedBytes = 0;
  let failure: EfakturError | null = null;
  for (const backup of backups) {
    signal.throwIfAborted();
    let reason = newest.get(backup) ?? (await whyKept(backup, appFolder, stores));
    if (reason === null && request.yes) {
      try {
        if (await isUnchanged(backup)) {
          await whileBusy(() => unlink(backup.path), { signal });
          deleted.push(backup.path);
        } else reason = changedMeanwhile;
      } catch (error) {
        const target = asTargetError(error, cannotBeDeleted(backup.path));
        if (!(target instanceof EfakturError)) throw target;
        failure ??= target;
        reason = undeletable(systemCode(error));
      }
    }
    if (reason === null) freedBytes += backup.sizeBytes;
    decisions.push({
      path: backup.path,
      name: backup.name,
      capturedAt: formatInstant(backup.capturedAt, zone),
      sizeBytes: backup.sizeBytes,
      keep: reason !== null,
      reason: reason ?? storedAndVerified,
    });
  }
  return {
    document: {
      outcome: request.yes ? 'pruned' : 'planned',
      decisions,
      deleted,
      freedBytes,
      warnings: missing.filter((finding) => finding !== null),
    },
    failure,
  };
}

/**
 * Why each of the newest stays. Only what can be restored from counts, so each of them is read and judged now; what is
 * unusable stays as well, as nothing that is newer than what is kept is ever of no use.
 */
async function newestSound(
  backups: readonly LoginBackup[],
  { keep, zone, signal, progress }: PruneLocalRequest,
): Promise<Map<LoginBackup, Text>> {
  const reasons = new Map<LoginBackup, Text>();
  let sound = 0;
  for (const backup of backups.toReversed()) {
    if (sound === keep) break;
    const why = await whyUnusable(backup, zone, { signal, progress });
    if (why === null) sound++;
    reasons.set(backup, why === null ? amongNewest(keep) : notAmongNewest(keep, why));
  }
  return reasons;
}

/** Null when a restore could be made from it. */
async function whyUnusable(backup: LoginBackup, zone: string, options: ReadOptions): Promise<Text | null> {
  try {
    const state = await openLoginBackup(backup, zone);
    try {
      const set = await state.files();
      if (set.problems.length > 0) return joined(set.problems, '; ');
      const { judged } = await readState(set, backup.path, { base: null, known: null }, options);
      return judged.verdict === 'damaged' ? problemText(judged, 'damaged') : null;
    } finally {
      state.close();
    }
  } catch (error) {
    if (!isEfakturError(error, 'source-unusable', 'source-changed')) throw error;
    return error.text;
  }
}

async function readStore(
  store: ObjectStore,
  { stateDir, signal }: PruneLocalRequest,
): Promise<StoreHoldings> {
  const record = await readRecord(stateDir, store.url);
  const listing = await listBackups(store, { signal });
  const read = new Map<string, Promise<boolean>>();
  return {
    async isOwn({ id, day, manifest }) {
      const listed = await findObject(store, manifestKey(day, id), signal);
      return listed !== null && (!manifest || (await isOwnManifest(store, listed, manifest, signal)));
    },
    async isAsSent(archive) {
      const reading = read.get(archive.key) ?? isAsSent(store, archive, signal);
      read.set(archive.key, reading);
      return reading;
    },
    url: store.url,
    traits: store.traits,
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
  stores: readonly StoreHoldings[],
): Promise<Text | null> {
  if (backup.type !== 'zip') return onlyZipsGo;
  if (!(await isPlainFile(backup, appFolder))) return behindLink;
  for (const store of stores) {
    const reason = await whyNotIn(store, backup);
    if (reason !== null) return reasonIn(reason, store.url);
  }
  return null;
}

async function whyNotIn(store: StoreHoldings, backup: LoginBackup): Promise<Text | null> {
  const { record, listing, manifests, proofs } = store;
  const known = record.backups.filter(({ local }) => local !== null && isSameFile(local, backup));
  const stored = known.filter(({ id, tag, day }) => {
    const archives = archivesOf(record, tag);
    return manifests.has(manifestKey(day, id)) && archives?.every((a) => isListed(listing, a));
  });
  if (stored.length === 0) return known.length === 0 ? notStoredHere : noLongerStored;
  const proven = stored.filter(({ tag }) => {
    const bases = (archivesOf(record, tag) ?? []).filter((a) => a.tag !== tag);
    const damage = bases.flatMap((a) => standingDamage(proofs.get(a.tag) ?? []));
    return lastProven([...(proofs.get(tag) ?? []), ...damage]) !== null;
  });
  if (proven.length === 0) return notVerified;
  // The file may be the last good copy: what has rotted since its proof shows in no listing of a folder.
  for (const backup of proven) {
    const { tag } = backup;
    if (!(await store.isOwn(backup))) continue;
    const unvouched = (archivesOf(record, tag) ?? []).filter((a) => isUnvouched(store, a));
    const asSent = await Promise.all(unvouched.map(store.isAsSent));
    if (asSent.every((is) => is)) return null;
  }
  return damagedSinceVerified;
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
  const parent = await realPath(dirname(path));
  return (
    parent !== null &&
    file.isFile() &&
    folder.isDirectory() &&
    dirname(parent) === (await realPath(appFolder)) &&
    basename(parent) === basename(dirname(path))
  );
}

async function isUnchanged({ path, sizeBytes, mtimeMs }: LoginBackup): Promise<boolean> {
  const now = await lstat(path);
  return now.isFile() && now.size === sizeBytes && Math.floor(now.mtimeMs) === mtimeMs;
}
