import { kept, type LentBuffer } from '../base/lent-buffer.ts';
import { damagedFrames } from './damaged.ts';
import { decompressFrame, framesAtOnce, openFrameEncoder } from './frame-coder.ts';
import {
  endsInFrame,
  frameBeginsNot,
  frameHoldsLess,
  frameNotDecompressed,
  noSeekTable,
  tableDisagrees,
} from './texts.ts';
import { type FrameSize, frameBytes, frameMagic, frameSize, maxFrameBytes } from './zstd-frame.ts';

/**
 * Bytes <-> independent zstd frames laid end to end and closed by a seek table, so that any zstd tool reads the whole
 * and a range reader finds each frame. Bytes: RFC 8878 (frames), the zstd seekable format (table), FORMAT.md "Frames".
 * Node's streaming decoder is not used: it stops after the first frame and accepts cut and trailing bytes.
 */

const tableFrameMagic = 0x184d2a5e;
const tableFooterMagic = 0x8f92eab1;
const tableEntryBytes = 8;
const tableFooterBytes = 9;

/** Keeps up to `ahead` jobs of a sequence under way and yields their results in order. */
async function* inOrder<T>(jobs: AsyncIterable<() => Promise<T>>, ahead: number): AsyncGenerator<T> {
  const pending: Promise<T>[] = [];
  try {
    for await (const start of jobs) {
      const job = start();
      // A later job may fail before its turn; the error is met at its turn or the sequence has ended already.
      job.catch(() => {});
      pending.push(job);
      if (pending.length > ahead) yield await (pending.shift() as Promise<T>);
    }
    while (pending.length > 0) yield await (pending.shift() as Promise<T>);
  } finally {
    await Promise.allSettled(pending);
  }
}

/** Collects arbitrary chunks into buffers of exactly {@link frameBytes}; the last may be shorter. */
async function* sliced(source: AsyncIterable<LentBuffer>, newBuffer: () => Buffer): AsyncGenerator<Buffer> {
  let frame = newBuffer();
  let filled = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; ) {
      const taken = chunk.copy(frame, filled, at);
      at += taken;
      filled += taken;
      if (filled === frameBytes) {
        yield frame;
        frame = newBuffer();
        filled = 0;
      }
    }
  }
  if (filled > 0) yield frame.subarray(0, filled);
}

/** The skippable frame that closes an archive: the sizes of all frames before it. */
export function encodeSeekTable(frames: readonly FrameSize[]): Buffer {
  const contentBytes = frames.length * tableEntryBytes + tableFooterBytes;
  const table = Buffer.alloc(8 + contentBytes);
  table.writeUInt32LE(tableFrameMagic, 0);
  table.writeUInt32LE(contentBytes, 4);
  let at = 8;
  for (const frame of frames) {
    table.writeUInt32LE(frame.compressedBytes, at);
    table.writeUInt32LE(frame.contentBytes, at + 4);
    at += tableEntryBytes;
  }
  table.writeUInt32LE(frames.length, at);
  table.writeUInt8(0, at + 4);
  table.writeUInt32LE(tableFooterMagic, at + 5);
  return table;
}

/** Reads a whole seek table frame; null when the bytes are not exactly one. */
export function parseSeekTable(table: Buffer): FrameSize[] | null {
  if (table.length < 8 + tableFooterBytes || table.readUInt32LE(0) !== tableFrameMagic) return null;
  if (table.readUInt32LE(4) !== table.length - 8) return null;
  if (table.readUInt32LE(table.length - 4) !== tableFooterMagic || table.readUInt8(table.length - 5) !== 0)
    return null;
  const count = table.readUInt32LE(table.length - tableFooterBytes);
  if (8 + count * tableEntryBytes + tableFooterBytes !== table.length) return null;
  return Array.from({ length: count }, (_, i) => ({
    compressedBytes: table.readUInt32LE(8 + i * tableEntryBytes),
    contentBytes: table.readUInt32LE(12 + i * tableEntryBytes),
  }));
}

/** Length of the seek table frame of an archive whose last 9 bytes these are; null when they are no table's end. */
export function seekTableLength(footer: Buffer): number | null {
  if (footer.length !== tableFooterBytes || footer.readUInt32LE(5) !== tableFooterMagic) return null;
  return 8 + footer.readUInt32LE(0) * tableEntryBytes + tableFooterBytes;
}

/** Compresses a byte stream to frames and the closing seek table, several frames at once, in order. */
export async function* encodeFrames(source: AsyncIterable<LentBuffer>): AsyncGenerator<Buffer> {
  const sizes: FrameSize[] = [];
  const encoder = openFrameEncoder();
  async function* jobs() {
    for await (const content of sliced(source, encoder.contentBuffer)) {
      // Given away with the content.
      const contentBytes = content.length;
      yield async () => ({ frame: await encoder.compress(content), contentBytes });
    }
  }
  try {
    for await (const { frame, contentBytes } of inOrder(jobs(), framesAtOnce)) {
      sizes.push({ compressedBytes: frame.length, contentBytes });
      yield frame;
    }
  } finally {
    encoder.close();
  }
  yield encodeSeekTable(sizes);
}

