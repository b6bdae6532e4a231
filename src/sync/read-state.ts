import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { packArchive } from '../archive/archive.ts';
import type { BlockIndex } from '../archive/block-index.ts';
import type { ComparedFile } from '../archive/differential.ts';
import { contentHash, dataHash, type FileList } from '../archive/file-list.ts';
import { asTargetError } from '../base/atomic-file.ts';
import { EfakturError, systemCode } from '../base/errors.ts';
import type { FileSet, SourceFile } from '../base/file-set.ts';
import { garbageCollector } from '../base/garbage.ts';
import type { Progress } from '../base/progress.ts';
import type { Encryptor } from '../crypto/age.ts';
import type { SetVerdict } from '../derby/judge.ts';
import type { DatabaseSet } from '../efaktur/database-files.ts';
import type { Body } from '../store/store.ts';
import type { FileReading } from './file-reading.ts';
import { openReaders, type Readers } from './readers.ts';

/** What one read of a state showed. */
export interface ReadState {
  readonly set: DatabaseSet;
  readonly files: readonly ComparedFile[];
  readonly contentHash: string;
  readonly dataHash: string;
  readonly totalBytes: number;
  /** What the bytes themselves say; of a folder that changed while it was read it may be wrong. */
  readonly judged: SetVerdict;
}

export interface ReadOptions {
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/**
 * Reads every byte of a state once, hashes it and judges the databases. Damage is a verdict, not an error:
 * `source-unusable` when a file cannot be read or its medium's check fails; `source-changed` when a file goes away or
 * changes its length meanwhile.
 */
export async function readState(
  set: DatabaseSet,
  what: string,
  base: BlockIndex | null,
  { signal, progress }: ReadOptions,
): Promise<ReadState> {
  const totalBytes = set.files.reduce((sum, f) => sum + f.sizeBytes, 0);
  progress.begin('read', totalBytes);
  const onBytes = (bytes: number): void => progress.advance(bytes);
  const readers = openReaders({ totalBytes, judges: true, signal, onBytes });
  try {
    const files = await Promise.all(
      set.files.map(async (file): Promise<ComparedFile> => {
        const before = base?.get(file.path);
        // Of a full all blocks are indexed. What looks as it did in the base is seldom another file; if it is, it goes in whole.
        const looksChanged =
          before && (before.sizeBytes !== file.sizeBytes || before.mtimeMs !== file.mtimeMs);
        const { path, sizeBytes, mtimeMs } = file;
        const { sha256, digests } = await readFile(file, what, readers, !base || looksChanged === true);
        return { path, sizeBytes, mtimeMs, sha256, digests };
      }),
    );
    return {
      set,
      files,
      contentHash: contentHash(files),
      dataHash: dataHash(files),
      totalBytes,
      judged: await readers.judged(),
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
  let reading: FileReading;
  try {
    reading = await readers.read(file, { digests });
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') throw changed(what, file, error);
    if (code === null || error instanceof EfakturError) throw error;
    throw new EfakturError(
      'source-unusable',
      `${what}: ${file.path} cannot be read (${code})`,
      'Check that this user may read it.',
      error,
    );
  }
  if (reading.sizeBytes !== file.sizeBytes) throw changed(what, file);
  return reading;
}

const changed = (what: string, file: SourceFile, cause?: unknown): EfakturError =>
  new EfakturError(
    'source-changed',
    `${what}: ${file.path} changed while it was read`,
    'Close e-Faktur, or push again in a moment.',
    cause,
  );

/** Two reads of a state, one after the other, differed. */
export const changedState = (what: string): EfakturError =>
  new EfakturError(
    'source-changed',
    `${what} changes while it is read`,
    'Close e-Faktur, or push again in a moment.',
  );

/** An archive on local disk, ready to be sent to any number of stores. */
export interface Spool {
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly body: Body;
}

/** Small pieces are written together. */
const gatherBytes = 1 << 20;

/**
 * Packs a state into a file, reading everything a second time: success proves that both reads saw the same bytes. With an
 * encryptor only ciphertext touches the disk. `source-changed` when the reads differ, `target-not-writable` when the disk
 * is full; both leave no file.
 */
export async function spoolArchive(
  path: string,
  list: FileList,
  set: FileSet,
  options: ReadOptions & { readonly encryptor: Encryptor | null },
): Promise<Spool> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  options.progress.begin('pack', null);
  const garbage = garbageCollector();
  try {
    const handle = await open(path, 'wx', 0o600);
    try {
      let gathered: Buffer[] = [];
      let gatheredBytes = 0;
      const flush = async (): Promise<void> => {
        if (gathered.length > 0) await writeAll(handle, gathered);
        [gathered, gatheredBytes] = [[], 0];
      };
      for await (const chunk of await encrypted(packArchive(list, set), options.encryptor)) {
        options.signal.throwIfAborted();
        hash.update(chunk);
        sizeBytes += chunk.length;
        gathered.push(chunk);
        gatheredBytes += chunk.length;
        if (gatheredBytes >= gatherBytes) {
          await flush();
          garbage.usedUp(2 * gatherBytes);
        }
        options.progress.advance(chunk.length);
      }
      await flush();
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

async function encrypted(
  source: AsyncGenerator<Buffer>,
  encryptor: Encryptor | null,
): Promise<AsyncIterable<Buffer>> {
  if (!encryptor) return source;
  const sealed = await encryptor.encryptStream();
  // An error of the source destroys `sealed`, whose reader then meets it.
  pipeline(Readable.from(source, { objectMode: false }), sealed).catch(() => {});
  return sealed;
}

/** `writev` may write less than asked. */
async function writeAll(handle: FileHandle, buffers: readonly Buffer[]): Promise<void> {
  const { bytesWritten } = await handle.writev([...buffers]);
  const wanted = buffers.reduce((sum, b) => sum + b.length, 0);
  if (bytesWritten < wanted) await handle.writeFile(Buffer.concat(buffers).subarray(bytesWritten));
}
