import { closeSync, openSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { systemCode } from '../base/errors.ts';
import { createJudge } from '../derby/judge.ts';
import type { DatabaseFindings } from '../derby/verdict.ts';
import { type FileReading, takeFile } from './file-reading.ts';

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
    }
  | 'finish';

export type ThreadAnswer =
  | { readonly bytes: number }
  | { readonly reading: FileReading }
  | { readonly failure: { readonly code: string | null; readonly message: string } }
  | { readonly findings: readonly DatabaseFindings[] };

const port = parentPort;
if (!port) throw new Error('this module runs in a thread of its own');
const { judges } = workerData as ThreadOptions;
const judge = judges ? createJudge({ indexes: true }) : null;
const buffer = Buffer.allocUnsafeSlow(1 << 20);
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

function read({ path, diskPath, sizeBytes, digests }: Exclude<ThreadTask, string>): FileReading {
  const taker = takeFile(sizeBytes, digests, judge?.file(path, sizeBytes) ?? null);
  const file = openSync(diskPath, 'r');
  try {
    let unreported = 0;
    for (;;) {
      const bytes = readSync(file, buffer, 0, buffer.length, null);
      unreported += bytes;
      if (unreported >= reportBytes || bytes === 0) {
        answer({ bytes: unreported });
        unreported = 0;
      }
      if (bytes === 0 || !taker.write(buffer.subarray(0, bytes))) return taker.end();
    }
  } finally {
    closeSync(file);
  }
}
