import { damagedFile, headerLength } from './age-header.ts';
import { chunkBytes, nonceBytes, openChunk, payloadKey, plainSize, sealedChunkBytes } from './age-payload.ts';
import { chunkChangedOrCut, cutInHeader, endsBefore, noAgeLength } from './texts.ts';

/** Random access to the plain bytes of an age file, of which only the chunks asked for are read. */

/** An encrypted file that can be read anywhere. */
export interface SealedRange {
  /** What messages call it. */
  readonly name: string;
  readonly totalBytes: number;
  /** Exactly these bytes of the age file; fewer are taken as a cut file. */
  read(offsetBytes: number, lengthBytes: number): Promise<Buffer>;
}

/** Random access to the plain bytes of an encrypted file. */
export interface PlainRange {
  readonly plainBytes: number;
  /**
   * Exactly these plain bytes, by one `read` of the whole 64 KiB chunks that hold them, each authenticated; whoever
   * touches the last chunk also proves that the file ends there. Calls may overlap.
   */
  readPlain(offsetBytes: number, lengthBytes: number): Promise<Buffer>;
  /** Which bytes of the age file {@link readPlain} would read, to plan neighbouring ranges. */
  sealedSpan(
    offsetBytes: number,
    lengthBytes: number,
  ): { readonly offsetBytes: number; readonly lengthBytes: number };
}

interface Span {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** Finds the file key in a header; throws when no key opens it. */
export type FileKeyOf = (header: Buffer, name: string) => Promise<Buffer>;

/** Reads the header alone. */
export async function openRange(file: SealedRange, fileKeyOf: FileKeyOf): Promise<PlainRange> {
  const { name, totalBytes } = file;
  const { start, headerBytes } = await readHeader(file);
  const payloadStart = headerBytes + nonceBytes;
  const key = payloadKey(
    await fileKeyOf(start.subarray(0, headerBytes), name),
    start.subarray(headerBytes, payloadStart),
  );
  const size = plainSize(totalBytes - payloadStart);
  if (size === null) throw damagedFile(name, noAgeLength);
  const { plainBytes, chunks } = size;

  const sealedSpan = (offsetBytes: number, lengthBytes: number): Span => {
    const { first, end } = chunkSpan(file, plainBytes, { offsetBytes, lengthBytes });
    const from = payloadStart + first * sealedChunkBytes;
    return {
      offsetBytes: from,
      lengthBytes: Math.min(payloadStart + end * sealedChunkBytes, totalBytes) - from,
    };
  };
  return {
    plainBytes,
    sealedSpan,
    async readPlain(offsetBytes, lengthBytes) {
      const { first, end } = chunkSpan(file, plainBytes, { offsetBytes, lengthBytes });
      if (first === end) return Buffer.alloc(0);
      const sealed = await readExactly(file, sealedSpan(offsetBytes, lengthBytes));
      const plain: Buffer[] = [];
      for (let index = first; index < end; index++) {
        const from = (index - first) * sealedChunkBytes;
        const isLast = index === chunks - 1;
        const chunk = openChunk(key, index, isLast, sealed.subarray(from, from + sealedChunkBytes));
        if (chunk === null) throw damagedFile(name, chunkChangedOrCut(index));
        plain.push(chunk);
      }
      const at = offsetBytes - first * chunkBytes;
      return Buffer.concat(plain).subarray(at, at + lengthBytes);
    },
  };
}

async function readExactly(file: SealedRange, { offsetBytes, lengthBytes }: Span): Promise<Buffer> {
  const bytes = await file.read(offsetBytes, lengthBytes);
  if (bytes.length !== lengthBytes) throw damagedFile(file.name, endsBefore(offsetBytes + lengthBytes));
  return bytes;
}

/** The file's first bytes, with at least the header and the nonce after it. */
async function readHeader(
  file: SealedRange,
): Promise<{ readonly start: Buffer; readonly headerBytes: number }> {
  const { name, totalBytes } = file;
  let start: Buffer = Buffer.alloc(0);
  let headerBytes: number | null = null;
  // Most headers fit in the first read; the space is doubled for the rest, until headerLength refuses.
  for (
    let askedBytes = 4096;
    headerBytes === null || start.length < headerBytes + nonceBytes;
    askedBytes *= 2
  ) {
    if (start.length === totalBytes) throw damagedFile(name, cutInHeader);
    start = await readExactly(file, { offsetBytes: 0, lengthBytes: Math.min(askedBytes, totalBytes) });
    headerBytes = headerLength(start, name);
  }
  return { start, headerBytes };
}

/** The chunks that hold these plain bytes. */
function chunkSpan(
  { name }: SealedRange,
  plainBytes: number,
  { offsetBytes, lengthBytes }: Span,
): { readonly first: number; readonly end: number } {
  if (offsetBytes < 0 || lengthBytes < 0 || offsetBytes + lengthBytes > plainBytes) {
    throw new RangeError(`bytes ${offsetBytes}+${lengthBytes} lie outside the ${plainBytes} of ${name}`);
  }
  // Of an empty file the one, empty chunk is read all the same: it proves that the file is whole.
  if (plainBytes === 0) return { first: 0, end: 1 };
  const first = Math.floor(offsetBytes / chunkBytes);
  return { first, end: lengthBytes === 0 ? first : Math.ceil((offsetBytes + lengthBytes) / chunkBytes) };
}
