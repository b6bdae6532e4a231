import { closeSync, openSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { systemCode } from '../base/errors.ts';
import { diskReadBytes } from '../base/threads.ts';
import { createJudge } from '../derby/judge.ts';
import type { DatabaseFindings } from '../derby/verdict.ts';
import { type FileReading, type FileTaker, takeFile } from './file-reading.ts';

/** One thread of readers.ts: reads plain files one after the other, and keeps what they say of their databases. */

export interface ThreadOptions {
  readonly judges: boolean;
}

export type ThreadTask =
  | {
      /** Relative to `db`. */
      readonly path: string;
      readonly diskPath: string;
      readonly sizeBytes: number;
      readonly digests: boolean;
      /** Of a file that is still being written: how much of it is there; null when it is whole. */
      readonly upToBytes: number | null;
    }
  | 'finish';

export type ThreadAnswer =
  | { readonly bytes: number }
  /** Null after a part of a file. */
  | { readonly reading: FileReading | null }
  | { readonly failure: { readonly code: string | null; readonly message: string } }
  | { readonly findings: readonly DatabaseFindings[] };

const port = parentPort;
if (!port) throw new Error('this module runs in a thread of its own');
const { judges } = workerData as ThreadOptions;
const judge = judges ? createJudge({ indexes: true }) : null;
const buffer = Buffer.allocUnsafeSlow(diskReadBytes);
const reportBytes = 8 << 20;
const answer = (message: ThreadAnswer): void => port.postMessage(message);

port.on('message', (task: ThreadTask) => {
  if (task === 'finish') answer({ findings: judge?.findings() ?? [] });
  else {
    try {
      answer({ reading: read(task) });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      answer({ failure: { code: systemCode(error), message } });
    }
  }
});

interface OpenFile {
  readonly file: number;
  readonly taker: FileTaker;
  /** What a part of it failed with; that is met at its end. */
  failure: unknown;
}

/** Files read in part, by their paths. */
const begun = new Map<string, OpenFile>();

function read(task: Exclude<ThreadTask, string>): FileReading | null {
  const { path, diskPath, sizeBytes, digests, upToBytes } = task;
  const opened: OpenFile = begun.get(path) ?? {
    file: openSync(diskPath, 'r'),
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
    const bytes = wanted > 0 ? readSync(file, buffer, 0, wanted, null) : 0;
    unreported += bytes;
    if (unreported >= reportBytes || bytes === 0) {
      answer({ bytes: unreported });
      unreported = 0;
    }
    if (bytes === 0 || !taker.write(buffer.subarray(0, bytes))) return;
  }
}
