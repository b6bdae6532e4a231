import { randomBytes } from 'node:crypto';
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EfakturError, systemCode } from './errors.ts';
import { isImpossible } from './possible-path.ts';
import { isProcessAlive } from './process-alive.ts';
import type { Text } from './text.ts';
import {
  checkDisk,
  checkName,
  chooseFolder,
  chooseFolderOrRights,
  closePrograms,
  connectDrive,
  diskFull,
  fileInTheWay,
  freeSpace,
  isHeld,
  noSuchName,
  placeGone,
  systemCannot,
  useNotAllowed,
  waitOrClose,
  writingNotAllowed,
} from './texts.ts';
import { hintForDrive, hintForProtected, pathOf } from './windows-places.ts';

const busyCodes = new Set(['EPERM', 'EBUSY', 'EACCES']);
/** The last is Linux's number of EDQUOT, a full quota, for which Node.js has no name. */
export const fullCodes: ReadonlySet<string> = new Set([
  'ENOSPC',
  'EDQUOT',
  'EFBIG',
  'Unknown system error -122',
]);
const refusedCodes = new Set(['EACCES', 'EPERM', 'EROFS']);

/** What a filesystem that cannot sync answers: network drives, FUSE, some NAS. There is nothing better to do then. */
const fileSyncUnsupported = new Set(['ENOTSUP', 'EOPNOTSUPP', 'EINVAL', 'ENOTTY', 'ENOSYS']);

/** The same for a directory, which on Windows cannot even be opened. */
const directorySyncUnsupported = new Set([...fileSyncUnsupported, 'EPERM', 'EISDIR', 'EBADF', 'EACCES']);

export interface BusyRetry {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a filesystem step again while it fails with EPERM, EBUSY or EACCES, for a minute by default: on Windows a virus
 * scanner or indexer holds new files open for a moment. The last error is thrown as it is.
 */
export async function whileBusy<T>(step: () => Promise<T>, retry: BusyRetry = {}): Promise<T> {
  // Elsewhere these codes mean missing rights, which waiting does not mend.
  const timeoutMs = retry.timeoutMs ?? (process.platform === 'win32' ? 60_000 : 1_000);
  const giveUpAt = performance.now() + timeoutMs;
  for (let delayMs = 50; ; delayMs = Math.min(delayMs * 2, 2_000)) {
    try {
      return await step();
    } catch (error) {
      if (!busyCodes.has(systemCode(error) ?? '') || performance.now() + delayMs > giveUpAt) throw error;
      await sleep(delayMs, undefined, retry.signal ? { signal: retry.signal } : {});
    }
  }
}

/**
 * Asks the system to make what was written survive a power cut. False where the medium cannot be asked; what it was asked for
 * and could not do (EIO, a full disk) is thrown.
 */
export async function syncFile(handle: FileHandle, how: 'sync' | 'datasync' = 'sync'): Promise<boolean> {
  try {
    await handle[how]();
    return true;
  } catch (error) {
    if (!fileSyncUnsupported.has(systemCode(error) ?? '')) throw error;
    return false;
  }
}

/** The same for a folder's entries; false also on Windows and FAT, which have no such thing. */
export async function syncDirectory(path: string): Promise<boolean> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if (directorySyncUnsupported.has(systemCode(error) ?? '')) return false;
    throw error;
  }
  try {
    await handle.sync();
    return true;
  } catch (error) {
    const code = systemCode(error) ?? '';
    // Some network drives say of a folder that is open that it is not there.
    if (code !== 'ENOENT' && !directorySyncUnsupported.has(code)) throw error;
    return false;
  } finally {
    await handle.close();
  }
}

/**
 * Replaces a file as a whole: after a crash the path holds the old bytes or the new ones, and a temp file `.PID-….tmp`
 * may lie beside it ({@link removeDeadTemps}). `mode` is for files only the owner may read; `beforeBytes` is given the temp file
 * while nothing is in it.
 */
export async function writeFileAtomic(
  path: string,
  data: string | Buffer,
  mode = 0o666,
  beforeBytes?: (temp: string) => Promise<void>,
): Promise<void> {
  const temp = join(dirname(path), `.${process.pid}-${randomBytes(6).toString('hex')}.tmp`);
  try {
    const handle = await open(temp, 'wx', mode);
    try {
      await beforeBytes?.(temp);
      await handle.writeFile(data);
      await syncFile(handle);
    } finally {
      await handle.close();
    }
    await whileBusy(() => rename(temp, path));
  } catch (error) {
    await rm(temp, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** Removes the temp files of {@link writeFileAtomic} in a folder whose process is gone; an absent folder has none. */
export async function removeDeadTemps(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const pid = Number(/^\.(\d+)-[0-9a-f]{12}\.tmp$/.exec(name)?.[1]);
    if (Number.isNaN(pid)) continue;
    const path = join(folder, name);
    const info = await stat(path).catch(() => null);
    if (info && !isProcessAlive(pid, info.mtime)) await rm(path, { force: true });
  }
}

/** Turns what the system says of a disk into `target-not-writable`; every other error stays what it is. */
export function asTargetError(error: unknown, what: Text): unknown {
  const code = systemCode(error) ?? '';
  if (fullCodes.has(code)) {
    return new EfakturError('target-not-writable', { what, because: diskFull(code) }, freeSpace, error);
  }
  if (code === 'ENOENT') {
    return new EfakturError(
      'target-not-writable',
      { what, because: placeGone(code) },
      hintForDrive(pathOf(error)) ?? connectDrive,
      error,
    );
  }
  if (code === 'ENOTDIR' || code === 'EEXIST') {
    return new EfakturError(
      'target-not-writable',
      { what, because: fileInTheWay(code) },
      chooseFolder,
      error,
    );
  }
  if (refusedCodes.has(code)) {
    return new EfakturError(
      'target-not-writable',
      { what, because: code === 'EROFS' ? writingNotAllowed(code) : useNotAllowed(code) },
      hintForProtected(pathOf(error)) ?? chooseFolderOrRights,
      error,
    );
  }
  if (isImpossible(error)) {
    return new EfakturError('usage', { what, because: noSuchName(code) }, checkName, error);
  }
  if (code === 'EBUSY') {
    return new EfakturError('target-not-writable', { what, because: isHeld(code) }, waitOrClose, error);
  }
  if (code !== '' && error instanceof Error && 'syscall' in error) {
    return new EfakturError(
      'target-not-writable',
      { what, because: systemCannot(code) },
      code === 'EMFILE' || code === 'ENFILE' ? closePrograms : checkDisk,
      error,
    );
  }
  return error;
}
