import type { SourceFile } from '../../base/file-set.ts';
import {
  asBuffer,
  startThread,
  threadCount,
  type Thread as WorkingThread,
  warmThreads,
} from '../../base/threads.ts';
import type { DatabaseFindings } from '../../derby/findings.ts';
import { createJudge, type SetVerdict } from '../../derby/judge.ts';
import { type FileReading, takeFile } from './file-reading.ts';
import type { FileTask, ThreadAnswer, ThreadOptions, ThreadTask } from './reader-thread.ts';

/**
 * Reads the files of one state, on several threads where that pays: hashes them and, if asked, judges the databases. What
 * lies inside a zip is read in this thread.
 */
export interface Readers {
  /**
   * One pass over a file; any number may be asked for at once. Resolves with what was read even when that is not what was
   * announced; rejects with the error of the system.
   */
  read(file: SourceFile, options: { readonly digests: boolean }): Promise<FileReading>;
  /** The same, without digests, of a file on disk that somebody is still writing from front to back. */
  follow(file: SourceFile): FollowedFile;
  /** The verdict over all files read. */
  judged(): Promise<SetVerdict>;
  /** Stops the threads; what is still being read is rejected. */
  close(): Promise<void>;
}

export interface FollowedFile {
  /** So many of its bytes are there. */
  grown(writtenBytes: number): void;
  /** It is whole: see `read`. */
  end(): Promise<FileReading>;
}

export interface ReaderOptions {
  /** About how much there is to read: decides whether threads are worth their start. */
  readonly totalBytes: number;
  readonly judges: boolean;
  readonly signal: AbortSignal;
  readonly onBytes?: (bytes: number) => void;
}

/** A thread takes about 40 ms to start, in which this one reads so much. */
export const worthThreadsBytes = 32 << 20;

/** Boots threads for readers that will be opened in a moment. */
export const warmReaders = (threads = threadCount): void =>
  warmThreads('reader-thread', import.meta.url, threads);

/** Starts the readers, on so many threads; 0 reads everything in this thread. */
export function openReaders(
  options: ReaderOptions,
  threads = options.totalBytes < worthThreadsBytes || threadCount === 1 ? 0 : threadCount,
): Readers {
  const judge = options.judges ? createJudge() : null;
  const pool = threads > 0 ? openPool(threads, options) : null;

  async function readHere(file: SourceFile, digests: boolean): Promise<FileReading> {
    const taker = takeFile(file.sizeBytes, digests, judge?.file(file.path, file.sizeBytes) ?? null);
    for await (const chunk of await file.open()) {
      options.signal.throwIfAborted();
      options.onBytes?.(chunk.length);
      if (!taker.write(chunk)) break;
    }
    return taker.end();
  }
  // One at a time, in the order asked: a zip is one stream, and a log is judged best after its control file.
  let last: Promise<unknown> = Promise.resolve();
  async function read(file: SourceFile, { digests }: { readonly digests: boolean }): Promise<FileReading> {
    const { diskPath, path, sizeBytes } = file;
    if (pool && diskPath !== undefined) return pool.read({ path, diskPath, sizeBytes, digests });
    const reading = last.then(() => readHere(file, digests));
    last = reading.catch(() => {});
    return reading;
  }
  return {
    read,
    follow(file) {
      const { diskPath, path, sizeBytes } = file;
      // Several threads share the files between them when these are whole.
      const follows = pool?.size === 1 && diskPath !== undefined;
      return {
        grown(upToBytes) {
          if (follows) pool.readPart({ path, diskPath, sizeBytes, digests: false }, upToBytes);
        },
        end: () => read(file, { digests: false }),
      };
    },
    async judged() {
      if (!judge) throw new TypeError('these readers do not judge');
      for (const findings of (await pool?.findings()) ?? []) judge.absorb(findings);
      return judge.finish();
    },
    close: async () => pool?.close(),
  };
}

