import { availableParallelism } from 'node:os';
import { MessageChannel, type MessagePort, parentPort, Worker } from 'node:worker_threads';
import { EfakturError, type ErrorCode, isEfakturError, type Reasoned } from './errors.ts';
import { isExecutable, threadSource } from './executable.ts';
import type { Text } from './text.ts';

/** How many threads are worth starting: more than these only wait for the disk or the store. */
export const threadCount = Math.min(availableParallelism(), 4);

/** How much of a file a thread of its own reads at once: what stays in a core's cache is hashed and copied twice as fast. */
export const diskReadBytes = 256 << 10;

// Set by the build, which lays all threads beside the program and its chunks into a folder.
declare const EFAKTUR_BUILT: boolean;

/** A thread at work; what it says arrives at the port. */
export interface Thread {
  readonly port: MessagePort;
  /** Hears why the thread ended before it was ended. */
  onFailure(listener: (error: unknown) => void): void;
  end(): Promise<void>;
}

interface Booted {
  readonly worker: Worker;
  fail: (error: unknown) => void;
}

const warm = new Map<string, Booted[]>();

/**
 * Boots threads that will be wanted in a moment: that takes 0.08 s of a core that has nothing to do meanwhile. Those that
 * are not wanted do not keep the process.
 */
export function warmThreads(name: string, callerUrl: string, count: number): void {
  if (threadCount === 1) return;
  const all = warm.get(name) ?? [];
  for (let i = 0; i < count; i++) {
    const booted = boot(name, callerUrl);
    booted.fail = () => {
      if (all.includes(booted)) all.splice(all.indexOf(booted), 1);
    };
    all.push(booted);
  }
  warm.set(name, all);
}

/**
 * Starts a thread of this program with a task, from the module `name`, which lies beside the calling one and serves it by
 * `serveThread`. It inherits nothing from the command line, and shares no memory but what messages hold.
 */
export function startThread(name: string, callerUrl: string, task: unknown): Thread {
  const booted = warm.get(name)?.shift() ?? boot(name, callerUrl);
  const { port1: port, port2 } = new MessageChannel();
  let failure: { readonly error: unknown } | null = null;
  let listener: ((error: unknown) => void) | null = null;
  booted.fail = (error) => {
    failure ??= { error };
    listener?.(failure.error);
  };
  // A thread that dies closes its port first: the news of its end must find this process.
  booted.worker.ref();
  booted.worker.postMessage({ task, port: port2 }, [port2]);
  return {
    port,
    onFailure(told) {
      listener = told;
      if (failure) told(failure.error);
    },
    async end() {
      booted.fail = () => {};
      port.close();
      await booted.worker.terminate();
    },
  };
}

/**
 * Hears what a thread says until it has said how its task ends, and ends it then; also when it dies, when a message cannot
 * be taken and when the signal is aborted, which rejects.
 */
export function hearThread<M, R>(
  thread: Thread,
  signal: AbortSignal,
  take: (message: M, resolve: (result: R) => void, reject: (error: unknown) => void) => void,
): Promise<R> {
  let abort = (): void => {};
  return new Promise<R>((resolve, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    thread.onFailure(reject);
    thread.port.on('message', (message: M) => {
      try {
        take(message, resolve, reject);
      } catch (error) {
        reject(error);
      }
    });
  }).finally(async () => {
    signal.removeEventListener('abort', abort);
    await thread.end();
  });
}

function boot(name: string, callerUrl: string): Booted {
  const path = typeof EFAKTUR_BUILT === 'undefined' ? `./${name}.ts` : `../${name}.mjs`;
  const worker = new Worker(isExecutable ? threadSource(name) : new URL(path, callerUrl), {
    eval: isExecutable,
    execArgv: [],
    // What a thread works on lies outside of its heap.
    resourceLimits: { maxYoungGenerationSizeMb: 4 },
  });
  // Without a task it keeps nobody waiting.
  worker.unref();
  const booted: Booted = { worker, fail: () => {} };
  worker.on('error', (error) => booted.fail(error));
  worker.on('exit', () => booted.fail(new Error(`${name} ended`)));
  return booted;
}

/**
 * In the module of a thread: runs the task that it is started with. The thread stays until it is ended: what it said last
 * could arrive after the news of its end.
 */
export function serveThread<T>(run: (task: T, port: MessagePort) => void | Promise<void>): void {
  if (!parentPort) throw new Error('this module runs in a thread of its own');
  parentPort.on('message', ({ task, port }: { task: T; port: MessagePort }) => run(task, port));
}

/** Between threads a Buffer travels as the array below it. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** An error on its way from one thread to another. */
export type ThreadFailure =
  | { readonly code: ErrorCode; readonly said: Text | Reasoned; readonly hint: Text }
  /** One that is none of ours. */
  | { readonly code: null; readonly stack: string };

export const asFailure = (error: unknown): ThreadFailure =>
  isEfakturError(error)
    ? { code: error.code, said: error.said, hint: error.hint }
    : { code: null, stack: error instanceof Error ? `${error.stack}` : String(error) };

export const asError = (failure: ThreadFailure): Error =>
  failure.code === null
    ? new Error(failure.stack)
    : new EfakturError(failure.code, failure.said, failure.hint);
