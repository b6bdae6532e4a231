import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FileList, ListedFile } from '../../archive/file-list.ts';
import { asTargetError } from '../../base/atomic-file.ts';
import { EfakturError, systemCode } from '../../base/errors.ts';
import { readDiskFile } from '../../base/file-set.ts';
import { verbatim } from '../../base/text.ts';
import { threadCount } from '../../base/threads.ts';
import type { SetVerdict } from '../../derby/judge.ts';
import { takenAway } from '../../efaktur/still-there.ts';
import type { ObjectStore } from '../../store/store.ts';
import type { ReadingContext } from '../context.ts';
import type { FileReading } from '../reading/file-reading.ts';
import { type FollowedFile, openReaders, type Readers, warmReaders } from '../reading/readers.ts';
import { type LocatedArchive, storeSource } from '../stored/archives.ts';
import { surely } from '../stored/second-reading.ts';
import { notReadBack, otherWhenReadBack, restoreAnotherOrCheckDisk } from './texts.ts';
import { unpackInto } from './unpack.ts';

export interface ExtractedFiles {
  readonly files: number;
  readonly bytes: number;
  /** What must lie in the folder. */
  readonly list: FileList;
}

export interface Extracted extends ExtractedFiles {
  readonly judged: SetVerdict;
}

/** Below it a thread takes longer to start than the files to be read back. */
const worthThreadBytes = 8 << 20;

/** Boots the threads that will extract archives of that size in a moment: what is yet to be asked of the store takes as long. */
export function warmExtraction(archiveBytes: number): void {
  if (threadCount === 1 || archiveBytes < worthThreadBytes) return;
  warmReaders(1);
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
  options: ExtractOptions,
  isLarge = isWorthThreads(archives),
): Promise<Extracted> {
  return extractSurely(folder, store, archives, options, isLarge, (readers) => readers.judged());
}

/** The same of a stored program folder, in which nothing is judged. */
export async function extractProgramInto(
  folder: string,
  store: ObjectStore,
  archives: readonly LocatedArchive[],
  options: ExtractOptions,
): Promise<ExtractedFiles> {
  return extractSurely(folder, store, archives, options, isWorthThreads(archives), null);
}

const isWorthThreads = (archives: readonly LocatedArchive[]): boolean =>
  threadCount > 1 && archives.reduce((sum, a) => sum + a.sizeBytes, 0) >= worthThreadBytes;

type Judging<Judged> = ((readers: Readers) => Promise<Judged>) | null;

async function extractSurely<Judged>(
  folder: string,
  store: ObjectStore,
  archives: readonly LocatedArchive[],
  options: ExtractOptions,
  isLarge: boolean,
  judging: Judging<Judged>,
): Promise<ExtractedFiles & { readonly judged: Judged }> {
  let isAgain = false;
  return surely(store, archives, options.signal, async () => {
    if (isAgain) {
      await rm(folder, { recursive: true, maxRetries: 5 });
      await mkdir(folder);
    }
    isAgain = true;
    return extractOnce(folder, store, archives, options, isLarge, judging);
  });
}

type ExtractOptions = Pick<ReadingContext, 'decryptor' | 'signal' | 'progress'>;

async function extractOnce<Judged>(
  folder: string,
  store: ObjectStore,
  archives: readonly LocatedArchive[],
  options: ExtractOptions,
  isLarge: boolean,
  judging: Judging<Judged>,
): Promise<ExtractedFiles & { readonly judged: Judged }> {
  // What is wrong with a file that was read back stops the unpacking.
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const begun: { list: FileList; readers: Readers }[] = [];
  const followed = new Map<string, FollowedFile>();
  const readBack: Promise<void>[] = [];
  const follow = ({ path, sizeBytes, mtimeMs }: ListedFile, diskPath: string): FollowedFile => {
    const [first] = begun;
    if (!first) throw new TypeError('a file came before the list');
    const open = async () => readDiskFile(diskPath, sizeBytes);
    const known = followed.get(path) ?? first.readers.follow({ path, sizeBytes, mtimeMs, diskPath, open });
    followed.set(path, known);
    return known;
  };
  const events = {
    begin(list: FileList): void {
      const totalBytes = list.files.reduce((sum, f) => sum + f.sizeBytes, 0);
      const readers = { totalBytes, judges: judging !== null, signal };
      // The unpacking keeps another core busy.
      begun.push({ list, readers: isLarge ? openReaders(readers, 1) : openReaders(readers) });
    },
    grown(file: ListedFile, diskPath: string, writtenBytes: number): void {
      follow(file, diskPath).grown(writtenBytes);
    },
    written(file: ListedFile, diskPath: string): void {
      const checked = check(follow(file, diskPath).end(), file, diskPath);
      followed.delete(file.path);
      checked.catch((error) => stop.abort(error));
      readBack.push(checked);
    },
  };
  try {
    const source = storeSource(store, { ...options, signal });
    await unpackInto(folder, source, archives, events, signal);
    await Promise.all(readBack);
    const [only] = begun;
    if (!only) throw new TypeError('a backup that never began');
    const { files } = only.list;
    return {
      files: files.length,
      bytes: files.reduce((sum, f) => sum + f.sizeBytes, 0),
      judged: (await judging?.(only.readers)) as Judged,
      list: only.list,
    };
  } catch (error) {
    const first = stop.signal.aborted ? stop.signal.reason : error;
    // Nothing more is fetched for it.
    stop.abort(first);
    throw first;
  } finally {
    await Promise.all(begun.map(({ readers }) => readers.close()));
    await Promise.allSettled(readBack);
  }
}

async function check(
  whole: Promise<FileReading>,
  { path, sizeBytes, sha256 }: ListedFile,
  diskPath: string,
): Promise<void> {
  const reading = await whole.catch((error: unknown) => {
    // Just written, and gone before it could be read back.
    if (systemCode(error) === 'ENOENT') throw takenAway(dirname(diskPath), [verbatim(path)]);
    throw asTargetError(error, notReadBack(diskPath));
  });
  if (reading.sizeBytes === sizeBytes && reading.sha256 === sha256) return;
  throw new EfakturError('damaged', otherWhenReadBack(path, diskPath), restoreAnotherOrCheckDisk);
}
