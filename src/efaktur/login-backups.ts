import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EfakturError, isEfakturError, systemCode } from '../base/errors.ts';
import { openToRead, whileHeld } from '../base/held-files.ts';
import { realPath } from '../base/real-path.ts';
import { type BackupBasis, type BackupTimes, captureTimeOf, captureTimeOfFolder } from './capture-time.ts';
import type { DatabaseSet } from './database-files.ts';
import { dbFolderAt, dbRootsIn, readDbRoot, sureDbFolderAt } from './db-roots.ts';
import { readDbFolder } from './live-db.ts';
import {
  cannotRead,
  fileReadable,
  giveDatabases,
  giveMeantOne,
  holdsNoDatabase,
  otherArchive,
  severalRoots,
} from './texts.ts';
import { UnopenedBackup } from './unopened-backup.ts';

/** One file or folder that ETaxInvoiceUpd, or a user, laid into `backup/`. */
export interface LoginBackup {
  readonly path: string;
  readonly name: string;
  readonly type: 'zip' | 'folder' | 'unreadable-archive';
  readonly capturedAt: Date;
  readonly basis: BackupBasis;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
}

/** A state opened for reading. */
export interface OpenState {
  /** The files as they are now; a later call looks again where they can change. */
  files(): Promise<DatabaseSet>;
  /** Lets go of whatever it holds. */
  close(): void;
}

const backupFolders = ['backup', 'backupDB'];
const otherArchives = /\.(rar|7z|zipx|tar|gz|tgz|iso)$/i;
/** Local file header, or the end record of an empty zip (APPNOTE.TXT 4.3.7 and 4.3.16). */
const zipMagics = ['504b0304', '504b0506'];

/** What lies in the app folder's `backup/`, oldest capture first; whether it is sound shows when it is opened. */
export async function listLoginBackups(appFolder: string, zone: string): Promise<LoginBackup[]> {
  const found: LoginBackup[] = [];
  for (const folder of await whileHeld(() => readdir(appFolder)).catch(() => [])) {
    if (!isBackupFolder(folder)) continue;
    const parent = join(appFolder, folder);
    for (const name of await whileHeld(() => readdir(parent)).catch(() => [])) {
      const backup = await describeBackup(join(parent, name), zone);
      if (backup && (backup.type !== 'folder' || (await holdsDatabases(backup.path)))) found.push(backup);
    }
  }
  return found.sort((a, b) => a.capturedAt.getTime() - b.capturedAt.getTime() || (a.path < b.path ? -1 : 1));
}

export const isBackupFolder = (name: string): boolean =>
  backupFolders.some((known) => known.toLowerCase() === name.toLowerCase());

/** Whether a path lies in the `backup/` of this app folder, links followed; false where it is not there. */
export async function liesInBackups(appFolder: string, path: string): Promise<boolean> {
  const [app, real] = await Promise.all([appFolder, path].map(realPath));
  if (!app || !real) return false;
  const [folder = '', ...rest] = relative(app, real).split(sep);
  return rest.length > 0 && isBackupFolder(folder);
}

const holdsDatabases = async (folder: string): Promise<boolean> =>
  (await dbFolderAt(folder)) !== null || (await dbRootsIn(folder)).length > 0;

/**
 * Describes one path as a login backup; null when it is not there or cannot be one. `isNamed`: the user named it, so that a
 * folder may be any, and not one that a login made.
 */
export async function describeBackup(
  path: string,
  zone: string,
  isNamed = false,
): Promise<LoginBackup | null> {
  const info = await whileHeld(() => stat(path)).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return null;
    if (systemCode(error) === null) throw error;
    throw new EfakturError('source-unusable', cannotRead(path, systemCode(error)), fileReadable, error);
  });
  const name = basename(path);
  const type = info?.isDirectory() ? 'folder' : info?.isFile() ? await archiveType(path) : null;
  if (!info || !type) return null;
  const times = backupTimes({ path, name, type, mtimeMs: Math.floor(info.mtimeMs) }, zone);
  return {
    path,
    name,
    type,
    ...(isNamed && type === 'folder' ? await captureTimeOfFolder(times) : await captureTimeOf(times)),
    sizeBytes: info.isDirectory() ? 0 : info.size,
    mtimeMs: Math.floor(info.mtimeMs),
  };
}

