import { EventEmitter, once } from 'node:events';
import { type FileHandle, open, rm } from 'node:fs/promises';
import type { PartlyRead } from '../../archive/archive.ts';
import type { FileList } from '../../archive/file-list.ts';
import { layoutOf } from '../../archive/members.ts';
import { asTargetError } from '../../base/atomic-file.ts';
import type { FileSet } from '../../base/file-set.ts';
import { openToRead, whileHeld } from '../../base/held-files.ts';
import type { LentBuffer } from '../../base/lent-buffer.ts';
import type { Progress } from '../../base/progress.ts';
import type { Encryptor } from '../../crypto/age.ts';
import type { Body } from '../../store/store.ts';
import { packOnThread, packsOnThread } from './pack-on-thread.ts';
import { asSpoolError, type PackedArchive, type SpoolTask, writeSpool } from './spool-writer.ts';
import { packing, spoolUnreadable } from './store-texts.ts';

/** An archive being packed on local disk, to be sent to any number of stores. */
export interface Spool {
  /** Follows the file while it grows; fails as the packing does. */
  body(): Body;
  /** Resolves when all is written and proven; rejects, and leaves no file, when it is not. Must be awaited. */
  readonly whole: Promise<PackedArchive>;
}

export interface SpoolOptions {
  readonly encryptor: Encryptor | null;
  /** See {@link PartlyRead}: then `whole` proves less. */
  readonly partly?: PartlyRead;
  /** Without it, as it pays. */
  readonly onThread?: boolean;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

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
  { encryptor, signal, progress, partly = new Map(), ...options }: SpoolOptions,
): Promise<Spool> {
  const task: SpoolTask = { path, list, set, partly, seal: encryptor ? await encryptor.newFile() : null };
  const onThread = options.onThread ?? packsOnThread(task, packedBytes(list, partly));
  const handle = await open(path, 'wx', 0o600).catch((error) => Promise.reject(asSpoolError(error, path)));
  const growth = startGrowth();
  const onWritten = (writtenBytes: number): void => {
    progress.advance(writtenBytes - growth.writtenBytes);
    growth.writtenBytes = writtenBytes;
    growth.tell();
  };

  async function fill(): Promise<PackedArchive> {
    try {
      return await (onThread
        ? packOnThread(task, handle.fd, onWritten, signal)
        : writeSpool(task, (...bytes) => append(handle, ...bytes), onWritten, signal));
    } finally {
      await handle.close();
    }
  }

  async function write(): Promise<PackedArchive> {
    progress.begin(packing, null);
    try {
      const packed = await fill();
      growth.isWhole = true;
      return packed;
    } catch (error) {
      growth.failure = asSpoolError(error, path);
      await rm(path, { force: true });
      throw growth.failure;
    } finally {
      growth.tell();
    }
  }

  const whole = write();
  // Whoever follows it may learn of a failure first.
  whole.catch(() => {});
  const maxBytes = upperBound(list);
  return {
    body: () => ({
      sizeBytes: growth.isWhole ? growth.writtenBytes : maxBytes,
      isGrowing: !growth.isWhole,
      open: () => follow(path, growth),
    }),
    whole,
  };
}

/** How far the file has come, for all who follow it. */
interface Growth {
  writtenBytes: number;
  isWhole: boolean;
  /** Null while there is none. */
  failure: unknown;
  /** Wakes those who wait for more. */
  tell(): void;
  more(): Promise<unknown>;
}

function startGrowth(): Growth {
  const emitter = new EventEmitter();
  emitter.setMaxListeners(0);
  return {
    writtenBytes: 0,
    isWhole: false,
    failure: null,
    tell: () => emitter.emit('grown'),
    more: () => once(emitter, 'grown'),
  };
}

/** The bytes of the file from its beginning, as they are written. */
async function* follow(path: string, growth: Growth): AsyncGenerator<LentBuffer> {
  const cannotRead = (error: unknown): Promise<never> =>
    Promise.reject(asTargetError(error, spoolUnreadable(path)));
  const file = await openToRead(path).catch(cannotRead);
  const buffer = Buffer.allocUnsafeSlow(gatherBytes);
  try {
    for (let position = 0; ; ) {
      const ready = Math.min(growth.writtenBytes - position, gatherBytes);
      if (ready > 0) {
        const { bytesRead } = await whileHeld(() => file.read(buffer, 0, ready, position)).catch(cannotRead);
        // Nobody else should touch it; that it is shorter now is found by its length.
        if (bytesRead === 0) return;
        position += bytesRead;
        yield buffer.subarray(0, bytesRead);
      } else if (growth.failure !== null) throw growth.failure;
      else if (growth.isWhole) return;
      else await growth.more();
    }
  } finally {
    await file.close();
  }
}

/** `writev` may write less than asked. */
async function append(handle: FileHandle, buffers: Buffer[], sizeBytes: number): Promise<void> {
  const { bytesWritten } = await handle.writev(buffers);
  if (bytesWritten < sizeBytes) await handle.writeFile(Buffer.concat(buffers).subarray(bytesWritten));
}

function packedBytes(list: FileList, partly: PartlyRead): number {
  const { memberOf } = layoutOf(list);
  return list.files.reduce(
    (sum, file) => sum + (partly.has(file.path) ? (memberOf(file)?.sizeBytes ?? 0) : file.sizeBytes),
    0,
  );
}

/** What does not compress grows by less than two hundredths, and every file has headers and a line in the list. */
const upperBound = ({ files }: FileList): number =>
  Math.ceil(files.reduce((sum, f) => sum + f.sizeBytes, 0) * 1.02) + files.length * 8192 + (8 << 20);
