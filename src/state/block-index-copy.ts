import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asTargetError, removeDeadTemps, writeFileAtomic } from '../base/atomic-file.ts';
import { systemCode } from '../base/errors.ts';
import { whileHeld } from '../base/held-files.ts';
import { makeFolder } from '../base/new-folder.ts';
import { indexNotKept, indexUnreadable } from './texts.ts';

/**
 * This PC's copies of the block indexes of its fulls, so that a push key that cannot read suffices for differentials.
 * Losing one costs a new full.
 */
const folderOf = (stateDir: string): string => join(stateDir, 'indexes');
const nameOf = (tag: string): string => `${tag}.idx.zst`;

/** The copy of a full's index, or null. */
export async function readIndexCopy(stateDir: string, tag: string): Promise<Buffer | null> {
  const path = join(folderOf(stateDir), nameOf(tag));
  try {
    return await whileHeld(() => readFile(path));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw asTargetError(error, indexUnreadable(path));
  }
}

/** Removes what killed runs left beside the copies. */
export const cleanIndexCopies = (stateDir: string): Promise<void> => removeDeadTemps(folderOf(stateDir));

/** Keeps the index of a new full, whole or not at all, and removes copies older than `keepMs`. */
export async function writeIndexCopy(
  stateDir: string,
  tag: string,
  bytes: Buffer,
  now: Date,
  keepMs: number,
): Promise<void> {
  const folder = folderOf(stateDir);
  try {
    await makeFolder(folder, 0o700);
    await writeFileAtomic(join(folder, nameOf(tag)), bytes, 0o600);
    for (const name of await readdir(folder)) {
      // Another push at the same time may have moved or removed it.
      const { mtimeMs } = await stat(join(folder, name)).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
      if (mtimeMs < now.getTime() - keepMs) await rm(join(folder, name), { force: true });
    }
  } catch (error) {
    throw asTargetError(error, indexNotKept(folder));
  }
}
