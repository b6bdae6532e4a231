import { close, createReadStream, open as openFile, read } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { systemCode } from './errors.ts';

/*
 * Reading what somebody else holds: on Windows a virus scanner, an indexer or a cloud folder has a file to itself for a moment
 * (EBUSY), and one that is just being replaced is refused (EPERM).
 */

/** How long each is waited for. A refusal on Windows is mostly one of rights, which waiting does not mend; so is EACCES anywhere. */
const waitMs: Readonly<Record<string, number>> =
  process.platform === 'win32' ? { EBUSY: 60_000, EPERM: 5_000 } : { EBUSY: 1_000, EPERM: 1_000 };

const firstDelayMs = 50;
const longestDelayMs = 2_000;

/** Whether to try again `delayMs` after an error. */
function mayHelp(error: unknown, delayMs: number, begunAt: number): boolean {
  const limitMs = waitMs[systemCode(error) ?? ''];
  return limitMs !== undefined && performance.now() + delayMs - begunAt <= limitMs;
}

/** Runs a step that reads again while what it reads is held by somebody else. The last error is thrown as it is. */
export async function whileHeld<T>(step: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const begunAt = performance.now();
  for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, longestDelayMs)) {
    try {
      return await step();
    } catch (error) {
      if (!mayHelp(error, delayMs, begunAt)) throw error;
      await sleep(delayMs, undefined, signal ? { signal } : {});
    }
  }
}

/** The same on a thread that may wait. */
export function whileHeldInLine<T>(step: () => T): T {
  const begunAt = performance.now();
  for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, longestDelayMs)) {
    try {
      return step();
    } catch (error) {
      if (!mayHelp(error, delayMs, begunAt)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delayMs);
    }
  }
}

/** Opens a file to read it. */
export const openToRead = (path: string, signal?: AbortSignal): Promise<FileHandle> =>
  whileHeld(() => open(path, 'r'), signal);

/** The bytes of a file, or its first ones; closed with the stream. */
export const streamOf = (
  path: string,
  how: { readonly highWaterMark?: number; readonly end?: number } = {},
): Readable => createReadStream(path, { ...how, fs: heldFiles });

type Done<T> = (error: Error | null, value?: T) => void;

function tell<T>(step: () => Promise<T>, done: Done<T>): void {
  whileHeld(step).then(
    (value) => done(null, value),
    (error: Error) => done(error),
  );
}

/** For streams of Node.js: `open` and `read` as here. */
const heldFiles = {
  open: (path: string, flags: string, mode: number, done: Done<number>): void =>
    tell(() => promisify(openFile)(path, flags, mode), done),
  read(
    file: number,
    buffer: Buffer,
    offset: number,
    length: number,
    position: number | null,
    done: (error: Error | null, bytesRead?: number, buffer?: Buffer) => void,
  ): void {
    const step = (): Promise<number> =>
      new Promise((resolve, reject) =>
        read(file, buffer, offset, length, position, (error, bytes) =>
          error ? reject(error) : resolve(bytes),
        ),
      );
    tell(step, (error, bytesRead) => done(error, bytesRead, buffer));
  },
  close,
};
