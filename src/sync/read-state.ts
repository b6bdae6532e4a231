import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { packArchive } from '../archive/archive.ts';
import { contentHash, dataHash, type FileList, type ListedFile } from '../archive/file-list.ts';
import { asTargetError } from '../base/atomic-file.ts';
import { EfakturError, systemCode } from '../base/errors.ts';
import type { FileSet, SourceFile } from '../base/file-set.ts';
import type { Progress } from '../base/progress.ts';
import type { DatabaseSet } from '../efaktur/database-files.ts';
import type { Body } from '../store/store.ts';

/** What one read of a state showed. */
export interface ReadState {
  readonly set: DatabaseSet;
  readonly files: readonly ListedFile[];
  readonly contentHash: string;
  readonly dataHash: string;
  readonly totalBytes: number;
}

export interface ReadOptions {
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/**
 * Reads every byte of a state once and hashes it. `source-unusable` when its structure is broken, a file cannot be read
 * or its medium's check fails; `source-changed` when a file goes away meanwhile.
 */
export async function readState(set: DatabaseSet, what: string, options: ReadOptions): Promise<ReadState> {
  if (set.problems.length > 0) {
    throw new EfakturError(
      'source-unusable',
      `${what} is damaged: ${set.problems.join('; ')}`,
      'Push another state with --source, or ask whoever looks after e-Faktur to repair it.',
    );
  }
  options.progress.begin(
    'read',
    set.files.reduce((sum, f) => sum + f.sizeBytes, 0),
  );
  const files: ListedFile[] = [];
  for (const file of set.files) files.push(await hashFile(file, what, options));
  return {
    set,
    files,
    contentHash: contentHash(files),
    dataHash: dataHash(files),
    totalBytes: files.reduce((sum, f) => sum + f.sizeBytes, 0),
  };
}

async function hashFile(
  file: SourceFile,
  what: string,
  { signal, progress }: ReadOptions,
): Promise<ListedFile> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  try {
    for await (const chunk of await file.open()) {
      signal.throwIfAborted();
      hash.update(chunk);
      sizeBytes += chunk.length;
      progress.advance(chunk.length);
    }
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT')
      throw new EfakturError(
        'source-changed',
        `${what}: ${file.path} went away while it was read`,
        'Close e-Faktur, or push again in a moment.',
        error,
      );
    if (code === null || error instanceof EfakturError || signal.aborted) throw error;
    throw new EfakturError(
      'source-unusable',
      `${what}: ${file.path} cannot be read (${code})`,
      'Check that this user may read it.',
      error,
    );
  }
  return { path: file.path, sizeBytes, mtimeMs: file.mtimeMs, sha256: hash.digest('hex') };
}

/** An archive on local disk, ready to be sent to any number of stores. */
export interface Spool {
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly body: Body;
}

/**
 * Packs a state into a file, reading everything a second time: success proves that both reads saw the same bytes.
 * `source-changed` when not, `target-not-writable` when the disk is full; both leave no file.
 */
export async function spoolArchive(
  path: string,
  list: FileList,
  set: FileSet,
  options: ReadOptions,
): Promise<Spool> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  options.progress.begin('pack', null);
  try {
    const handle = await open(path, 'wx', 0o600);
    try {
      for await (const chunk of packArchive(list, set)) {
        options.signal.throwIfAborted();
        hash.update(chunk);
        await handle.writeFile(chunk);
        sizeBytes += chunk.length;
        options.progress.advance(chunk.length);
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    await rm(path, { force: true });
    throw asTargetError(error, `the spool file ${path} cannot be written`);
  }
  return {
    sizeBytes,
    sha256: hash.digest('hex'),
    body: { sizeBytes, open: () => createReadStream(path, { highWaterMark: 1 << 20 }) },
  };
}
