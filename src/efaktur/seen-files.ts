import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../base/errors.ts';
import { byUtf8 } from '../base/file-set.ts';
import { whileHeld } from '../base/held-files.ts';
import { isBackupFolder } from './login-backups.ts';

/** How the files of an e-Faktur folder look from outside, without a byte of them read. */
export interface SeenFiles {
  /** Of names, sizes, times and file numbers of all in `db` and in the login backups, and of the files beside them. */
  readonly digest: string;
  /**
   * Whether the newest of them was written long enough before `at`: what is written again within the same tick of the
   * file system's clock, at the same length, looks as before.
   */
  readonly isSettled: boolean;
}

/** FAT counts in two seconds. */
const tickMs = 2_500;
const foldersAtOnce = 8;
/** No e-Faktur has so many or so deep: a link that leads back to where it lies has. */
const mostEntries = 200_000;
const deepest = 12;

/**
 * Looks at the files that a push would read and at those by which it knows e-Faktur's version; null where the system refuses
 * one, which is for whoever reads it to tell, or there are more than any e-Faktur has. While a program has a database open, Windows does not show its times.
 */
export async function lookAtFiles(appFolder: string, at: Date): Promise<SeenFiles | null> {
  const lines: string[] = [];
  let newestMs = 0;
  const see = (path: string, info: BigIntStats): void => {
    const { size, mtimeNs, ino } = info;
    // Windows may change this time when a file is only read.
    const changedNs = process.platform === 'win32' ? 0n : info.ctimeNs;
    newestMs = Math.max(newestMs, Number(mtimeNs / 1_000_000n), Number(changedNs / 1_000_000n));
    lines.push(`${path}\0${size} ${mtimeNs} ${changedNs} ${ino}`);
  };
  const waiting = [''];
  const walk = async (relative: string): Promise<void> => {
    const names = await whileHeld(() => readdir(join(appFolder, relative)));
    for (const name of names) {
      const path = relative === '' ? name : `${relative}/${name}`;
      const info = await whileHeld(() => stat(join(appFolder, path), { bigint: true })).catch(
        (error: unknown) => {
          if (systemCode(error) === 'ENOENT') return null;
          throw error;
        },
      );
      if (info?.isFile()) see(path, info);
      if (!info?.isDirectory()) continue;
      const isOurs = relative !== '' || name.toLowerCase() === 'db' || isBackupFolder(name);
      if (!isOurs) continue;
      lines.push(`${path}/`);
      waiting.push(path);
    }
  };
  try {
    while (waiting.length > 0) {
      await Promise.all(waiting.splice(0, foldersAtOnce).map(walk));
      if (lines.length > mostEntries || waiting.some((path) => path.split('/').length > deepest)) return null;
    }
  } catch (error) {
    if (systemCode(error) === null) throw error;
    return null;
  }
  const hash = createHash('sha256');
  for (const line of lines.sort(byUtf8)) hash.update(`${line}\n`);
  return { digest: hash.digest('hex'), isSettled: newestMs + tickMs < at.getTime() };
}