/** How much is gathered at once: little of it belongs to the next frame and is copied again. */
const gatherBytes = 64 << 10;

interface CutFrame {
  readonly bytes: Buffer;
  readonly size: FrameSize;
  /** Its memory is not needed any more. */
  release(): void;
}

/**
 * Cuts frames, and at last what follows them, out of chunks of any size. Its own memory is used again: an archive as
 * garbage would have the collector run every few dozen frames.
 */
function frameCutter(source: AsyncIterable<LentBuffer>) {
  const chunks = source[Symbol.asyncIterator]();
  const nothing = Buffer.alloc(0);
  let chunk: LentBuffer = nothing;
  let isOver = false;
  const spare: Buffer[] = [];
  const newMemory = (): Buffer => spare.pop() ?? Buffer.allocUnsafeSlow(maxFrameBytes + gatherBytes);
  let memory = newMemory();
  let from = 0;
  let end = 0;

  async function gather(): Promise<void> {
    if (chunk.length === 0) {
      const next = await chunks.next();
      if (next.done) isOver = true;
      else chunk = next.value;
    }
    if (memory.length - end < gatherBytes) {
      memory.copyWithin(0, from, end);
      [from, end] = [0, end - from];
    }
    const taken = chunk.copy(memory, end, 0, gatherBytes);
    // Of a chunk that was used up not even its empty end may be touched again.
    chunk = taken === chunk.length ? nothing : chunk.subarray(taken);
    end += taken;
  }

  return {
    /** The next frame; null before the seek table. */
    async next(): Promise<CutFrame | null> {
      while (end - from < 8 && !isOver) await gather();
      if (end - from < 8) throw damagedFrames(noSeekTable);
      const magic = memory.readUInt32LE(from);
      if (magic === tableFrameMagic) return null;
      if (magic !== frameMagic) throw damagedFrames(frameBeginsNot);
      let size = frameSize(memory.subarray(from, end));
      while (!size && !isOver) {
        await gather();
        size = frameSize(memory.subarray(from, end));
      }
      if (!size) throw damagedFrames(endsInFrame);
      const frameEnd = from + size.compressedBytes;
      const bytes = memory.subarray(from, frameEnd);
      if (end - frameEnd > bytes.length) {
        from = frameEnd;
        return { bytes: Buffer.from(bytes), size, release() {} };
      }
      const given = memory;
      memory = newMemory();
      [from, end] = [0, given.copy(memory, 0, frameEnd, end)];
      return { bytes, size, release: () => void spare.push(given) };
    },
    /** Up to so many of the bytes that follow. */
    async rest(mostBytes: number): Promise<Buffer> {
      const parts = [Buffer.from(memory.subarray(from, end)), kept(chunk)];
      let length = end - from + chunk.length;
      while (length < mostBytes) {
        const next = await chunks.next();
        if (next.done) break;
        parts.push(kept(next.value));
        length += next.value.length;
      }
      return Buffer.concat(parts);
    },
    async close(): Promise<void> {
      await chunks.return?.();
    },
  };
}

/** Decompresses one whole frame to exactly `contentBytes`; `damaged` when it is anything else. */
export async function decodeFrame(frame: Buffer, contentBytes: number): Promise<Buffer> {
  let content: Buffer;
  try {
    content = await decompressFrame(frame, contentBytes);
  } catch (error) {
    throw damagedFrames(frameNotDecompressed, error);
  }
  if (content.length !== contentBytes) throw damagedFrames(frameHoldsLess);
  return content;
}

/**
 * Decompresses frames and checks the closing seek table against them. `damaged` when the stream is cut (also at a
 * frame's edge), joined with another, followed by anything, or not made of such frames. Memory stays at a few frames.
 */
export async function* decodeFrames(source: AsyncIterable<LentBuffer>): AsyncGenerator<Buffer> {
  const cutter = frameCutter(source);
  const sizes: FrameSize[] = [];
  async function* jobs() {
    for (let frame = await cutter.next(); frame; frame = await cutter.next()) {
      const { bytes, size, release } = frame;
      sizes.push(size);
      yield () => decodeFrame(bytes, size.contentBytes).finally(release);
    }
    const expected = encodeSeekTable(sizes);
    const rest = await cutter.rest(expected.length + 1);
    if (!rest.equals(expected)) throw damagedFrames(tableDisagrees);
  }
  try {
    yield* inOrder(jobs(), framesAtOnce);
  } finally {
    await cutter.close();
  }
}
