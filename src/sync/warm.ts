import { threadCount, warmThreads } from '../base/threads.ts';

/** The threads of a command, booted while it is still being loaded: see readers.ts and unpack-on-thread.ts. */

export const warmPush = (): void => warmThreads('reader-thread', import.meta.url, threadCount);

export function warmPull(): void {
  warmThreads('unpack-thread', import.meta.url, 1);
  warmThreads('reader-thread', import.meta.url, 1);
}
