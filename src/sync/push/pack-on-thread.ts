import type { SourceFile } from '../../base/file-set.ts';
import {
  asError,
  hearThread,
  startThread,
  type ThreadFailure,
  threadCount,
  warmThreads,
} from '../../base/threads.ts';
import type { PackedArchive, SpoolTask } from './spool-writer.ts';

/**
 * Packing on a thread of its own, so that it and the sending do not wait for each other: each of them is one chain of
 * steps, and together they are the work of a first push.
 */

export interface PackTask extends Omit<SpoolTask, 'set' | 'partly'> {
  /** The open spool's file descriptor, which threads share. */
  readonly spool: number;
  readonly files: readonly Omit<SourceFile, 'open'>[];
  readonly digests: readonly (readonly [path: string, digests: Uint8Array])[];
}

export type FromPacker =
  | { readonly written: number }
  | { readonly packed: PackedArchive }
  | { readonly failure: ThreadFailure };

/** Below it a thread takes longer to start than this one takes to pack. */
const worthThreadBytes = 16 << 20;

/** Whether a thread can pack it, all of it being plain files, and is worth its start. */
export const packsOnThread = ({ set }: SpoolTask, packedBytes: number): boolean =>
  threadCount > 1 && packedBytes >= worthThreadBytes && set.files.every((f) => f.diskPath !== undefined);

/** Boots the thread that will pack so much in a moment. */
export function warmPacker(packedBytes: number): void {
  if (packedBytes >= worthThreadBytes) warmThreads('pack-thread', import.meta.url, 1);
}

/** As `writeSpool`; when it ends, however, the thread no longer uses the spool. */
export function packOnThread(
  { set, partly, ...task }: SpoolTask,
  spool: number,
  onWritten: (writtenBytes: number) => void,
  signal: AbortSignal,
): Promise<PackedArchive> {
  const files = set.files.map(({ open, ...file }) => file);
  const whole: PackTask = { ...task, spool, files, digests: [...partly] };
  const thread = startThread('pack-thread', import.meta.url, whole);
  return hearThread(thread, signal, (message: FromPacker, resolve, reject) => {
    if ('written' in message) onWritten(message.written);
    else if ('packed' in message) resolve(message.packed);
    else reject(asError(message.failure));
  });
}
