import { existsSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';

/** How long what is left may still take once a command has said all it has to say. */
const restMs = 1_000;

/** Resolves when all that these streams were given is written, or cannot be. */
export async function said(streams: readonly Writable[]): Promise<void> {
  await Promise.all(
    streams.map((stream) => new Promise<void>((resolve) => stream.write('', () => resolve()))),
  );
  // The event of an error comes after what waits for the write.
  await setImmediate();
}

/**
 * Ends this process when a command is over and all is said, though a thread of it may wait for a disk that never answers. A
 * process in which nothing is left ends by itself.
 */
export function leaveSoon(code: number): void {
  setTimeout(() => leaveNow(code), restMs).unref();
}

/**
 * Ends this process at once. Node.js waits in `exit` for all threads that are in a call to the system, so another program
 * takes its place, which does nothing but give the exit code; Windows does not wait.
 */
export function leaveNow(code: number): void {
  const shell = '/bin/sh';
  if (process.platform !== 'win32' && existsSync(shell)) {
    // It is said to be experimental, which is no news for a user.
    process.removeAllListeners('warning');
    process.execve?.(shell, ['sh', '-c', `exit ${code}`], {});
  }
  process.exit(code);
}
