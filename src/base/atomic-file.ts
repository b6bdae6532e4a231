import { randomBytes } from 'node:crypto';
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EfakturError, systemCode } from './errors.ts';
import { isProcessAlive } from './process-alive.ts';

const busyCodes = new Set(['EPERM', 'EBUSY', 'EACCES']);
const fullCodes = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const refusedCodes = new Set(['EACCES', 'EPERM', 'EROFS']);

/** What a platform or filesystem that cannot sync a directory answers; there is nothing better to do then. */
const directorySyncUnsupported = new Set([
  'EPERM',
  'EISDIR',
  'EINVAL',
  'EBADF',
  'ENOTSUP',
  'EACCES',
  'ENOSYS',
]);

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

/** Asks the system to make a folder's entries survive a power cut; where that cannot be asked (Windows, FAT), nothing. */
export async function syncDirectory(path: string): Promise<void> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if (directorySyncUnsupported.has(systemCode(error) ?? '')) return;
    throw error;
  }
  try {
    await handle.sync();
  } catch (error) {
    if (!directorySyncUnsupported.has(systemCode(error) ?? '')) throw error;
  } finally {
    await handle.close();
  }
}

/**
 * Replaces a file as a whole: after a crash the path holds the old bytes or the new ones, and a temp file `.PID-….tmp`
 * may lie beside it ({@link removeDeadTemps}). `mode` is for files only the owner may read.
 */
export async function writeFileAtomic(path: string, data: string | Buffer, mode = 0o666): Promise<void> {
  const temp = join(dirname(path), `.${process.pid}-${randomBytes(6).toString('hex')}.tmp`);
  try {
    const handle = await open(temp, 'wx', mode);
    try {
      await handle.writeFile(data);
      await handle.sync();
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

/** Turns a full, refused or absent disk into `target-not-writable`; every other error stays what it is. */
export function asTargetError(error: unknown, what: string): unknown {
  const code = systemCode(error) ?? '';
  if (fullCodes.has(code)) {
    return new EfakturError(
      'target-not-writable',
      `${what}: the disk is full (${code})`,
      'Free some space and try again.',
      error,
    );
  }
  if (code === 'ENOENT') {
    return new EfakturError(
      'target-not-writable',
      `${what}: the drive or folder is not there (${code})`,
      'Connect the drive, or choose another folder.',
      error,
    );
  }
  if (code === 'ENOTDIR' || code === 'EEXIST') {
    return new EfakturError(
      'target-not-writable',
      `${what}: a file is in the way (${code})`,
      'Choose another folder.',
      error,
    );
  }
  if (refusedCodes.has(code)) {
    return new EfakturError(
      'target-not-writable',
      `${what}: writing is not allowed there (${code})`,
      'Choose another folder, or run with the rights to write there.',
      error,
    );
  }
  return error;
}
