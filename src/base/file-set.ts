import type { Readable } from 'node:stream';
import { EfakturError, systemCode } from './errors.ts';
import { streamOf } from './held-files.ts';
import { isImpossible } from './possible-path.ts';
import { type Text, verbatim } from './text.ts';
import { cannotBeRead, checkName, heldByOther, noSuchName, waitOrClose } from './texts.ts';

/** One file of a database set. */
export interface SourceFile {
  /** Relative to the `db` folder, with `/` whatever the platform. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Milliseconds since the epoch. */
  readonly mtimeMs: number;
  /** Where it lies as a plain file; absent for one inside a zip. */
  readonly diskPath?: string;
  /** The bytes from the first one; each call reads anew. Fails with `source-unusable` when the medium's own check fails. */
  open(): Promise<Readable>;
}

/** The files of one state of the `db` folder, sorted by the UTF-8 bytes of their paths, what is never kept left out. */
export interface FileSet {
  readonly files: readonly SourceFile[];
  /** Folders kept though nothing of theirs is (each database's `tmp`), relative to `db`, without a trailing slash. */
  readonly emptyFolders: readonly string[];
}

/** Large reads keep the event loop out of the way of hashing. */
const readBytes = 1 << 20;

/**
 * How much of a file of about this size is read at once. Most files of a database are small, and memory for larger ones,
 * thrown away a hundred times, has the garbage collector run more often than anything else.
 */
export const bytesAtOnce = (sizeBytes: number, mostBytes = readBytes): number =>
  Math.min(mostBytes, Math.max(sizeBytes, 4096));

/** The bytes of a plain file, to its end wherever that is now. */
export const readDiskFile = (path: string, sizeBytes: number): Readable =>
  streamOf(path, { highWaterMark: bytesAtOnce(sizeBytes) });

/** Compares by UTF-8 bytes, the order of the content hash and of object stores. */
export function byUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x === y) continue;
    // UTF-16 orders as UTF-8 does, but for halves of characters beyond U+FFFF, which stand before U+E000.
    return x < 0xd800 || y < 0xd800 ? x - y : Buffer.compare(Buffer.from(a), Buffer.from(b));
  }
  return a.length - b.length;
}

/**
 * What a system error of a source means, which must not be taken for one of the place that is written to; any other error
 * as it is. `gone` is what it means that the path is not there, where that is no reason of its own.
 */
export function asSourceError(
  error: unknown,
  path: string,
  hint: Text,
  gone: (() => EfakturError) | null = null,
): unknown {
  const code = systemCode(error);
  if (code === null) return error;
  if (gone && (code === 'ENOENT' || code === 'ENOTDIR')) return gone();
  if (isImpossible(error)) {
    const said = { what: verbatim(path), because: noSuchName(code) };
    return new EfakturError('usage', said, checkName, error);
  }
  if (code === 'EBUSY')
    return new EfakturError('source-unusable', heldByOther(path, code), waitOrClose, error);
  return new EfakturError('source-unusable', cannotBeRead(path, code), hint, error);
}
