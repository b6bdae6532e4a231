import { existsSync } from 'node:fs';
import type { Writable } from 'node:stream';

/** How long what is left may still take once a command has said all it has to say. */
const restMs = 1_000;

/**
 * Ends this process when a command is over, though a thread of it may wait for a disk that never answers. What was said is
 * written first; a process in which nothing is left ends by itself.
 */
export async function leaveSoon(code: number, said: readonly Writable[]): Promise<void> {
  await Promise.all(said.map((stream) => new Promise<void>((resolve) => stream.write('', () => resolve()))));
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
