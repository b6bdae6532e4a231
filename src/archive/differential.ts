import type { LentBuffer } from '../base/lent-buffer.ts';
import { type BlockIndex, type BlockRun, blockBytes, changedRuns, runBytes } from './block-index.ts';
import { damagedArchive } from './damaged.ts';
import type { ListedFile } from './file-list.ts';
import { fewerThanBlocks } from './texts.ts';

/**
 * Which bytes of a state a differential archive holds, and how they are laid over its base (FORMAT.md "Differential").
 */

/** A file of a state read against a base: `digests` where its blocks were hashed. */
export interface ComparedFile extends ListedFile {
  readonly digests: Buffer | null;
}

export interface DifferentialPlan {
  /** The whole list, each file saying where its bytes come from. */
  readonly files: readonly ListedFile[];
  /** Bytes of database files that the archive will hold. */
  readonly storedBytes: number;
}

/** Compares a state with the full it leans on. A file without digests that is not the base's goes in whole. */
export function planDifferential(base: BlockIndex, files: readonly ComparedFile[]): DifferentialPlan {
  let storedBytes = 0;
  const planned = files.map(({ digests, ...file }): ListedFile => {
    const before = base.get(file.path);
    if (before && before.sha256 === file.sha256 && before.sizeBytes === file.sizeBytes)
      return { ...file, from: 'base' };
    const runs = before && digests ? changedRuns(before, file.sizeBytes, digests) : null;
    const changedBytes = runs ? runBytes(runs, file.sizeBytes) : file.sizeBytes;
    storedBytes += changedBytes;
    return runs && changedBytes < file.sizeBytes ? { ...file, from: runs } : file;
  });
  return { files: planned, storedBytes };
}

/** Of a file's chunks, the bytes that lie in its runs; all chunks are read. */
export async function* bytesInRuns(
  chunks: AsyncIterable<LentBuffer>,
  runs: readonly BlockRun[],
): AsyncGenerator<LentBuffer> {
  let position = 0;
  let next = 0;
  for await (const chunk of chunks) {
    const end = position + chunk.length;
    while (next < runs.length) {
      const [first, count] = runs[next] as BlockRun;
      const [from, to] = [first * blockBytes, (first + count) * blockBytes];
      if (from >= end) break;
      yield chunk.subarray(Math.max(from, position) - position, Math.min(to, end) - position);
      if (to > end) break;
      next++;
    }
    position = end;
  }
}

/** Pulls given numbers of bytes out of chunks. */
function puller(chunks: AsyncGenerator<Buffer>) {
  let held: Buffer = Buffer.alloc(0);
  async function* take(bytes: number): AsyncGenerator<Buffer> {
    for (let left = bytes; left > 0; ) {
      if (held.length === 0) {
        const next = await chunks.next();
        if (next.done) throw damagedArchive(fewerThanBlocks);
        held = next.value;
      }
      const part = held.subarray(0, left);
      held = held.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }
  return {
    take,
    async skip(bytes: number): Promise<void> {
      for await (const _ of take(bytes));
    },
    async drain(): Promise<void> {
      held = Buffer.alloc(0);
      for await (const _ of chunks);
    },
  };
}

/** A file made of its base's bytes with the changed blocks laid over them. Both sources are read to their ends. */
export async function* overlaid(
  base: { readonly sizeBytes: number; readonly chunks: AsyncGenerator<Buffer> },
  runs: readonly BlockRun[],
  changed: AsyncGenerator<Buffer>,
  sizeBytes: number,
): AsyncGenerator<Buffer> {
  const [old, fresh] = [puller(base.chunks), puller(changed)];
  let position = 0;
  for (const [first, count] of runs) {
    const [from, to] = [first * blockBytes, Math.min((first + count) * blockBytes, sizeBytes)];
    yield* old.take(from - position);
    yield* fresh.take(to - from);
    await old.skip(Math.max(0, Math.min(to, base.sizeBytes) - Math.min(from, base.sizeBytes)));
    position = to;
  }
  yield* old.take(sizeBytes - position);
  await old.drain();
  await fresh.drain();
}
