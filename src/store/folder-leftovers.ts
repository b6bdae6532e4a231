import { randomBytes } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../base/errors.ts';
import { isProcessAlive } from '../base/process-alive.ts';
import type { UnfinishedUpload } from './store.ts';

/** What puts into a folder store write before their object is there, and what those that were cut off left of it. */

/** `.put-PID-RANDOM.tmp`; of these names no object is listed or stored. */
const tempName = /^\.put-(\d+)-[0-9a-f]+\.tmp$/;

export const newTempName = (): string => `.put-${process.pid}-${randomBytes(6).toString('hex')}.tmp`;

export const isTempName = (name: string): boolean => tempName.test(name);

export interface LeftoverOptions {
  readonly root: string;
  /** Which folders of the root are looked into, by their names with a slash at the end. */
  readonly isOwnFolder: (folder: string) => boolean;
  /** Which of these are left over when they are empty. */
  readonly isPassingFolder: (folder: string) => boolean;
  /** Gives a call to the disk up when no answer comes. */
  readonly asked: <T>(call: () => Promise<T>) => Promise<T>;
}

/**
 * The temp files in the root and the folders right below it, and those folders that are empty and need not be there. Left out are temp
 * files of a process that lives on this PC; those of another PC are told by their age alone. A root that is not there has none.
 */
export async function findLeftovers({
  root,
  isOwnFolder,
  isPassingFolder,
  asked,
}: LeftoverOptions): Promise<UnfinishedUpload[]> {
  const found: UnfinishedUpload[] = [];
  const unlessGone = async <T>(call: () => Promise<T>): Promise<T | null> => {
    try {
      return await asked(call);
    } catch (error) {
      if (goneCodes.has(systemCode(error) ?? '')) return null;
      throw error;
    }
  };
  const entriesOf = (folder: string): Promise<Dirent[] | null> =>
    unlessGone(() => readdir(join(root, folder), { withFileTypes: true }));
  const addTemps = async (folder: string, entries: readonly Dirent[]): Promise<void> => {
    for (const { name } of entries) {
      const pid = tempName.exec(name)?.[1];
      const file = pid === undefined ? null : await unlessGone(() => stat(join(root, folder, name)));
      if (!file?.isFile() || isProcessAlive(Number(pid), file.mtime)) continue;
      found.push({ key: folder + name, uploadId: folder + name, kind: 'file', begunAt: file.mtime });
    }
  };
  const top = (await entriesOf('')) ?? [];
  await addTemps('', top);
  for (const entry of top) {
    const folder = `${entry.name}/`;
    if (entry.isFile() || !isOwnFolder(folder)) continue;
    // Of a link that leads nowhere nothing is read.
    const entries = await entriesOf(folder);
    if (!entries) continue;
    await addTemps(folder, entries);
    if (entries.length > 0 || !entry.isDirectory() || !isPassingFolder(folder)) continue;
    const made = await unlessGone(() => stat(join(root, folder)));
    if (made) found.push({ key: folder, uploadId: folder, kind: 'folder', begunAt: made.mtime });
  }
  return found;
}

/** What is gone meanwhile, is no folder, or is a link that leads nowhere or round in a circle. */
const goneCodes = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

/** POSIX lets a system say either of a folder that is not empty; a link to a folder is ENOTDIR. */
const keptCodes = new Set(['ENOTEMPTY', 'EEXIST', ...goneCodes]);

/** Removes a folder that is empty; false when it is not there, no folder, or holds something. */
export async function removeEmptyFolder(path: string): Promise<boolean> {
  try {
    await rmdir(path);
    return true;
  } catch (error) {
    if (keptCodes.has(systemCode(error) ?? '')) return false;
    throw error;
  }
}
