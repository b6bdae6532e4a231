import { writeSync, writevSync } from 'node:fs';
import { asBuffer, asFailure, serveThread } from '../../base/threads.ts';
import type { FromPacker, PackTask } from './pack-on-thread.ts';
import { writeSpool } from './spool-writer.ts';

/** The thread of pack-on-thread.ts. */

serveThread(async ({ spool, files, digests, ...task }: PackTask, port) => {
  const post = (message: FromPacker): void => port.postMessage(message);
  try {
    const set = {
      files: files.map((file) => ({
        ...file,
        open: () => Promise.reject(new TypeError('not a plain file')),
      })),
      emptyFolders: task.list.emptyFolders,
    };
    const partly = new Map(digests.map(([path, bytes]) => [path, asBuffer(bytes)]));
    const packed = await writeSpool(
      { ...task, set, partly },
      async (buffers, sizeBytes) => append(spool, buffers, sizeBytes),
      (written) => post({ written }),
      new AbortController().signal,
    );
    post({ packed });
  } catch (error) {
    post({ failure: asFailure(error) });
  }
});

/** A write may take less than it was given. */
function append(spool: number, buffers: Buffer[], sizeBytes: number): void {
  let written = writevSync(spool, buffers);
  if (written === sizeBytes) return;
  const all = Buffer.concat(buffers);
  while (written < sizeBytes) written += writeSync(spool, all, written);
}