/** What tells when a login backup was made. */
export function backupTimes(
  backup: Pick<LoginBackup, 'path' | 'name' | 'type' | 'mtimeMs'>,
  zone: string,
): BackupTimes {
  return {
    name: backup.name,
    mtimeMs: backup.mtimeMs,
    zone,
    async newestInside() {
      try {
        const state = await openLoginBackup(backup, zone);
        try {
          return (await state.files()).newestMtimeMs || null;
        } finally {
          state.close();
        }
      } catch (error) {
        // Whatever is wrong with it is told by whoever reads it.
        if (isEfakturError(error, 'source-unusable')) return null;
        throw error;
      }
    },
  };
}

/** A zip by its name or, whatever its name, by its first bytes; null when it is no archive. */
async function archiveType(path: string): Promise<'zip' | 'unreadable-archive' | null> {
  if (/\.zip$/i.test(path)) return 'zip';
  if (otherArchives.test(path)) return 'unreadable-archive';
  const start = Buffer.alloc(4);
  try {
    const file = await openToRead(path);
    try {
      await file.read(start, 0, start.length, 0);
    } finally {
      await file.close();
    }
  } catch {
    // What cannot be read is not known to be a backup; named as the source it is refused all the same.
    return null;
  }
  return zipMagics.includes(start.toString('hex')) ? 'zip' : null;
}

/**
 * Opens a login backup, which may also be a `db` folder, a database or an e-Faktur folder. `source-unusable` when it is not a
 * readable zip or folder with one set of databases; {@link UnopenedBackup} when nothing is wrong with it but that.
 */
export async function openLoginBackup(
  backup: Pick<LoginBackup, 'path' | 'type'>,
  zone: string,
): Promise<OpenState> {
  if (backup.type === 'unreadable-archive') throw new UnopenedBackup(otherArchive(backup.path));
  if (backup.type === 'zip') {
    // Most commands only list login backups.
    const { openZip } = await import('./zip-source.ts');
    const zip = await openZip(backup.path, zone);
    return { files: async () => zip.set, close: zip.close };
  }
  const named = await sureDbFolderAt(backup.path);
  const [root, ...others] = named ? [] : await dbRootsIn(backup.path);
  if (others.length > 0) throw new UnopenedBackup(severalRoots(backup.path, others.length + 1), giveMeantOne);
  if (named) return { files: () => readDbRoot(named), close: () => {} };
  if (root === undefined)
    throw new EfakturError('source-unusable', holdsNoDatabase(backup.path), giveDatabases);
  return { files: () => readDbFolder(root), close: () => {} };
}

/** How long a zip that cannot be opened yet is watched for growth. */
export interface WriteWatch {
  readonly quietMs: number;
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
}

export const defaultWriteWatch: WriteWatch = { quietMs: 3_000, limitMs: 20_000 };

/**
 * Opens a login backup that may still be being written: while it cannot be opened and grows, it waits a little, and
 * says what the file was then. Resolves with null when it was still growing at the limit; an unreadable file that does
 * not grow is `source-unusable`.
 */
export async function openSettledBackup(
  backup: LoginBackup,
  zone: string,
  watch: WriteWatch,
): Promise<{ readonly state: OpenState; readonly backup: LoginBackup } | null> {
  const startedAt = performance.now();
  let grew = false;
  let last = { size: backup.sizeBytes, mtimeMs: backup.mtimeMs };
  let quietSince = startedAt;
  for (;;) {
    try {
      const state = await openLoginBackup(backup, zone);
      return { state, backup: grew ? ((await describeBackup(backup.path, zone)) ?? backup) : backup };
    } catch (error) {
      const now = performance.now();
      const isWhole = error instanceof UnopenedBackup;
      if (backup.type !== 'zip' || isWhole || !isEfakturError(error, 'source-unusable')) throw error;
      if (now - quietSince >= watch.quietMs) {
        if (grew) return null;
        throw error;
      }
      if (now - startedAt >= watch.limitMs) return null;
    }
    await sleep(250, undefined, watch.signal ? { signal: watch.signal } : {});
    const info = await stat(backup.path).catch(() => null);
    const seen = { size: info?.size ?? 0, mtimeMs: Math.floor(info?.mtimeMs ?? 0) };
    if (seen.size !== last.size || seen.mtimeMs !== last.mtimeMs) {
      grew = true;
      quietSince = performance.now();
      last = seen;
    }
  }
}
