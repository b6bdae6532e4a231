import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../base/errors.ts';
import { asSourceError, readDiskFile, type SourceFile } from '../base/file-set.ts';
import { whileHeld } from '../base/held-files.ts';
import { type DatabaseSet, databaseSet } from './database-files.ts';
import { dbFolderReadable } from './texts.ts';

/**
 * The files of a `db` folder on disk as they are now, or only those of one `database` in it. Nothing is held open or locked; a file that is gone or refused is
 * `source-unusable`.
 */
export async function readDbFolder(dbFolder: string, database: string | null = null): Promise<DatabaseSet> {
  const found: SourceFile[] = [];
  const folders: string[] = [];
  async function walk(relative: string): Promise<void> {
    for (const entry of await whileHeld(() => readdir(join(dbFolder, relative), { withFileTypes: true }))) {
      const path = relative === '' ? entry.name : `${relative}/${entry.name}`;
      const absolute = join(dbFolder, path);
      // A folder or file behind a link or junction belongs to the database as well.
      const info = await whileHeld(() => stat(absolute)).catch((error: unknown) => {
        if (systemCode(error) === 'ENOENT') return null;
        throw error;
      });
      if (info?.isDirectory()) {
        folders.push(path);
        await walk(path);
      } else if (info?.isFile()) {
        found.push({
          path,
          sizeBytes: info.size,
          mtimeMs: Math.floor(info.mtimeMs),
          diskPath: absolute,
          open: async () => readDiskFile(absolute, info.size),
        });
      }
    }
  }
  try {
    if (database !== null) folders.push(database);
    await walk(database ?? '');
  } catch (error) {
    throw asSourceError(error, dbFolder, dbFolderReadable);
  }
  return databaseSet(found, folders);
}
