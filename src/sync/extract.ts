import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ArchivedFile } from '../archive/archive.ts';
import type { FileList, ListedFile } from '../archive/file-list.ts';
import { asTargetError, syncDirectory } from '../base/atomic-file.ts';
import { EfakturError } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';
import type { Decryptor } from '../crypto/age.ts';
import type { SetVerdict } from '../derby/judge.ts';
import type { ObjectStore } from '../store/store.ts';
import { type LocatedArchive, readFiles } from './read-backup.ts';
import { openReaders, type Readers } from './readers.ts';

export interface Extracted {
  readonly files: number;
  readonly bytes: number;
  readonly judged: SetVerdict;
}

/**
 * Writes all files of a backup below an empty folder, with their times, each synced to disk, and reads them back:
 * resolving proves all its archives and that what lies there is what was stored. After an error the folder holds a part
 * and must be thrown away. `damaged`, or `target-not-writable` when the disk is full.
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
  const { signal } = options;
  const folders = new Set(['']);
  const makeFolder = async (path: string): Promise<void> => {
    if (path === '.' || folders.has(path)) return;
    await makeFolder(dirname(path));
    await mkdir(join(folder, path), { recursive: true });
    folders.add(path);
  };
  let readers: Readers | null = null;
  let failed = false;
  // One after the other in the background: a disk syncs no faster when asked for several at once.
  let synced: Promise<void> = Promise.resolve();
  let unsynced = 0;
  const readBack: Promise<void>[] = [];
  const inBackground = (work: Promise<void>): Promise<void> => {
    work.catch(() => {
      failed = true;
    });
    return work;
  };
  try {
    const list = await readFiles(store, archives, {
      ...options,
      hashed: false,
      async begin(listed: FileList) {
        for (const empty of listed.emptyFolders) await makeFolder(empty);
        const totalBytes = listed.files.reduce((sum, f) => sum + f.sizeBytes, 0);
        readers = openReaders({ totalBytes, judges: true, signal });
      },
      async take({ file, chunks }: ArchivedFile) {
        // A small archive is here as a whole long before its files are written.
        signal.throwIfAborted();
        if (failed) await Promise.all([synced, ...readBack]);
        await makeFolder(dirname(file.path));
        const path = join(folder, file.path);
        const handle = await writeFile(path, chunks);
        const finish = (): Promise<void> => finishFile(path, handle, file.mtimeMs);
        const giveUp = (error: unknown): Promise<void> => handle.close().then(() => Promise.reject(error));
        synced = inBackground(synced.then(finish, giveUp));
        if (++unsynced % maxOpenFiles === 0) await synced;
        if (readers) readBack.push(inBackground(check(readers, file, path)));
      },
    });
    await Promise.all([synced, ...readBack]);
    for (const made of folders) await syncDirectory(join(folder, made));
    if (!readers) throw new TypeError('a backup that never began');
    return {
      files: list.files.length,
      bytes: list.files.reduce((sum, f) => sum + f.sizeBytes, 0),
      judged: await (readers as Readers).judged(),
    };
  } catch (error) {
    throw asTargetError(error, `${folder} cannot be written`);
  } finally {
    await Promise.allSettled([synced, ...readBack]);
    await (readers as Readers | null)?.close();
  }
}

/** How many files may be written and not yet synced. */
const maxOpenFiles = 64;

/** How many writes of a file may be under way. */
const writesAhead = 4;

/** Writes a new file. It is not synced yet, and stays open. */
async function writeFile(path: string, chunks: AsyncIterable<Buffer>): Promise<FileHandle> {
  const handle = await open(path, 'wx');
  const writes: Promise<void>[] = [];
  try {
    let position = 0;
    for await (const chunk of chunks) {
      const write = writeAll(handle, chunk, position);
      // Met at its turn, or when the file is given up.
      write.catch(() => {});
      writes.push(write);
      position += chunk.length;
      if (writes.length > writesAhead) await writes.shift();
    }
    await Promise.all(writes);
    return handle;
  } catch (error) {
    await Promise.allSettled(writes);
    await handle.close();
    throw error;
  }
}

/** A write may take less than it was given. */
async function writeAll(handle: FileHandle, chunk: Buffer, position: number): Promise<void> {
  for (let at = 0; at < chunk.length; ) {
    const { bytesWritten } = await handle.write(chunk, at, chunk.length - at, position + at);
    at += bytesWritten;
  }
}

async function finishFile(path: string, handle: FileHandle, mtimeMs: number): Promise<void> {
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  const time = new Date(mtimeMs);
  await utimes(path, time, time);
}

async function check(readers: Readers, { path, sizeBytes, mtimeMs, sha256 }: ListedFile, diskPath: string) {
  const open = async () => createReadStream(diskPath);
  const reading = await readers.read({ path, sizeBytes, mtimeMs, diskPath, open }, { digests: false });
  if (reading.sizeBytes === sizeBytes && reading.sha256 === sha256) return;
  throw new EfakturError(
    'damaged',
    `${path}, read back from ${diskPath}, does not have the SHA-256 of its list`,
    'Restore another backup, or this one from another store; if none comes back whole, check the disk.',
  );
}
