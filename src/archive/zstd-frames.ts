import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import { EfakturError } from '../base/errors.ts';

/**
 * Bytes <-> independent zstd frames laid end to end and closed by a seek table, so that any zstd tool reads the whole
 * and a range reader finds each frame. Bytes: RFC 8878 (frames), the zstd seekable format (table), FORMAT.md "Frames".
 * Node's streaming decoder is not used: it stops after the first frame and accepts cut and trailing bytes.
 */

/** Uncompressed bytes in every frame but the last. */
export const frameBytes = 1 << 20;

/** How long a frame of {@link frameBytes} may become: zstd's own bound for incompressible input, rounded up. */
const maxFrameBytes = frameBytes + (frameBytes >> 7) + 512;

const frameMagic = 0xfd2fb528;
const tableFrameMagic = 0x184d2a5e;
const tableFooterMagic = 0x8f92eab1;
const tableEntryBytes = 8;
const tableFooterBytes = 9;

export interface FrameSize {
  readonly compressedBytes: number;
  readonly contentBytes: number;
}

const compressFrame = promisify(zstdCompress) as (data: Buffer, options: object) => Promise<Buffer>;
const decompressFrame = promisify(zstdDecompress) as (data: Buffer, options: object) => Promise<Buffer>;

const compression = {
  chunkSize: maxFrameBytes,
  params: {
    [constants.ZSTD_c_compressionLevel]: 3,
    [constants.ZSTD_c_checksumFlag]: 1,
    [constants.ZSTD_c_contentSizeFlag]: 1,
  },
};

const workers = Math.max(2, Math.min(availableParallelism(), 4));

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
async function* sliced(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let frame = Buffer.allocUnsafeSlow(frameBytes);
  let filled = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; ) {
      const taken = chunk.copy(frame, filled, at);
      at += taken;
      filled += taken;
      if (filled === frameBytes) {
        yield frame;
        frame = Buffer.allocUnsafeSlow(frameBytes);
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
export async function* encodeFrames(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const sizes: FrameSize[] = [];
  async function* jobs() {
    for await (const content of sliced(source)) {
      yield async () => ({
        frame: await compressFrame(content, { ...compression, pledgedSrcSize: content.length }),
        contentBytes: content.length,
      });
    }
  }
  for await (const { frame, contentBytes } of inOrder(jobs(), workers)) {
    sizes.push({ compressedBytes: frame.length, contentBytes });
    yield frame;
  }
  yield encodeSeekTable(sizes);
}

const damaged = (what: string, cause?: unknown): EfakturError =>
  new EfakturError(
    'damaged',
    `the archive is damaged: ${what}`,
    'Run "efaktur-cloud verify --read-data" to see which other backup or store is sound.',
    cause,
  );

/** What the first bytes of a frame say; null while more bytes are needed to know. RFC 8878, section 3.1.1. */
function frameHeader(bytes: Buffer): { headerBytes: number; contentBytes: number } | null {
  if (bytes.length < 5) return null;
  const descriptor = bytes.readUInt8(4);
  const singleSegment = (descriptor & 0x20) !== 0;
  // The unused bit, the reserved one and a dictionary: our frames have none of them.
  if ((descriptor & 0x1b) !== 0) throw damaged('a frame header has bits set that it should not');
  if ((descriptor & 0x04) === 0) throw damaged('a frame has no checksum');
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? (singleSegment ? 1 : 0) : 1 << sizeFlag;
  if (sizeBytes === 0) throw damaged('a frame does not state its content size');
  const headerBytes = 5 + (singleSegment ? 0 : 1) + sizeBytes;
  if (bytes.length < headerBytes) return null;
  const at = headerBytes - sizeBytes;
  const contentBytes =
    sizeBytes === 1
      ? bytes.readUInt8(at)
      : sizeBytes === 2
        ? bytes.readUInt16LE(at) + 256
        : sizeBytes === 4
          ? bytes.readUInt32LE(at)
          : Number(bytes.readBigUInt64LE(at));
  if (contentBytes > frameBytes || contentBytes === 0)
    throw damaged(`a frame claims ${contentBytes} bytes of content`);
  return { headerBytes, contentBytes };
}

/** Pulls exact byte counts out of arbitrary chunks. */
function byteReader(source: AsyncIterable<Buffer>) {
  const chunks = source[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  return {
    /** At least `bytes` bytes without consuming them; fewer only at the end of the source. */
    async peek(bytes: number): Promise<Buffer> {
      if (held.length >= bytes) return held;
      const parts = [held];
      for (let length = held.length; length < bytes; ) {
        const next = await chunks.next();
        if (next.done) break;
        parts.push(next.value);
        length += next.value.length;
      }
      held = Buffer.concat(parts);
      return held;
    },
    consume(bytes: number): Buffer {
      const taken = held.subarray(0, bytes);
      held = held.subarray(bytes);
      return taken;
    },
    async close(): Promise<void> {
      await chunks.return?.();
    },
  };
}

/** The length of the frame at the reader's position, found by walking its blocks (RFC 8878, section 3.1.1.2). */
async function frameLength(reader: ReturnType<typeof byteReader>): Promise<FrameSize> {
  const header = frameHeader(await reader.peek(14));
  if (!header) throw damaged('it ends inside a frame header');
  let at = header.headerBytes;
  for (;;) {
    const bytes = await reader.peek(at + 3);
    if (bytes.length < at + 3) throw damaged('it ends inside a frame');
    const block = bytes.readUIntLE(at, 3);
    const type = (block >> 1) & 3;
    if (type === 3) throw damaged('a frame has a block of the reserved type');
    at += 3 + (type === 1 ? 1 : block >> 3);
    if (at > maxFrameBytes) throw damaged('a frame is longer than its content can need');
    if ((block & 1) !== 0) break;
  }
  at += 4;
  if ((await reader.peek(at)).length < at) throw damaged('it ends inside a frame');
  return { compressedBytes: at, contentBytes: header.contentBytes };
}

/** Decompresses one whole frame to exactly `contentBytes`; `damaged` when it is anything else. */
export async function decodeFrame(frame: Buffer, contentBytes: number): Promise<Buffer> {
  let content: Buffer;
  try {
    content = await decompressFrame(frame, { chunkSize: contentBytes, maxOutputLength: contentBytes });
  } catch (error) {
    throw damaged('a frame does not decompress', error);
  }
  if (content.length !== contentBytes) throw damaged('a frame holds fewer bytes than it claims');
  return content;
}

/**
 * Decompresses frames and checks the closing seek table against them. `damaged` when the stream is cut (also at a
 * frame's edge), joined with another, followed by anything, or not made of such frames. Memory stays at a few frames.
 */
export async function* decodeFrames(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const reader = byteReader(source);
  const sizes: FrameSize[] = [];
  async function* jobs() {
    for (;;) {
      const start = await reader.peek(8);
      if (start.length < 8) throw damaged('it ends without its seek table');
      const magic = start.readUInt32LE(0);
      if (magic === tableFrameMagic) break;
      if (magic !== frameMagic) throw damaged('a frame does not begin as one');
      const size = await frameLength(reader);
      sizes.push(size);
      const frame = reader.consume(size.compressedBytes);
      yield () => decodeFrame(frame, size.contentBytes);
    }
    const expected = encodeSeekTable(sizes);
    const rest = await reader.peek(expected.length + 1);
    if (!rest.equals(expected))
      throw damaged('its seek table does not agree with its frames, or something follows it');
  }
  try {
    yield* inOrder(jobs(), workers);
  } finally {
    await reader.close();
  }
}
