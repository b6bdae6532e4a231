import type { FileList, ListedFile } from '../../archive/file-list.ts';
import {
  asBuffer,
  asError,
  hearThread,
  startThread,
  type ThreadFailure,
  warmThreads,
} from '../../base/threads.ts';
import type { ArchiveKey, ArchiveSource, LocatedArchive } from '../stored/archives.ts';
import type { UnpackEvents } from './unpack.ts';

/**
 * `unpackInto` on a thread of its own, which gets the archives' bytes from here as it asks for them. This thread's heap
 * holds all that talks to the store, and every collection that the passing buffers cause would walk it.
 */

export interface UnpackTask {
  readonly folder: string;
  readonly storeUrl: string;
  readonly archives: readonly LocatedArchive[];
}

/** `archive` is an index into those of the task. */
export type ToUnpacker =
  | { readonly archive: number; readonly key: ArchiveKey | null }
  | { readonly archive: number; readonly chunk: Uint8Array }
  | { readonly archive: number; readonly end: 'whole' | 'gone' };

export type FromUnpacker =
  | { readonly open: number }
  /** The memory of a chunk, back again. */
  | { readonly taken: Uint8Array; readonly archive: number }
  | { readonly begin: FileList }
  | { readonly grown: ListedFile; readonly diskPath: string; readonly writtenBytes: number }
  | { readonly written: ListedFile; readonly diskPath: string }
  | { readonly failure: ThreadFailure }
  | 'done';

/** Bytes on their way to the thread. */
const maxOnTheWayBytes = 4 << 20;

/** Boots the thread that will unpack in a moment. */
export const warmUnpacker = (): void => warmThreads('unpack-thread', import.meta.url, 1);

export function unpackOnThread(
  folder: string,
  source: ArchiveSource<Buffer>,
  archives: readonly LocatedArchive[],
  events: UnpackEvents,
  signal: AbortSignal,
): Promise<void> {
  const task: UnpackTask = { folder, storeUrl: source.storeUrl, archives };
  const thread = startThread('unpack-thread', import.meta.url, task);
  const post = (message: ToUnpacker, given: ArrayBuffer[] = []): void =>
    thread.port.postMessage(message, given);
  const flows = archives.map(() => ({
    onTheWayBytes: 0,
    moved: () => {},
    giveBack: (_: Buffer) => {},
  }));
  let isOver = false;

  async function feed(number: number): Promise<void> {
    const archive = archives[number];
    const flow = flows[number];
    if (!archive || !flow) return;
    const opened = await source.open(archive);
    if (!opened) {
      post({ archive: number, end: 'gone' });
      return;
    }
    flow.giveBack = opened.giveBack ?? flow.giveBack;
    post({ archive: number, key: opened.key });
    for await (const chunk of opened.bytes) {
      if (isOver) return;
      // A chunk that shares its memory with others is copied; what comes from a store in bulk has its own.
      const own = chunk.byteLength === chunk.buffer.byteLength ? chunk : new Uint8Array(chunk);
      flow.onTheWayBytes += own.byteLength;
      post({ archive: number, chunk: own }, [own.buffer as ArrayBuffer]);
      while (flow.onTheWayBytes > maxOnTheWayBytes && !isOver)
        await new Promise<void>((resolve) => {
          flow.moved = resolve;
        });
    }
    post({ archive: number, end: 'whole' });
  }

  return hearThread<FromUnpacker, void>(thread, signal, (message, resolve, reject) => {
    if (message === 'done') resolve();
    else if ('open' in message) feed(message.open).catch(reject);
    else if ('taken' in message) {
      const flow = flows[message.archive];
      if (!flow) return;
      flow.onTheWayBytes -= message.taken.byteLength;
      flow.giveBack(asBuffer(message.taken));
      flow.moved();
    } else if ('begin' in message) events.begin(message.begin);
    else if ('grown' in message) events.grown(message.grown, message.diskPath, message.writtenBytes);
    else if ('written' in message) events.written(message.written, message.diskPath);
    else reject(asError(message.failure));
  }).finally(() => {
    isOver = true;
    for (const { moved } of flows) moved();
  });
}
