import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EfakturError, systemCode } from '../base/errors.ts';
import { checkDisk, openUnknown } from './texts.ts';
import { isHeldOnWindows } from './windows-lock.ts';

/**
 * Whether a program has a Derby database open now. The lock counts, not the lock file: crashes leave the file behind
 * (Derby's BaseDataFileFactory.privGetJBMSLockOnDB). On Windows Derby holds `db.lck` open without delete sharing; on
 * Unix it holds a POSIX write lock on `dbex.lck`.
 */
export async function isDatabaseOpen(databaseFolder: string): Promise<boolean> {
  return process.platform === 'win32'
    ? isHeldOnWindows(databaseFolder)
    : isLockedOnUnix(join(databaseFolder, 'dbex.lck'));
}

async function isLockedOnUnix(lockFile: string): Promise<boolean> {
  let locks: string;
  try {
    locks = readFileSync('/proc/locks', 'latin1');
  } catch {
    // Without /proc/locks (macOS) the process names are the only sign.
    return false;
  }
  let file: { dev: bigint; ino: bigint };
  try {
    file = await stat(lockFile, { bigint: true });
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw new EfakturError('source-unusable', openUnknown(lockFile, systemCode(error)), checkDisk, error);
  }
  const device = `${major(file.dev).toString(16).padStart(2, '0')}:${minor(file.dev).toString(16).padStart(2, '0')}`;
  for (const line of locks.split('\n')) {
    const [, type, , mode, pid, where = ''] = line.trim().split(/\s+/);
    const [maj = '', min = '', inode = ''] = where.split(':');
    if (type !== 'POSIX' || mode !== 'WRITE' || inode !== String(file.ino)) continue;
    // Some filesystems (btrfs, overlay) show another device number to stat than to the kernel.
    if (`${maj}:${min}` === device || holdsFile(pid ?? '', lockFile)) return true;
  }
  return false;
}

// The encoding of dev_t, see makedev(3).
const major = (dev: bigint): bigint => ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
const minor = (dev: bigint): bigint => (dev & 0xffn) | ((dev >> 12n) & ~0xffn & 0xffffffffn);

function holdsFile(pid: string, path: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === path);
  } catch {
    return false;
  }
}
