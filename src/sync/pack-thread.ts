import { writeSync, writevSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { asBuffer, asFailure } from '../base/threads.ts';
import type { FromPacker, PackTask } from './pack-on-thread.ts';
import { writeSpool } from './spool-writer.ts';

/** The thread of pack-on-thread.ts. */

const port = parentPort;
if (!port) throw new Error('this module runs in a thread of its own');
const { spool, files, digests, ...task } = workerData as PackTask;
const post = (message: FromPacker): void => port.postMessage(message);

/** A write may take less than it was given. */
async function append(buffers: Buffer[], sizeBytes: number): Promise<void> {
  let written = writevSync(spool, buffers);
  if (written === sizeBytes) return;
  const all = Buffer.concat(buffers);
  while (written < sizeBytes) written += writeSync(spool, all, written);
}

try {
  const set = {
    files: files.map((file) => ({ ...file, open: () => Promise.reject(new TypeError('not a plain file')) })),
    emptyFolders: task.list.emptyFolders,
  };
  const partly = new Map(digests.map(([path, bytes]) => [path, asBuffer(bytes)]));
  const packed = await writeSpool(
    { ...task, set, partly },
    append,
    (written) => post({ written }),
    new AbortController().signal,
  );
  post({ packed });
} catch (error) {
  post({ failure: asFailure(error) });
}
