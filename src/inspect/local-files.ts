/*
 * A state on disk: an e-Faktur folder, a `db` folder, one database, or a login backup. Nothing is written there and no
 * lock file is opened; a zip is unpacked file by file, as they are asked for.
 */

import { type FileHandle, open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { asTargetError } from '../base/atomic-file.ts';
import { EfakturError, systemCode } from '../base/errors.ts';
import type { SourceFile } from '../base/file-set.ts';
import type { Warning } from '../base/progress.ts';
import { cannotBeRead } from '../base/texts.ts';
import { assumedName, type DatabaseSet } from '../efaktur/database-files.ts';
import { dbFolderAt, readDbRoot } from '../efaktur/db-roots.ts';
import { describeBackup, type LoginBackup, openLoginBackup } from '../efaktur/login-backups.ts';
import { fileReadable, giveDatabases, holdsNoDatabase } from '../efaktur/texts.ts';
import { beginJob, type Job } from '../state/job.ts';
import { type BackupFiles, filesOf, type InspectContext } from './backup-files.ts';
import {
  about,
  changedWhileRead,
  closeOrUseStored,
  giveFolderOrZip,
  notFolderNorZip,
  unpackedNotTaken,
} from './texts.ts';

/** Opens what lies at the path; `usage` when nothing does, `source-unusable` when it holds no database. */
export async function openLocalFiles(
  path: string,
  context: InspectContext,
  warnings: Warning[],
): Promise<BackupFiles> {
  const found = await dbFolderAt(path);
  if (found) {
    const set = await readDbRoot(found);
    const only = found.database;
    return openSet(path, set, only, folderReader(found.dbFolder), warnings, async () => {});
  }
  const backup = await describeBackup(path, context.zone);
  if (!backup) {
    throw new EfakturError('usage', notFolderNorZip(path), giveFolderOrZip);
  }
  return openLoginBackupFiles(path, backup, context, warnings);
}

type Read = (path: string, offset: number, length: number) => Promise<Buffer>;
interface Reader {
  readonly read: Read;
  close(): Promise<void>;
}

function openSet(
  path: string,
  set: DatabaseSet,
  only: string | null,
  reader: Reader,
  warnings: Warning[],
  close: () => Promise<void>,
): BackupFiles {
  const names = set.databases.filter((name) => only === null || name === only);
  if (names.length === 0) {
    throw new EfakturError('source-unusable', holdsNoDatabase(path), giveDatabases);
  }
  for (const problem of set.problems) warnings.push({ code: 'incomplete', message: about(path, problem) });
  if (set.assumedName !== null) warnings.push(assumedName(path, set.assumedName));
  const sizes = new Map(set.files.map((file) => [file.path, file.sizeBytes]));
  return {
    info: { backup: null, local: path },
    databases: names.map((name) => ({ name, files: filesOf(`${name}/`, sizes, reader.read) })),
    sha256: () => null,
    countedRows: () => null,
    async close() {
      await reader.close();
      await close();
    },
  };
}

/** Enough for a table and the system tables; every further file closes the one unused longest. */
const openFiles = 16;

function folderReader(folder: string): Reader {
  const handles = new Map<string, Promise<FileHandle>>();
  const handleOf = (path: string): Promise<FileHandle> => {
    const known = handles.get(path);
    const handle = known ?? open(join(folder, path), 'r');
    handles.delete(path);
    handles.set(path, handle);
    for (const [oldest, old] of handles) {
      if (handles.size <= openFiles) break;
      handles.delete(oldest);
      // Waits for the reads under way.
      old.then((h) => h.close()).catch(() => {});
    }
    return handle;
  };
  return {
    async read(path, offset, length) {
      const bytes = Buffer.allocUnsafe(length);
      try {
        const handle = await handleOf(path);
        for (let at = 0; at < length; ) {
          const { bytesRead } = await handle.read(bytes, at, length - at, offset + at);
          if (bytesRead === 0) throw changed(join(folder, path));
          at += bytesRead;
        }
        return bytes;
      } catch (error) {
        const code = systemCode(error);
        if (code === null || error instanceof EfakturError) throw error;
        if (code === 'ENOENT') throw changed(join(folder, path), error);
        throw new EfakturError(
          'source-unusable',
          cannotBeRead(join(folder, path), code),
          fileReadable,
          error,
        );
      }
    },
    async close() {
      for (const handle of handles.values()) await handle.then((h) => h.close()).catch(() => {});
      handles.clear();
    },
  };
}

const changed = (path: string, cause?: unknown): EfakturError =>
  new EfakturError('source-changed', changedWhileRead(path), closeOrUseStored, cause);

async function openLoginBackupFiles(
  path: string,
  backup: LoginBackup,
  context: InspectContext,
  warnings: Warning[],
): Promise<BackupFiles> {
  const state = await openLoginBackup(backup, context.zone);
  let job: Job | null = null;
  try {
    const set = await state.files();
    job = await beginJob(context.stateDir, context.now());
    const { folder, end } = job;
    const unpacked = folderReader(folder);
    const names = new Map<string, Promise<string>>();
    const sources = new Map(set.files.map((file) => [file.path, file]));
    const reader: Reader = {
      async read(file, offset, length) {
        let name = names.get(file);
        if (!name) {
          name = unpack(sources.get(file), join(folder, String(names.size)), context.signal);
          names.set(file, name);
        }
        return unpacked.read(await name, offset, length);
      },
      close: unpacked.close,
    };
    return openSet(path, set, null, reader, warnings, async () => {
      state.close();
      await end();
    });
  } catch (error) {
    state.close();
    await job?.end();
    throw error;
  }
}

async function unpack(source: SourceFile | undefined, target: string, signal: AbortSignal): Promise<string> {
  if (!source) throw new TypeError('a file that is not in the set was asked for');
  try {
    const handle = await open(target, 'wx', 0o600);
    try {
      for await (const chunk of await source.open()) {
        signal.throwIfAborted();
        await handle.writeFile(chunk);
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw asTargetError(error, unpackedNotTaken(dirname(target)));
  }
  return basename(target);
}
