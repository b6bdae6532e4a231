import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { EfakturError, type ErrorCode, isEfakturError } from './errors.ts';

/** How many threads are worth starting: more than these only wait for the disk or the store. */
export const threadCount = Math.min(availableParallelism(), 4);

/** How much of a file a thread of its own reads at once: what stays in a core's cache is hashed and copied twice as fast. */
export const diskReadBytes = 256 << 10;

// Set by the build, which lays all threads beside the program and its chunks into a folder.
declare const EFAKTUR_BUILT: boolean;

/**
 * Starts a thread of this program from the module `name`, which lies beside the calling one. It shares no memory with the
 * caller and inherits nothing from the command line.
 */
export function startThread(name: string, callerUrl: string, workerData: unknown): Worker {
  const path = typeof EFAKTUR_BUILT === 'undefined' ? `./${name}.ts` : `../${name}.js`;
  return new Worker(new URL(path, callerUrl), {
    workerData,
    execArgv: [],
    // What a thread works on lies outside of its heap.
    resourceLimits: { maxYoungGenerationSizeMb: 4 },
  });
}

/** Between threads a Buffer travels as the array below it. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** An error on its way from one thread to another. */
export interface ThreadFailure {
  /** Null for an error that is none of ours. */
  readonly code: ErrorCode | null;
  readonly message: string;
  readonly hint: string;
}

export const asFailure = (error: unknown): ThreadFailure =>
  isEfakturError(error)
    ? { code: error.code, message: error.message, hint: error.hint }
    : { code: null, message: error instanceof Error ? `${error.stack}` : String(error), hint: '' };

export const asError = ({ code, message, hint }: ThreadFailure): Error =>
  code === null ? new Error(message) : new EfakturError(code, message, hint);
