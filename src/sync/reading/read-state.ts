import type { BlockIndex } from '../../archive/block-index.ts';
import type { ComparedFile } from '../../archive/differential.ts';
import { contentHash, dataHash } from '../../archive/file-list.ts';
import { EfakturError, systemCode } from '../../base/errors.ts';
import type { FileSet, SourceFile } from '../../base/file-set.ts';
import type { Progress } from '../../base/progress.ts';
import type { SetVerdict } from '../../derby/judge.ts';
import type { DatabaseSet } from '../../efaktur/database-files.ts';
import type { FileReading } from './file-reading.ts';
import { openReaders, type Readers } from './readers.ts';
import {
  checkRightsAndPrograms,
  closeOrPushAgain,
  fileChanged,
  fileUnreadable,
  keepsChanging,
  reading,
} from './texts.ts';

/** What one read of a state showed. */
export interface ReadState {
  readonly set: DatabaseSet;
  readonly files: readonly ComparedFile[];
  readonly contentHash: string;
  readonly dataHash: string;
  readonly totalBytes: number;
  /** What the bytes themselves say; of a folder that changed while it was read it may be wrong. */
  readonly judged: SetVerdict;
  /** Whether the blocks of what changed since the base were hashed, without a base all blocks. */
  readonly isCompared: boolean;
}

export interface ReadOptions {
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** Verdicts of states that this PC pushed, by content hash. */
export interface KnownStates {
  /** When the last of them was pushed. */
  readonly lastPushMs: number;
  /** Null when the content is not known, or was not found clean. */
  verdictOf(contentHash: string): SetVerdict | null;
}

/**
 * Reads every byte of a state once, hashes it and judges the databases; of a state whose content is known the verdict is
 * known, too. Damage is a verdict, not an error: `source-unusable` when a file cannot be read or its medium's check
 * fails; `source-changed` when a file goes away or changes its length meanwhile.
 */
export async function readState(
  set: DatabaseSet,
  what: string,
  { base, known }: { readonly base: BlockIndex | null; readonly known: KnownStates | null },
  options: ReadOptions,
): Promise<ReadState> {
  options.progress.begin(
    reading,
    set.files.reduce((sum, f) => sum + f.sizeBytes, 0),
  );
  // Most pushes find nothing new. The times of the files only say what to try first.
  if (known && set.newestMtimeMs < known.lastPushMs) {
    const state = await readFiles(set, what, { judges: false, digests: () => false }, options);
    const judged = known.verdictOf(state.contentHash);
    if (judged) return { ...state, judged, isCompared: false };
  }
  // Of a full all blocks are indexed. What looks as it did in the base is seldom another file; if it is, it goes in whole.
  const looksChanged = ({ path, sizeBytes, mtimeMs }: SourceFile): boolean => {
    const before = base?.get(path);
    return before !== undefined && (before.sizeBytes !== sizeBytes || before.mtimeMs !== mtimeMs);
  };
  const digests = base ? looksChanged : () => true;
  const { judged, ...state } = await readFiles(set, what, { judges: true, digests }, options);
  if (!judged) throw new TypeError('a state was not judged');
  return { ...state, judged, isCompared: true };
}

/** Reads and hashes files, and no more. Errors are those of `readState`. */
export async function hashFiles(
  set: FileSet,
  what: string,
  options: ReadOptions,
): Promise<readonly ComparedFile[]> {
  return (await readFiles(set, what, { judges: false, digests: () => false }, options)).files;
}

async function readFiles<Set extends FileSet>(
  set: Set,
  what: string,
  { judges, digests }: { readonly judges: boolean; readonly digests: (file: SourceFile) => boolean },
  { signal, progress }: ReadOptions,
): Promise<
  Omit<ReadState, 'set' | 'judged' | 'isCompared'> & { readonly set: Set; readonly judged: SetVerdict | null }
> {
  const totalBytes = set.files.reduce((sum, f) => sum + f.sizeBytes, 0);
  const onBytes = (bytes: number): void => progress.advance(bytes);
  const readers = openReaders({ totalBytes, judges, signal, onBytes });
  try {
    const files = await Promise.all(
      set.files.map(async (file): Promise<ComparedFile> => {
        const { path, sizeBytes, mtimeMs } = file;
        const read = await readFile(file, what, readers, digests(file));
        return { path, sizeBytes, mtimeMs, sha256: read.sha256, digests: read.digests };
      }),
    );
    return {
      set,
      files,
      contentHash: contentHash(files),
      dataHash: dataHash(files),
      totalBytes,
      judged: judges ? await readers.judged() : null,
    };
  } finally {
    await readers.close();
  }
}

async function readFile(
  file: SourceFile,
  what: string,
  readers: Readers,
  digests: boolean,
): Promise<FileReading> {
  let read: FileReading;
  try {
    read = await readers.read(file, { digests });
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') throw changed(what, file, error);
    if (code === null || error instanceof EfakturError) throw error;
    throw new EfakturError(
      'source-unusable',
      fileUnreadable(what, file.path, code),
      checkRightsAndPrograms,
      error,
    );
  }
  if (read.sizeBytes !== file.sizeBytes) throw changed(what, file);
  return read;
}

const changed = (what: string, file: SourceFile, cause?: unknown): EfakturError =>
  new EfakturError('source-changed', fileChanged(what, file.path), closeOrPushAgain, cause);

/** Two reads of a state, one after the other, differed. */
export const changedState = (what: string): EfakturError =>
  new EfakturError('source-changed', keepsChanging(what), closeOrPushAgain);
