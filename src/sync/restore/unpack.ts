import { type FileHandle, open, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ArchivedFile } from '../../archive/archive.ts';
import type { FileList, ListedFile } from '../../archive/file-list.ts';
import { asTargetError, syncDirectory, syncFile } from '../../base/atomic-file.ts';
import { makeFolder } from '../../base/new-folder.ts';
import { type ArchiveSource, type LocatedArchive, readArchives } from '../stored/archives.ts';
import { cannotBeWritten } from './texts.ts';

/** What is told of a backup while it is unpacked. */
export interface UnpackEvents {
  /** Once, before the first file. */
  begin(list: FileList): void;
  /** The first bytes of a file, so many, can be read back; told now and then of a large one. */
  grown(file: ListedFile, diskPath: string, writtenBytes: number): void;
  /** A file's bytes are all written, though not yet on the disk for good. Its hash was not looked at. */
  written(file: ListedFile, diskPath: string): void;
}

/**
 * Writes all files of a backup below an empty folder, with their times, each synced to disk. Resolving proves its
 * archives, but not what lies on the disk. `target-not-writable` when that is full.
 */
export async function unpackInto(
  folder: string,
  source: ArchiveSource,
  archives: readonly LocatedArchive[],
  events: UnpackEvents,
  signal: AbortSignal,
): Promise<void> {
  const folders = new Set(['']);
  const makeBelow = async (path: string): Promise<void> => {
    if (path === '.' || folders.has(path)) return;
    await makeBelow(dirname(path));
    await makeFolder(join(folder, path));
    folders.add(path);
  };
  let count = 0;
  let hasFailed = false;
  // One after the other in the background: a disk syncs no faster when asked for several at once.
  let synced: Promise<void> = Promise.resolve();
  const inTurn = (step: () => Promise<void>, otherwise?: (error: unknown) => Promise<void>): void => {
    synced = synced.then(step, otherwise);
    synced.catch(() => {
      hasFailed = true;
    });
  };
  try {
    await readArchives(source, archives, {
      hashed: false,
      async begin(list) {
        for (const empty of list.emptyFolders) await makeBelow(empty);
        events.begin(list);
      },
      async take({ file, chunks }: ArchivedFile) {
        // A small archive is here as a whole long before its files are written.
        signal.throwIfAborted();
        if (hasFailed || ++count % maxOpenFiles === 0) await synced;
        await makeBelow(dirname(file.path));
        const path = join(folder, file.path);
        const handle = await open(path, 'wx');
        let unsyncedBytes = 0;
        await writeFile(handle, chunks, (writtenBytes) => {
          events.grown(file, path, writtenBytes);
          // Begun early, so that the end does not wait for all of a large file.
          unsyncedBytes += grownBytes;
          if (unsyncedBytes < syncBytes) return;
          unsyncedBytes = 0;
          inTurn(async () => void (await syncFile(handle, 'datasync')));
        });
        const finish = (): Promise<void> => finishFile(path, handle, file.mtimeMs);
        const giveUp = (error: unknown): Promise<void> => handle.close().then(() => Promise.reject(error));
        inTurn(finish, giveUp);
        events.written(file, path);
      },
    });
    await synced;
    for (const made of folders) await syncDirectory(join(folder, made));
  } catch (error) {
    throw asTargetError(error, cannotBeWritten(folder));
  } finally {
    await synced.catch(() => {});
  }
}

/** How many files may be written and not yet synced. */
const maxOpenFiles = 64;

/** How many writes of a file may be under way. */
const writesAhead = 4;

/** How much more of a file must be written to be told. */
const grownBytes = 8 << 20;
/** How much of one file may be written and its sync not yet begun. */
const syncBytes = 64 << 20;

/** Writes a new file, which is not synced yet and stays open; after an error it is closed. */
async function writeFile(
  handle: FileHandle,
  chunks: AsyncIterable<Buffer>,
  onGrown: (writtenBytes: number) => void,
): Promise<void> {
  const writes: Promise<number>[] = [];
  let toldBytes = 0;
  const settle = async (): Promise<void> => {
    const writtenBytes = (await writes.shift()) ?? 0;
    if (writtenBytes - toldBytes < grownBytes) return;
    toldBytes = writtenBytes;
    onGrown(writtenBytes);
  };
  try {
    let position = 0;
    for await (const chunk of chunks) {
      const write = writeAll(handle, chunk, position);
      // Met at its turn, or when the file is given up.
      write.catch(() => {});
      writes.push(write);
      position += chunk.length;
      if (writes.length > writesAhead) await settle();
    }
    await Promise.all(writes);
  } catch (error) {
    await Promise.allSettled(writes);
    await handle.close();
    throw error;
  }
}

/** Resolves with where in the file the chunk ends. A write may take less than it was given. */
async function writeAll(handle: FileHandle, chunk: Buffer, position: number): Promise<number> {
  for (let at = 0; at < chunk.length; ) {
    const { bytesWritten } = await handle.write(chunk, at, chunk.length - at, position + at);
    at += bytesWritten;
  }
  return position + chunk.length;
}

async function finishFile(path: string, handle: FileHandle, mtimeMs: number): Promise<void> {
  try {
    await syncFile(handle);
  } finally {
    await handle.close();
  }
  const time = new Date(mtimeMs);
  await utimes(path, time, time);
}
