import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { constants, createZstdCompress, type ZstdCompress, zstdDecompress } from 'node:zlib';
import { frameBytes, frameSize, maxFrameBytes } from './zstd-frame.ts';

/** Compresses whole zstd frames, several at once, on Node's own pool of threads. */
export interface FrameEncoder {
  /** Memory for the content of one frame, to be given to `compress`. */
  contentBuffer(): Buffer;
  /** The frame of this content. The buffer is the encoder's from now on. */
  compress(content: Buffer): Promise<Buffer>;
  close(): void;
}

/** How many frames should be under way at once. */
export const framesAtOnce = Math.min(availableParallelism(), 4);

/** The content of a frame; rejects when it does not decompress within `contentBytes`. */
export const decompressFrame: (frame: Buffer, contentBytes: number) => Promise<Buffer> = promisify(
  (frame: Buffer, contentBytes: number, done: (error: Error | null, content: Buffer) => void) =>
    // The default of 16 KiB for the room of the output would cost half the speed; Node takes no less than 64 bytes.
    zstdDecompress(frame, { chunkSize: Math.max(64, contentBytes), maxOutputLength: contentBytes }, done),
);

export function openFrameEncoder(): FrameEncoder {
  const spare: Buffer[] = [];
  const idle: Record<Search, Compressor[]> = { thorough: [], quick: [] };
  const all: Compressor[] = [];
  const open = (search: Search): Compressor => {
    const compressor = openCompressor(search);
    all.push(compressor);
    return compressor;
  };
  // What is dense comes in long runs: pictures and documents fill files of their own.
  let search: Search = 'thorough';
  return {
    contentBuffer: () => spare.pop() ?? Buffer.allocUnsafeSlow(frameBytes),
    async compress(content) {
      const used = search;
      const compressor = idle[used].pop() ?? open(used);
      const frame = await compressor.compress(content);
      idle[used].push(compressor);
      search = frame.length > content.length * densePart ? 'quick' : 'thorough';
      if (content.length === frameBytes) spare.push(content);
      return frame;
    },
    close() {
      for (const { close } of all) close();
    },
  };
}

/** How hard repetitions are looked for. */
type Search = keyof typeof searches;

/** What keeps more of its length than this is pictures, or compressed already. */
const densePart = 0.5;

const searches = {
  thorough: {
    [constants.ZSTD_c_compressionLevel]: 3,
    // The level's own tables (17 and 16) are for long windows. For a frame of 1 MiB these find as much, and stay in a
    // core's cache.
    [constants.ZSTD_c_hashLog]: 15,
    [constants.ZSTD_c_chainLog]: 14,
  },
  // A third of the time, and in dense bytes it finds as much.
  quick: {
    [constants.ZSTD_c_compressionLevel]: 1,
    [constants.ZSTD_c_hashLog]: 13,
    [constants.ZSTD_c_minMatch]: 6,
    [constants.ZSTD_c_targetLength]: 2,
  },
};

interface Compressor {
  compress(content: Buffer): Promise<Buffer>;
  close(): void;
}

/**
 * One zstd context, used for a frame after the other: making one for each costs a tenth of the time and scatters the
 * memory. Every write is ended as a frame of its own, whose header then states its content size.
 */
function openCompressor(search: Search): Compressor {
  const stream: ZstdCompress = createZstdCompress({
    chunkSize: maxFrameBytes,
    flush: constants.ZSTD_e_end,
    params: {
      ...searches[search],
      [constants.ZSTD_c_checksumFlag]: 1,
      [constants.ZSTD_c_contentSizeFlag]: 1,
    },
  });
  let pieces: Buffer[] = [];
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  return {
    async compress(content) {
      pieces = [];
      await new Promise<void>((resolve, reject) => {
        stream.once('error', reject);
        stream.write(content, (error) => (error ? reject(error) : resolve()));
      });
      stream.removeAllListeners('error');
      const frame = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
      // Where a frame fills the room for output to the last byte, Node asks for more and gets an empty frame.
      const size = frameSize(frame);
      if (size?.contentBytes !== content.length)
        throw new Error('zstd made another frame than was asked for');
      return frame.subarray(0, size.compressedBytes);
    },
    close: () => stream.destroy(),
  };
}
