import { createHash } from 'node:crypto';
import { mkdir, open, readdir, statfs, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type ArchivedFile, unpackArchive } from '../archive/archive.ts';
import { asTargetError, syncDirectory } from '../base/atomic-file.ts';
import { EfakturError, isEfakturError, systemCode } from '../base/errors.ts';
import { localDay } from '../base/local-time.ts';
import type { Progress, Warning } from '../base/progress.ts';
import { chooseBackup, noSuchBackup, type Wanted } from '../catalog/choose.ts';
import type { NeededArchive } from '../catalog/manifest.ts';
import { parseBackupId } from '../catalog/names.ts';
import { findRunning, isRunning } from '../efaktur/running.ts';
import { beginStaging, hasDb, type Staging, settleSwap } from '../efaktur/swap.ts';
import type { ObjectStore } from '../store/store.ts';
import { type BackupInfo, backupInfo } from './backup-info.ts';
import { listStores, type StoredBackup } from './merged-listing.ts';
import { readManifest } from './read-manifest.ts';

export interface PullRequest {
  readonly stores: readonly ObjectStore[];
  readonly wanted: Wanted;
  /** The e-Faktur folder to restore into; made if absent. */
  readonly target: string;
  readonly dryRun: boolean;
  /** Asked once before anything is downloaded when the target has a `db`; false stops with `interrupted`. */
  readonly confirmReplace: (question: ReplaceQuestion) => Promise<boolean>;
  readonly zone: string;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

export interface ReplaceQuestion {
  readonly db: string;
  readonly backup: BackupInfo;
  /** Databases that are in `db` now and not in the backup. */
  readonly missingDatabases: readonly string[];
}

export interface PullDocument {
  readonly outcome: 'restored' | 'planned';
  readonly backup: BackupInfo & { readonly stores: readonly string[] };
  readonly store: string;
  readonly target: string;
  readonly files: number;
  readonly bytes: number;
  readonly databases: readonly string[];
  /** Where the db that was there before lies now. */
  readonly previousDb: string | null;
  readonly warnings: readonly Warning[];
}

/**
 * Restores one backup into an e-Faktur folder. Until the last rename the old `db` is untouched; after a failure nothing
 * else is left, after a kill the next command settles it. `no-such-backup`, `app-running`, `damaged`, `wrong-key`,
 * `newer-format`, `target-not-writable`, or what the store threw.
 */
export async function pull(request: PullRequest): Promise<PullDocument> {
  const { target, signal, zone } = request;
  const warnings: Warning[] = [];
  if (!request.dryRun && (await settleSwap(target)).finishedRestore) {
    warnings.push({
      code: 'restore-finished',
      message: 'a restore that was cut off had been finished first; its db is the one replaced now',
    });
  }
  if (!request.dryRun) await refuseWhileRunning(target);
  const copies = await findCopies(request, warnings);
  let agreed = false;
  return firstSound(copies, warnings, async (copy) => {
    const manifest = await readManifest(copy.store, copy.manifestKey, signal);
    const facts = typeof manifest.private === 'string' ? null : manifest.private;
    const archive = manifest.needs.find((need) => need.key === manifest.archive) as NeededArchive;
    const info = backupInfo(
      copy,
      { ...archive, kind: manifest.kind, encrypted: archive.key.endsWith('.age') },
      zone,
    );
    const document = {
      backup: { ...info, stores: copies.filter((c) => c.id === copy.id).map((c) => c.store.url) },
      store: copy.store.url,
      target,
      databases: facts?.databases ?? [],
      warnings,
    };
    if (request.dryRun) {
      return {
        ...document,
        outcome: 'planned',
        files: facts?.files ?? 0,
        bytes: facts?.totalBytes ?? 0,
        previousDb: null,
      };
    }
    const missingDatabases = facts ? await databasesBeside(target, facts.databases) : [];
    for (const name of missingDatabases) {
      warnings.push({
        code: 'database-not-in-backup',
        message: `the database ${name} is in db now but not in the backup`,
      });
    }
    if (!agreed && (await hasDb(target))) {
      agreed = await request.confirmReplace({ db: join(target, 'db'), backup: info, missingDatabases });
      if (!agreed)
        throw new EfakturError(
          'interrupted',
          'the restore was called off; nothing was changed',
          'Run it again when you are ready.',
        );
    }
    await checkSpace(target, facts?.totalBytes ?? archive.sizeBytes);
    const restored = await restoreInto(target, copy.store, archive, request);
    return { ...document, ...restored, outcome: 'restored' };
  });
}

/** Every copy of the wanted backup, in the order of the stores; the same capture under another tag comes last. */
async function findCopies(
  { stores, wanted, zone, signal }: PullRequest,
  warnings: Warning[],
): Promise<StoredBackup[]> {
  const near = await listStores(stores, prefixesFor(wanted, zone), signal);
  warnings.push(...near.warnings);
  const chosen = chooseBackup(near.backups, wanted);
  if (!chosen) {
    const all = wanted.by === 'day' || wanted.by === 'id' ? await listStores(stores, [''], signal) : near;
    throw noSuchBackup(all.backups, wanted, stores.map((s) => s.url).join(' and '), zone);
  }
  const same = near.backups.filter((b) => b.id === chosen.id);
  const sameTime = near.backups.filter(
    (b) => b.id !== chosen.id && b.capturedAt.getTime() === chosen.capturedAt.getTime(),
  );
  return [...same, ...sameTime];
}

/** The smallest listings that can hold the wanted backup. */
function prefixesFor(wanted: Wanted, zone: string): string[] {
  if (wanted.by === 'day') return [`${wanted.day}/`];
  const id = wanted.by === 'id' ? parseBackupId(wanted.id) : null;
  if (wanted.by !== 'id') return [''];
  if (!id)
    throw new EfakturError(
      'usage',
      `--id: "${wanted.id}" is not the id of a backup`,
      'Take one from "efaktur-cloud list", such as 20230708T023000Z-3f9a1c2e77d0.',
    );
  // The day folder is that of the zone it was pushed in, which may be another than ours.
  const days = [0, -24, 24].map((hours) =>
    localDay(new Date(id.capturedAt.getTime() + hours * 3600_000), zone),
  );
  return [...new Set(days)].map((day) => `${day}/${id.id}`);
}

/** Tries the copies in turn: the next one where a store is unavailable or its copy damaged. */
async function firstSound<T>(
  copies: readonly StoredBackup[],
  warnings: Warning[],
  attempt: (copy: StoredBackup) => Promise<T>,
): Promise<T> {
  let first: unknown = null;
  for (const copy of copies) {
    try {
      return await attempt(copy);
    } catch (error) {
      if (!isEfakturError(error, 'store-unavailable', 'damaged', 'access-denied')) throw error;
      first ??= error;
      warnings.push({ code: error.code, message: `${copy.store.url}: ${error.message}` });
    }
  }
  throw first;
}

async function refuseWhileRunning(target: string): Promise<void> {
  const running = await findRunning(target);
  if (!isRunning(running)) return;
  const what =
    running.openDatabases.length > 0
      ? `the database ${running.openDatabases.join(', ')} in ${target} is open`
      : `${running.processes.join(', ')} runs from ${target}`;
  throw new EfakturError(
    'app-running',
    `${what}: e-Faktur is running`,
    'Close e-Faktur and run the restore again; nothing was changed.',
  );
}

async function databasesBeside(target: string, restored: readonly string[]): Promise<string[]> {
  const names = await readdir(join(target, 'db'), { withFileTypes: true }).catch(() => []);
  return names
    .filter((entry) => entry.isDirectory() && !restored.includes(entry.name))
    .map((entry) => entry.name);
}

async function checkSpace(target: string, neededBytes: number): Promise<void> {
  for (let folder = target; ; folder = dirname(folder)) {
    const space = await statfs(folder).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return null;
      throw asTargetError(error, `${target} cannot take a restore`);
    });
    if (!space && folder === dirname(folder)) return;
    if (!space) continue;
    const freeBytes = space.bavail * space.bsize;
    if (freeBytes >= neededBytes) return;
    throw new EfakturError(
      'target-not-writable',
      `${target} has ${freeBytes} bytes free, and the backup needs ${neededBytes}`,
      'Free some space, or restore elsewhere with --to.',
    );
  }
}

