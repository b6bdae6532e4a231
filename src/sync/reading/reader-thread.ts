import { closeSync, openSync, readSync } from 'node:fs';
import { systemCode } from '../../base/errors.ts';
import { whileHeldInLine } from '../../base/held-files.ts';
import { diskReadBytes, serveThread } from '../../base/threads.ts';
import type { DatabaseFindings } from '../../derby/findings.ts';
import { type FileReading, type FileTaker, takeFile } from './file-reading.ts';

/** One thread of readers.ts: reads plain files one after the other, and keeps what they say of their databases. */

export interface ThreadOptions {
  readonly judges: boolean;
}

export interface FileTask {
  readonly id: number;
  /** Relative to `db`. */
  readonly path: string;
  readonly diskPath: string;
  readonly sizeBytes: number;
  readonly digests: boolean;
  /** Of a file that is still being written: how much of it is there; null when it is whole. */
  readonly upToBytes: number | null;
}

export type ThreadTask =
  | {
      readonly files: readonly FileTask[];
      /** Shared memory: how many of them threads have taken; null where all are for this one. */
      readonly taken: Int32Array | null;
    }
  | 'finish';

export type ThreadAnswer =
  | { readonly bytes: number }
  /** Null after a part of a file. */
  | { readonly id: number; readonly reading: FileReading | null }
  | { readonly id: number; readonly failure: { readonly code: string | null; readonly message: string } }
  | { readonly findings: readonly DatabaseFindings[] };

const reportBytes = 8 << 20;

serveThread(async ({ judges }: ThreadOptions, port) => {
  // Most reads only hash, and are over before a judge is loaded.
  const judge = judges ? (await import('../../derby/judge.ts')).createJudge() : null;
  const buffer = Buffer.allocUnsafeSlow(diskReadBytes);
  const answer = (message: ThreadAnswer): void => port.postMessage(message);
  /** Files read in part, by their paths. */
  const begun = new Map<string, OpenFile>();

  port.on('message', (task: ThreadTask) => {
    if (task === 'finish') {
      answer({ findings: judge?.findings() ?? [] });
      return;
    }
    const { files, taken } = task;
    if (!taken) for (const file of files) readOne(file);
    else
      for (let file = files[Atomics.add(taken, 0, 1)]; file; file = files[Atomics.add(taken, 0, 1)])
        readOne(file);
  });

  function readOne(file: FileTask): void {
    const { id } = file;
    try {
      answer({ id, reading: read(file) });
    } catch (error) {
      const code = systemCode(error);
      // A bug must be told with where it happened.
      const { message, stack } =
        error instanceof Error ? error : { message: String(error), stack: undefined };
      answer({ id, failure: { code, message: code === null ? (stack ?? message) : message } });
    }
  }

  function read({ path, diskPath, sizeBytes, digests, upToBytes }: FileTask): FileReading | null {
    const opened: OpenFile = begun.get(path) ?? {
      file: whileHeldInLine(() => openSync(diskPath, 'r')),
      taker: takeFile(sizeBytes, digests, judge?.file(path, sizeBytes) ?? null),
      failure: null,
    };
    if (upToBytes !== null) {
      begun.set(path, opened);
      try {
        readOn(opened, upToBytes);
      } catch (error) {
        opened.failure ??= error;
      }
      return null;
    }
    begun.delete(path);
    try {
      if (opened.failure !== null) throw opened.failure;
      readOn(opened, Number.POSITIVE_INFINITY);
      return opened.taker.end();
    } finally {
      closeSync(opened.file);
    }
  }

  /** Reads on to the file's end, or until so many bytes of it were read. */
  function readOn({ file, taker }: OpenFile, upToBytes: number): void {
    let unreported = 0;
    for (;;) {
      const wanted = Math.min(buffer.length, upToBytes - taker.takenBytes());
      const bytes = wanted > 0 ? whileHeldInLine(() => readSync(file, buffer, 0, wanted, null)) : 0;
      unreported += bytes;
      if (unreported >= reportBytes || bytes === 0) {
        answer({ bytes: unreported });
        unreported = 0;
      }
      if (bytes === 0 || !taker.write(buffer.subarray(0, bytes))) return;
    }
  }
});

interface OpenFile {
  readonly file: number;
  readonly taker: FileTaker;
  /** What a part of it failed with; that is met at its end. */
  failure: unknown;
}
