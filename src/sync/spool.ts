import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { packArchive } from '../archive/archive.ts';
import type { FileList } from '../archive/file-list.ts';
import { asTargetError } from '../base/atomic-file.ts';
import type { FileSet } from '../base/file-set.ts';
import type { Progress } from '../base/progress.ts';
import type { Encryptor } from '../crypto/age.ts';
import type { Body } from '../store/store.ts';

/** An archive being packed on local disk, to be sent to any number of stores. */
export interface Spool {
  /** Follows the file while it grows; fails as the packing does. */
  body(): Body;
  /** Resolves when all is written and proven; rejects, and leaves no file, when it is not. Must be awaited. */
  readonly whole: Promise<PackedArchive>;
}

export interface PackedArchive {
  readonly sizeBytes: number;
  readonly sha256: string;
}

export interface SpoolOptions {
  readonly encryptor: Encryptor | null;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** Small pieces are written together, and read back so. */
const gatherBytes = 1 << 20;

/**
 * Begins to pack a state into a file, reading everything a second time: `whole` proves that both reads saw the same
 * bytes. With an encryptor only ciphertext touches the disk. `source-changed` when the reads differ,
 * `target-not-writable` when the disk is full.
 */
export async function spoolArchive(
  path: string,
  list: FileList,
  set: FileSet,
  { encryptor, signal, progress }: SpoolOptions,
): Promise<Spool> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'wx', 0o600);
  } catch (error) {
    throw unwritable(path, error);
  }
  const growth = new EventEmitter();
  growth.setMaxListeners(0);
  const state = { writtenBytes: 0, isWhole: false, failure: null as unknown };

  async function write(): Promise<PackedArchive> {
    progress.begin('pack', null);
    const hash = createHash('sha256');
    let gathered: Buffer[] = [];
    let gatheredBytes = 0;
    const flush = async (): Promise<void> => {
      await writeAll(handle, gathered);
      state.writtenBytes += gatheredBytes;
      [gathered, gatheredBytes] = [[], 0];
      growth.emit('grown');
    };
    for await (const chunk of await encrypted(packArchive(list, set), encryptor)) {
      signal.throwIfAborted();
      hash.update(chunk);
      gathered.push(chunk);
      gatheredBytes += chunk.length;
      progress.advance(chunk.length);
      if (gatheredBytes < gatherBytes) continue;
      await flush();
    }
    if (gatheredBytes > 0) await flush();
    return { sizeBytes: state.writtenBytes, sha256: hash.digest('hex') };
  }

  async function writeAndClose(): Promise<PackedArchive> {
    try {
      let packed: PackedArchive;
      try {
        packed = await write();
      } finally {
        await handle.close();
      }
      state.isWhole = true;
      return packed;
    } catch (error) {
      state.failure = unwritable(path, error);
      await rm(path, { force: true });
      throw state.failure;
    } finally {
      growth.emit('grown');
    }
  }

  async function* follow(): AsyncGenerator<Buffer> {
    const file = await open(path, 'r');
    try {
      for (let position = 0; ; ) {
        const ready = Math.min(state.writtenBytes - position, gatherBytes);
        if (ready > 0) {
          const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(ready), 0, ready, position);
          // Nobody else should touch it; that it is shorter now is found by its length.
          if (bytesRead === 0) return;
          position += bytesRead;
          yield buffer.subarray(0, bytesRead);
        } else if (state.failure !== null) throw state.failure;
        else if (state.isWhole) return;
        else await once(growth, 'grown');
      }
    } finally {
      await file.close();
    }
  }

  const whole = writeAndClose();
  // Whoever follows it may learn of a failure first.
  whole.catch(() => {});
  const maxBytes = upperBound(list);
  return {
    body: () => ({
      sizeBytes: state.isWhole ? state.writtenBytes : null,
      maxBytes: state.isWhole ? state.writtenBytes : maxBytes,
      open: () => Readable.from(follow(), { objectMode: false, highWaterMark: gatherBytes }),
    }),
    whole,
  };
}

const unwritable = (path: string, error: unknown): unknown =>
  asTargetError(error, `the spool file ${path} cannot be written`);

/** What does not compress grows by less than two hundredths, and every file has headers and a line in the list. */
const upperBound = ({ files }: FileList): number =>
  Math.ceil(files.reduce((sum, f) => sum + f.sizeBytes, 0) * 1.02) + files.length * 8192 + (8 << 20);

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