async function restoreInto(
  target: string,
  store: ObjectStore,
  archive: NeededArchive,
  request: PullRequest,
): Promise<{ files: number; bytes: number; previousDb: string | null }> {
  const staging = await beginStaging(target, request.now());
  try {
    const extracted = await extract(staging, store, archive, request);
    await staging.complete();
    await refuseWhileRunning(target);
    const { previousDb } = await staging.swapIn();
    return { ...extracted, previousDb };
  } finally {
    await staging.discard();
  }
}

/** Writes, checks and syncs every file of the archive below the staging folder. */
async function extract(
  staging: Staging,
  store: ObjectStore,
  archive: NeededArchive,
  { signal, progress }: PullRequest,
): Promise<{ files: number; bytes: number }> {
  const body = await store.get(archive.key, { signal });
  if (!body) throw damagedArchive(store, archive, 'it has gone');
  progress.begin('restore', archive.sizeBytes);
  const hash = createHash('sha256');
  let received = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      signal.throwIfAborted();
      hash.update(chunk);
      received += chunk.length;
      progress.advance(chunk.length);
      yield chunk;
    }
  }
  let files = 0;
  let bytes = 0;
  try {
    const reader = await unpackArchive(counted());
    const folders = new Set(['']);
    for (const folder of reader.list.emptyFolders) await makeFolder(staging.path, folder, folders);
    for await (const archived of reader.files()) {
      await makeFolder(staging.path, dirname(archived.file.path), folders);
      await writeFile(join(staging.path, archived.file.path), archived);
      files++;
      bytes += archived.file.sizeBytes;
    }
    for (const folder of folders) await syncDirectory(join(staging.path, folder));
  } catch (error) {
    throw asTargetError(
      isEfakturError(error, 'damaged') ? damagedArchive(store, archive, error.message, error) : error,
      `${staging.path} cannot be written`,
    );
  } finally {
    body.destroy();
  }
  if (received !== archive.sizeBytes || hash.digest('hex') !== archive.sha256) {
    throw damagedArchive(store, archive, 'its bytes are not those of its manifest');
  }
  return { files, bytes };
}

const damagedArchive = (
  store: ObjectStore,
  archive: NeededArchive,
  what: string,
  cause?: unknown,
): EfakturError =>
  new EfakturError(
    'damaged',
    `${store.url}: ${archive.key}: ${what}`,
    'Restore another backup, or this one from another store.',
    cause,
  );

async function makeFolder(root: string, folder: string, made: Set<string>): Promise<void> {
  if (folder === '.' || made.has(folder)) return;
  await makeFolder(root, dirname(folder), made);
  await mkdir(join(root, folder), { recursive: true });
  made.add(folder);
}

async function writeFile(path: string, { file, chunks }: ArchivedFile): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    for await (const chunk of chunks) await handle.writeFile(chunk);
    await handle.sync();
  } finally {
    await handle.close();
  }
  const time = new Date(file.mtimeMs);
  await utimes(path, time, time);
}
