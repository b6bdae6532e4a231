import { damagedFrames } from './damaged.ts';
import {
  frameBits,
  frameClaims,
  frameNoChecksum,
  frameNoSize,
  frameReserved,
  frameTooLong,
} from './texts.ts';

/** What one zstd frame of ours is, by its own bytes: RFC 8878, section 3.1.1, and FORMAT.md "Frames". */

/** Uncompressed bytes in every frame but the last. */
export const frameBytes = 1 << 20;

/** How long a frame of {@link frameBytes} may become: zstd's own bound for incompressible input, rounded up. */
export const maxFrameBytes = frameBytes + (frameBytes >> 7) + 512;

const checksumBytes = 4;

export const frameMagic = 0xfd2fb528;

export interface FrameSize {
  readonly compressedBytes: number;
  readonly contentBytes: number;
}

/** What the first bytes of a frame say; null while more bytes are needed to know. RFC 8878, section 3.1.1. */
function frameHeader(bytes: Buffer): { headerBytes: number; contentBytes: number } | null {
  if (bytes.length < 5) return null;
  const descriptor = bytes.readUInt8(4);
  const singleSegment = (descriptor & 0x20) !== 0;
  // The unused bit, the reserved one and a dictionary: our frames have none of them.
  if ((descriptor & 0x1b) !== 0) throw damagedFrames(frameBits);
  if ((descriptor & 0x04) === 0) throw damagedFrames(frameNoChecksum);
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? (singleSegment ? 1 : 0) : 1 << sizeFlag;
  if (sizeBytes === 0) throw damagedFrames(frameNoSize);
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
  if (contentBytes > frameBytes || contentBytes === 0) throw damagedFrames(frameClaims(contentBytes));
  return { headerBytes, contentBytes };
}

/** The size of the frame at the beginning of these bytes, found by walking its blocks; null when they are only a part of it. */
export function frameSize(bytes: Buffer): FrameSize | null {
  const header = frameHeader(bytes);
  if (!header) return null;
  for (let at = header.headerBytes; at + 3 <= bytes.length; ) {
    const block = bytes.readUIntLE(at, 3);
    const type = (block >> 1) & 3;
    if (type === 3) throw damagedFrames(frameReserved);
    at += 3 + (type === 1 ? 1 : block >> 3);
    if (at > maxFrameBytes) throw damagedFrames(frameTooLong);
    if ((block & 1) === 0) continue;
    const compressedBytes = at + checksumBytes;
    return compressedBytes <= bytes.length ? { compressedBytes, contentBytes: header.contentBytes } : null;
  }
  return null;
}
