/* A file that a user asked to be written: made as a whole or not at all, and never over another one by mistake. */
import { randomBytes } from 'node:crypto';
import { type FileHandle, lstat, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { asTargetError, syncDirectory, syncFile, whileBusy } from '../base/atomic-file.ts';
import { EfakturError, systemCode } from '../base/errors.ts';
import type { LineSink } from './row-lines.ts';
import {
  cannotBeWritten,
  folderNotThere,
  makeFolderFirst,
  nameAnotherFile,
  nameAnotherOrReplace,
  takenByFile,
  takenByNoFile,
} from './texts.ts';

/** Where to write. */
export interface FileTarget {
  readonly path: string;
  /** Whether a file that is there may be replaced. */
  readonly replace: boolean;
}

/**
 * Has a file written beside its place, and then puts it there; after an error what was there is still there. `usage` when
 * something is there that may not be replaced, before anything is written; `target-not-writable` when it cannot be.
 * `write` makes the file at the path that it is given, and syncs it.
 */
export async function writeWholeFile<T>(
  { path, replace }: FileTarget,
  write: (temp: string) => Promise<T>,
): Promise<T> {
  const temp = join(dirname(path), `.${basename(path)}.${process.pid}-${randomBytes(3).toString('hex')}.tmp`);
  try {
    await refuseTaken(path, replace);
    const result = await write(temp);
    // Somebody may have made one in the minutes that it took.
    await refuseTaken(path, replace);
    await whileBusy(() => rename(temp, path));
    await syncDirectory(dirname(path));
    return result;
  } catch (error) {
    await rm(temp, { force: true }).catch(() => {});
    if (systemCode(error) === 'ENOENT')
      throw new EfakturError(
        'target-not-writable',
        { what: cannotBeWritten(path), because: folderNotThere },
        makeFolderFirst,
        error,
      );
    throw asTargetError(error, cannotBeWritten(path));
  }
}

async function refuseTaken(path: string, replace: boolean): Promise<void> {
  const info = await lstat(path).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  });
  if (!info) return;
  if (!info.isFile()) throw new EfakturError('usage', takenByNoFile(path), nameAnotherFile);
  if (!replace) throw new EfakturError('usage', takenByFile(path), nameAnotherOrReplace);
}

/** Lines to a new file, which is synced at the end. System errors come out as they are. */
export async function withLineFile<T>(path: string, write: (sink: LineSink) => Promise<T>): Promise<T> {
  const handle: FileHandle = await open(path, 'wx');
  try {
    const result = await write({
      async write(text) {
        await handle.writeFile(text);
        return true;
      },
    });
    await syncFile(handle);
    return result;
  } finally {
    await handle.close();
  }
}
