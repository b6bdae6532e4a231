import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EfakturError, isEfakturError, systemCode } from '../base/errors.ts';
import { checkDisk, openUnknown } from './texts.ts';

/** Opens a file so that nobody else can have it open meanwhile, and gives what closes it; throws what the system says. */
export type OpenAlone = (path: string) => () => void;

/** libuv's UV_FS_O_EXLOCK: opens with share mode 0, which fails (EBUSY) while anybody else has the file open. */
const noSharing = 0x10000000;

const openAlone: OpenAlone = (path) => {
  const file = openSync(path, constants.O_RDONLY | noSharing);
  return () => closeSync(file);
};

/** Virus scanners hold files for moments; Derby holds these for good. */
const tries = { count: 5, delayMs: 200 } as const;

/** A Derby that starts takes db.lck and comes to its first table within that, unless the computer is very busy. */
export const barrierMs = 250;

/**
 * Whether a Derby on Windows has a database open: it holds `db.lck` without delete sharing, and the file lies there after a
 * crash as well. A Derby that finds db.lck taken while it starts opens the database read-only for good, so it is tried only
 * while `seg0/c10.dat` is held: without that one Derby does not start (XJ040), and starts the next time. c10.dat held by
 * somebody else says that the database is open; not held it says nothing, as it may have left Derby's cache.
 */
export async function isHeldOnWindows(databaseFolder: string, open: OpenAlone = openAlone): Promise<boolean> {
  for (let attempt = 0; attempt < tries.count; attempt++) {
    if (attempt > 0) await sleep(tries.delayMs);
    try {
      if (!(await isBusyNow(databaseFolder, open))) return false;
    } catch (error) {
      // A Derby that ends deletes db.lck; while a scanner has it open still, Windows refuses every other (EPERM).
      const isRefused = isEfakturError(error) && systemCode(error.cause) === 'EPERM';
      if (!isRefused || attempt === tries.count - 1) throw error;
    }
  }
  return true;
}

/** One look. */
export async function isBusyNow(databaseFolder: string, open: OpenAlone = openAlone): Promise<boolean> {
  const barrier = taken(join(databaseFolder, 'seg0', 'c10.dat'), open);
  if (barrier === 'busy') return true;
  try {
    const lock = taken(join(databaseFolder, 'db.lck'), open);
    if (typeof lock !== 'function') return lock === 'busy';
    lock();
    // Who was turned away from db.lck in that moment must come to c10.dat while it is held.
    if (barrier !== 'absent') await sleep(barrierMs);
    return false;
  } finally {
    if (barrier !== 'absent') barrier();
  }
}

function taken(path: string, open: OpenAlone): (() => void) | 'busy' | 'absent' {
  try {
    return open(path);
  } catch (error) {
    const code = systemCode(error);
    if (code === null) throw error;
    if (code === 'EBUSY') return 'busy';
    if (code === 'ENOENT') return 'absent';
    throw new EfakturError('source-unusable', openUnknown(path, code), checkDisk, error);
  }
}