interface Pending {
  readonly resolve: (reading: FileReading | null) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly working: WorkingThread;
  onFindings: ((findings: readonly DatabaseFindings[]) => void) | null;
}

type WholeTask = Omit<FileTask, 'id' | 'upToBytes'>;

function openPool(size: number, { judges, signal, onBytes }: ReaderOptions) {
  const pending = new Map<number, Pending>();
  let gathered: FileTask[] = [];
  let lastId = 0;
  let failure: unknown = null;
  const threads = Array.from({ length: size }, (): Thread => {
    const options: ThreadOptions = { judges };
    const working = startThread('reader-thread', import.meta.url, options);
    const thread: Thread = { working, onFindings: null };
    working.port.on('message', (answer: ThreadAnswer) => onAnswer(thread, answer));
    working.onFailure(fail);
    return thread;
  });
  const onAbort = (): void => fail(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();

  function fail(error: unknown): void {
    failure ??= error;
    for (const { reject } of pending.values()) reject(failure);
    pending.clear();
    for (const thread of threads) thread.onFindings?.([]);
  }

  function onAnswer(thread: Thread, answer: ThreadAnswer): void {
    if ('findings' in answer) {
      thread.onFindings?.(answer.findings);
      return;
    }
    if ('bytes' in answer) {
      onBytes?.(answer.bytes);
      return;
    }
    const done = pending.get(answer.id);
    pending.delete(answer.id);
    if ('reading' in answer) {
      const { reading } = answer;
      done?.resolve(reading && { ...reading, digests: reading.digests && asBuffer(reading.digests) });
    } else {
      const { code, message } = answer.failure;
      done?.reject(Object.assign(new Error(message), code === null ? {} : { code }));
    }
  }

  /** Several threads take what comes next by themselves, the largest first, as this one may be busy with other things. */
  function handOut(): void {
    const tasks = gathered;
    gathered = [];
    const [first, ...others] = threads;
    const post = (to: Thread | undefined, message: ThreadTask): void => to?.working.port.postMessage(message);
    if (others.length === 0) {
      post(first, { files: tasks, taken: null });
      return;
    }
    // The log and its control file belong together, in this order.
    const isContainer = ({ path }: FileTask): boolean => path.split('/')[1] === 'seg0';
    const files = tasks.filter(isContainer).sort((a, b) => b.sizeBytes - a.sizeBytes);
    const taken = new Int32Array(new SharedArrayBuffer(4));
    post(first, { files: tasks.filter((task) => !isContainer(task)), taken: null });
    for (const thread of threads) post(thread, { files, taken });
  }

  const give = (task: Omit<FileTask, 'id'>): Promise<FileReading | null> =>
    new Promise((resolve, reject) => {
      if (failure) return reject(failure);
      const id = ++lastId;
      pending.set(id, { resolve, reject });
      // When all that is asked for at once is here.
      if (gathered.length === 0) setImmediate(handOut);
      gathered.push({ ...task, id });
    });

  return {
    size,
    async read(task: WholeTask): Promise<FileReading> {
      const reading = await give({ ...task, upToBytes: null });
      if (!reading) throw new TypeError(`${task.path} was read in part`);
      return reading;
    },
    /** What goes wrong is met when the whole is read. */
    readPart(task: WholeTask, upToBytes: number): void {
      give({ ...task, upToBytes }).catch(() => {});
    },
    async findings(): Promise<(readonly DatabaseFindings[])[]> {
      const all = threads.map(
        (thread) =>
          new Promise<readonly DatabaseFindings[]>((resolve) => {
            thread.onFindings = resolve;
            thread.working.port.postMessage('finish' satisfies ThreadTask);
          }),
      );
      const found = await Promise.all(failure ? [] : all);
      if (failure) throw failure;
      return found;
    },
    async close(): Promise<void> {
      signal.removeEventListener('abort', onAbort);
      fail(new Error('the readers were closed'));
      await Promise.all(threads.map(({ working }) => working.end()));
    },
  };
}
