import { hash } from 'node:crypto';
import { parseJson } from '../base/json.ts';
import { inPlace, type LentBuffer } from '../base/lent-buffer.ts';
import { damagedIndex } from './damaged.ts';
import { endsTooEarly, fileNotDescribed, firstLineNotJson, otherFormat, somethingFollows } from './texts.ts';
import { decodeFrames, encodeFrames } from './zstd-frames.ts';

/**
 * What a full backup's files held, block by block, so that a later push can tell which blocks changed without the
 * archive at hand (FORMAT.md "Block index"): a line of JSON, then 16 bytes of SHA-256 for every 4 KiB block of every
 * file in the order of the list; in zstd frames as an archive.
 */

/** Derby's pages are a multiple of it. */
export const blockBytes = 4096;
export const digestBytes = 16;
const indexFormat = 1;

export interface IndexedFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  readonly sha256: string;
  /** {@link blockBytes} digests one after the other. */
  readonly digests: Buffer;
}

export type BlockIndex = ReadonlyMap<string, IndexedFile>;

/** Takes a file's bytes in any chunks and gives the digests of its blocks, the last of which may be shorter. */
export interface BlockHasher {
  readonly write: (chunk: LentBuffer) => void;
  end(): Buffer;
}

export function blockHasher(sizeBytes: number): BlockHasher {
  const digests = Buffer.alloc(Math.ceil(sizeBytes / blockBytes) * digestBytes);
  const block = Buffer.alloc(blockBytes);
  let filled = 0;
  let at = 0;
  const take = (bytes: LentBuffer): void => {
    // One byte a character: a string of the whole digest is made faster than a Buffer of it.
    digests.write(hash('sha256', inPlace(bytes), 'binary'), at, digestBytes, 'latin1');
    at += digestBytes;
  };
  return {
    write(chunk) {
      let from = 0;
      if (filled > 0) {
        from = chunk.copy(block, filled, 0, blockBytes - filled);
        filled += from;
        if (filled < blockBytes) return;
        take(block);
        filled = 0;
      }
      for (; from + blockBytes <= chunk.length; from += blockBytes)
        take(chunk.subarray(from, from + blockBytes));
      filled = chunk.copy(block, 0, from);
    },
    end() {
      if (filled > 0) take(block.subarray(0, filled));
      return digests;
    },
  };
}

/** The digests of the blocks of these bytes, which begin with one. */
export function digestsOf(bytes: Buffer): Buffer {
  const blocks = blockHasher(bytes.length);
  blocks.write(bytes);
  return blocks.end();
}

/** A run of blocks: the first one's number and how many. */
export type BlockRun = readonly [first: number, count: number];

/** The blocks of a file that the base does not have at the same place. */
export function changedRuns(base: IndexedFile, sizeBytes: number, digests: Buffer): BlockRun[] {
  const runs: [number, number][] = [];
  const blocks = Math.ceil(sizeBytes / blockBytes);
  for (let n = 0; n < blocks; n++) {
    const at = n * digestBytes;
    if (
      base.digests.length >= at + digestBytes &&
      digests.compare(base.digests, at, at + digestBytes, at, at + digestBytes) === 0
    )
      continue;
    const last = runs.at(-1);
    if (last && last[0] + last[1] === n) last[1]++;
    else runs.push([n, 1]);
  }
  return runs;
}

/** How many bytes of a file of that size a run covers; the last block may be short. */
export const runBytes = (runs: readonly BlockRun[], sizeBytes: number): number =>
  runs.reduce(
    (sum, [first, count]) => sum + Math.min((first + count) * blockBytes, sizeBytes) - first * blockBytes,
    0,
  );

/** The index as bytes (not yet encrypted). */
export async function encodeBlockIndex(files: readonly IndexedFile[]): Promise<Buffer> {
  const head = {
    format: indexFormat,
    blockBytes,
    files: files.map((f) => ({
      path: f.path,
      size: f.sizeBytes,
      mtime: new Date(f.mtimeMs).toISOString(),
      sha256: f.sha256,
    })),
  };
  async function* bytes(): AsyncGenerator<Buffer> {
    yield Buffer.from(`${JSON.stringify(head)}\n`);
    for (const file of files) yield file.digests;
  }
  const frames: Buffer[] = [];
  for await (const frame of encodeFrames(bytes())) frames.push(frame);
  return Buffer.concat(frames);
}

/** Reads an index; `damaged` when it is not whole. */
export async function parseBlockIndex(source: AsyncIterable<LentBuffer>): Promise<BlockIndex> {
  const parts: Buffer[] = [];
  for await (const part of decodeFrames(source)) parts.push(part);
  const bytes = Buffer.concat(parts);
  const headEnd = bytes.indexOf('\n');
  let head: { format?: unknown; blockBytes?: unknown; files?: unknown } | null;
  try {
    head = parseJson(bytes.subarray(0, headEnd)) as typeof head;
  } catch (error) {
    throw damagedIndex(firstLineNotJson, error);
  }
  if (head?.format !== indexFormat || head.blockBytes !== blockBytes || !Array.isArray(head.files))
    throw damagedIndex(otherFormat);
  const index = new Map<string, IndexedFile>();
  let at = headEnd + 1;
  for (const file of head.files as (Record<string, unknown> | null)[]) {
    const { path, size, mtime, sha256 } = file ?? {};
    const mtimeMs = Date.parse(String(mtime));
    if (
      typeof path !== 'string' ||
      !Number.isSafeInteger(size) ||
      (size as number) < 0 ||
      typeof sha256 !== 'string' ||
      Number.isNaN(mtimeMs)
    ) {
      throw damagedIndex(fileNotDescribed);
    }
    const length = Math.ceil((size as number) / blockBytes) * digestBytes;
    const digests = bytes.subarray(at, at + length);
    if (digests.length !== length) throw damagedIndex(endsTooEarly);
    index.set(path, { path, sizeBytes: size as number, mtimeMs, sha256, digests });
    at += length;
  }
  if (at !== bytes.length) throw damagedIndex(somethingFollows);
  return index;
}
