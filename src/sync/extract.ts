import { mkdir, open, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ArchivedFile } from '../archive/archive.ts';
import { asTargetError, syncDirectory } from '../base/atomic-file.ts';
import type { Progress } from '../base/progress.ts';
import type { Decryptor } from '../crypto/age.ts';
import type { SetVerdict } from '../derby/judge.ts';
import type { ObjectStore } from '../store/store.ts';
import { type LocatedArchive, readBackup } from './read-backup.ts';

export interface Extracted {
  readonly files: number;
  readonly bytes: number;
  readonly judged: SetVerdict;
}

/**
 * Writes all files of a backup below an empty folder, with their times, each synced to disk. Resolving proves all its
 * archives; after an error the folder holds a part and must be thrown away. `target-not-writable` when the disk is full.
 */
export async function extractInto(
  folder: string,
  store: ObjectStore,
  archives: readonly LocatedArchive[],
  options: {
    readonly decryptor: Decryptor | null;
    readonly signal: AbortSignal;
    readonly progress: Progress;
  },
): Promise<Extracted> {
  const folders = new Set(['']);
  const makeFolder = async (path: string): Promise<void> => {
    if (path === '.' || folders.has(path)) return;
    await makeFolder(dirname(path));
    await mkdir(join(folder, path), { recursive: true });
    folders.add(path);
  };
  let files = 0;
  let bytes = 0;
  try {
    const { judged } = await readBackup(store, archives, {
      ...options,
      async begin(list) {
        for (const empty of list.emptyFolders) await makeFolder(empty);
      },
      async take(archived) {
        // A small archive is here as a whole long before its files are written.
        options.signal.throwIfAborted();
        await makeFolder(dirname(archived.file.path));
        await writeFile(join(folder, archived.file.path), archived);
        files++;
        bytes += archived.file.sizeBytes;
      },
    });
    for (const made of folders) await syncDirectory(join(folder, made));
    return { files, bytes, judged };
  } catch (error) {
    throw asTargetError(error, `${folder} cannot be written`);
  }
}

async function writeFile(path: string, { file, chunks }: ArchivedFile): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    for await (const chunk of chunks) await handle.writeFile(chunk);
    await handle.sync();
  } finally {
    await handle.close();
  }
  const time = new Date(file.mtimeMs);
  await utimes(path, time, time);
}
