import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { constants, createZstdCompress, type ZstdCompress, zstdDecompress } from 'node:zlib';
import { frameBytes, frameSize, maxFrameBytes } from './zstd-frame.ts';

/** Compresses and decompresses whole zstd frames, several at once, on Node's own pool of threads. */
export interface FrameCoder {
  /** How many frames should be under way at once. */
  readonly ahead: number;
  /** Memory for the content of one frame, to be given to `compress`. */
  contentBuffer(): Buffer;
  /** The frame of this content. The buffer is the coder's from now on. */
  compress(content: Buffer): Promise<Buffer>;
  /** The content of a frame; rejects when it does not decompress within `contentBytes`. */
  decompress(frame: Buffer, contentBytes: number): Promise<Buffer>;
  close(): void;
}

/** One more than cores: while a frame waits for the main thread to take it, another is worked on. */
const lanes = Math.min(availableParallelism(), 4);

/** One frame, for those who read here and there. */
export const decompressFrame: FrameCoder['decompress'] = promisify(
  (frame: Buffer, contentBytes: number, done: (error: Error | null, content: Buffer) => void) =>
    // The default of 16 KiB for the room of the output would cost half the speed.
    zstdDecompress(frame, { chunkSize: contentBytes, maxOutputLength: contentBytes }, done),
);

export function openFrameCoder(): FrameCoder {
  const spare: Buffer[] = [];
  const idle: Compressor[] = [];
  const all: Compressor[] = [];
  return {
    ahead: lanes,
    contentBuffer: () => spare.pop() ?? Buffer.allocUnsafeSlow(frameBytes),
    async compress(content) {
      const compressor = idle.pop() ?? openCompressor();
      if (!all.includes(compressor)) all.push(compressor);
      const frame = await compressor.compress(content);
      idle.push(compressor);
      if (content.length === frameBytes) spare.push(content);
      return frame;
    },
    async decompress(frame, contentBytes) {
      const content = await decompressFrame(frame, contentBytes);
      return content;
    },
    close() {
      for (const { close } of all) close();
    },
  };
}

interface Compressor {
  compress(content: Buffer): Promise<Buffer>;
  close(): void;
}

/**
 * One zstd context, used for a frame after the other: making one for each costs a tenth of the time and scatters the
 * memory. Every write is ended as a frame of its own, whose header then states its content size.
 */
function openCompressor(): Compressor {
  const stream: ZstdCompress = createZstdCompress({
    chunkSize: maxFrameBytes,
    flush: constants.ZSTD_e_end,
    params: {
      [constants.ZSTD_c_compressionLevel]: 3,
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
