import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { packArchive } from '../archive/archive.ts';
import { type BlockHasher, type BlockIndex, blockHasher, type IndexedFile } from '../archive/block-index.ts';
import type { ComparedFile } from '../archive/differential.ts';
import { contentHash, dataHash, type FileList } from '../archive/file-list.ts';
import { asTargetError } from '../base/atomic-file.ts';
import { EfakturError, systemCode } from '../base/errors.ts';
import type { FileSet, SourceFile } from '../base/file-set.ts';
import type { Progress } from '../base/progress.ts';
import type { Encryptor } from '../crypto/age.ts';
import { createJudge, type Judge, type SetVerdict } from '../derby/judge.ts';
import type { DatabaseSet } from '../efaktur/database-files.ts';
import type { Body } from '../store/store.ts';

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
  options: ReadOptions,
): Promise<ReadState> {
  options.progress.begin(
    'read',
    set.files.reduce((sum, f) => sum + f.sizeBytes, 0),
  );
  const judge = createJudge({ indexes: true });
  const files: ComparedFile[] = [];
  for (const file of set.files) {
    const before = base?.get(file.path);
    // What looks as it did in the base is seldom another file; if it is, it goes in whole.
    const isChanged = before && (before.sizeBytes !== file.sizeBytes || before.mtimeMs !== file.mtimeMs);
    files.push(await readFile(file, what, judge, isChanged ? blockHasher(file.sizeBytes) : null, options));
  }
  return {
    set,
    files,
    contentHash: contentHash(files),
    dataHash: dataHash(files),
    totalBytes: files.reduce((sum, f) => sum + f.sizeBytes, 0),
    judged: judge.finish(),
  };
}

async function readFile(
  file: SourceFile,
  what: string,
  judge: Judge,
  blocks: BlockHasher | null,
  { signal, progress }: ReadOptions,
): Promise<ComparedFile> {
  const hash = createHash('sha256');
  const taker = judge.file(file.path, file.sizeBytes);
  let sizeBytes = 0;
  try {
    for await (const chunk of await file.open()) {
      signal.throwIfAborted();
      hash.update(chunk);
      taker.write(chunk);
      sizeBytes += chunk.length;
      if (sizeBytes > file.sizeBytes) break;
      blocks?.write(chunk);
      progress.advance(chunk.length);
    }
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') throw changed(what, file, error);
    if (code === null || error instanceof EfakturError || signal.aborted) throw error;
    throw new EfakturError(
      'source-unusable',
      `${what}: ${file.path} cannot be read (${code})`,
      'Check that this user may read it.',
      error,
    );
  }
  taker.end();
  if (sizeBytes !== file.sizeBytes) throw changed(what, file);
  return {
    path: file.path,
    sizeBytes,
    mtimeMs: file.mtimeMs,
    sha256: hash.digest('hex'),
    digests: blocks?.end() ?? null,
  };
}

const changed = (what: string, file: SourceFile, cause?: unknown): EfakturError =>
  new EfakturError(
    'source-changed',
    `${what}: ${file.path} changed while it was read`,
    'Close e-Faktur, or push again in a moment.',
    cause,
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
  options: ReadOptions & {
    readonly encryptor: Encryptor | null;
    readonly indexed?: IndexedFile[] | undefined;
  },
): Promise<Spool> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  options.progress.begin('pack', null);
  try {
    const handle = await open(path, 'wx', 0o600);
    try {
      let gathered: Buffer[] = [];
      let gatheredBytes = 0;
      const flush = async (): Promise<void> => {
        if (gathered.length > 0) await writeAll(handle, gathered);
        [gathered, gatheredBytes] = [[], 0];
      };
      for await (const chunk of await encrypted(packArchive(list, set, options.indexed), options.encryptor)) {
        options.signal.throwIfAborted();
        hash.update(chunk);
        sizeBytes += chunk.length;
        gathered.push(chunk);
        gatheredBytes += chunk.length;
        if (gatheredBytes >= gatherBytes) await flush();
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
