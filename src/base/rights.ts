import type { Stats } from 'node:fs';
import { chmod, chown, lstat, stat } from 'node:fs/promises';
import { systemCode } from './errors.ts';

/** Owner and mode of files, where the system has them (not on Windows) and the disk keeps them (not on FAT and many shares). */
export interface Rights {
  readonly uid: number;
  readonly gid: number;
  /** Permissions, and of a folder that what is made in it takes its group. */
  readonly mode: number;
}

const permissions = 0o777;
const groupOfFolder = 0o2000;

const rightsIn = (info: Stats): Rights => ({
  uid: info.uid,
  gid: info.gid,
  mode: info.mode & (permissions | (info.isDirectory() ? groupOfFolder : 0)),
});

/** The rights of what is there; null when nothing is, or the system has none. */
export async function rightsOf(path: string): Promise<Rights | null> {
  if (process.platform === 'win32') return null;
  const info = await stat(path).catch(() => null);
  return info && rightsIn(info);
}

/** A file's rights among what has a folder's: nobody may run it. */
export const asFileRights = ({ uid, gid, mode }: Rights): Rights => ({ uid, gid, mode: mode & 0o666 });

/** What a disk or system says that keeps no rights, or lets only another user change them. */
const notChangeable = new Set(['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL', 'ENOSYS', 'EROFS']);

/** Gives a file or folder these rights, as far as they can be given; false when they are others in the end. */
export async function giveRights(path: string, wanted: Rights): Promise<boolean> {
  const now = rightsIn(await lstat(path));
  let isGiven = true;
  const attempt = async (step: () => Promise<void>): Promise<void> => {
    try {
      await step();
    } catch (error) {
      if (!notChangeable.has(systemCode(error) ?? '')) throw error;
      isGiven = false;
    }
  };
  // Only the administrator gives a file away; its owner may still choose among his groups.
  if (now.uid !== wanted.uid) await attempt(() => chown(path, wanted.uid, wanted.gid));
  else if (now.gid !== wanted.gid) await attempt(() => chown(path, now.uid, wanted.gid));
  // A change of the owner can take permissions away.
  if (now.mode !== wanted.mode || now.uid !== wanted.uid) await attempt(() => chmod(path, wanted.mode));
  return isGiven;
}
