import type { Worker } from 'node:worker_threads';
import type { SourceFile } from '../base/file-set.ts';
import { asBuffer, startThread, threadCount } from '../base/threads.ts';
import { createJudge, type SetVerdict } from '../derby/judge.ts';
import type { DatabaseFindings } from '../derby/verdict.ts';
import { type FileReading, takeFile } from './file-reading.ts';
import type { ThreadAnswer, ThreadOptions, ThreadTask } from './reader-thread.ts';

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
const worthThreadsBytes = 32 << 20;

/** Starts the readers, on so many threads; 0 reads everything in this thread. */
export function openReaders(
  options: ReaderOptions,
  threads = options.totalBytes < worthThreadsBytes || threadCount === 1 ? 0 : threadCount,
): Readers {
  const judge = options.judges ? createJudge({ indexes: true }) : null;
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

type FileTask = Exclude<ThreadTask, string>;
type WholeTask = Omit<FileTask, 'upToBytes'>;

interface Pending {
  readonly task: FileTask;
  readonly resolve: (reading: FileReading | null) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  /** Only this thread may take these: the log and its control file belong together. */
  readonly own: Pending[];
  busy: Pending | null;
  onFindings: ((findings: readonly DatabaseFindings[]) => void) | null;
}

function openPool(size: number, { judges, signal, onBytes }: ReaderOptions) {
  const shared: Pending[] = [];
  let failure: unknown = null;
  const threads = Array.from({ length: size }, (): Thread => {
    const workerData: ThreadOptions = { judges };
    const worker = startThread('reader-thread', import.meta.url, workerData);
    const thread: Thread = { worker, own: [], busy: null, onFindings: null };
    worker.on('message', (answer: ThreadAnswer) => onAnswer(thread, answer));
    worker.on('error', fail);
    worker.on('exit', () => fail(new Error('a reading thread ended')));
    return thread;
  });
  const onAbort = (): void => fail(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();

  function fail(error: unknown): void {
    failure ??= error;
    for (const { reject } of shared.splice(0)) reject(failure);
    for (const thread of threads) {
      for (const { reject } of thread.own.splice(0)) reject(failure);
      thread.busy?.reject(failure);
      thread.busy = null;
      thread.onFindings?.([]);
    }
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
    const done = thread.busy;
    thread.busy = null;
    if ('reading' in answer) {
      const { reading } = answer;
      done?.resolve(reading && { ...reading, digests: reading.digests && asBuffer(reading.digests) });
    } else {
      const { code, message } = answer.failure;
      done?.reject(Object.assign(new Error(message), code === null ? {} : { code }));
    }
    handOut(thread);
  }

  function handOut(thread: Thread): void {
    if (thread.busy) return;
    const next = thread.own.shift() ?? takeLargest(shared);
    if (!next) return;
    thread.busy = next;
    thread.worker.postMessage(next.task);
  }

  const give = (task: FileTask): Promise<FileReading | null> =>
    new Promise((resolve, reject) => {
      if (failure) return reject(failure);
      const [first] = threads;
      const isContainer = task.path.split('/')[1] === 'seg0';
      (isContainer || !first ? shared : first.own).push({ task, resolve, reject });
      // After all that is asked for at once is here, so that the largest are begun first.
      setImmediate(() => {
        for (const thread of threads) handOut(thread);
      });
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
            thread.worker.postMessage('finish');
          }),
      );
      const found = await Promise.all(failure ? [] : all);
      if (failure) throw failure;
      return found;
    },
    async close(): Promise<void> {
      signal.removeEventListener('abort', onAbort);
      fail(new Error('the readers were closed'));
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    },
  };
}

function takeLargest(tasks: Pending[]): Pending | undefined {
  let at = -1;
  for (let i = 0; i < tasks.length; i++)
    if (at < 0 || (tasks[i] as Pending).task.sizeBytes > (tasks[at] as Pending).task.sizeBytes) at = i;
  return at < 0 ? undefined : tasks.splice(at, 1)[0];
}
