import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { inPlace, type LentBuffer } from '../base/lent-buffer.ts';
import type { Text } from '../base/text.ts';
import { chunkChanged, cutOff, goesOn, lastChunkEmpty } from './texts.ts';

/**
 * The payload of an age file: 64 KiB chunks, each sealed on its own. Source of every fact: age-encryption.org/v1,
 * "Payload". All ciphers are OpenSSL's, through node:crypto.
 */

export const nonceBytes = 16;
export const chunkBytes = 64 * 1024;
const tagBytes = 16;
export const sealedChunkBytes = chunkBytes + tagBytes;

const cipherName = 'chacha20-poly1305';
const cipherOptions = { authTagLength: tagBytes };

/**
 * The payload's key, from the file key and the 16 random bytes that follow the header. Given as bytes, a key costs Node
 * more for each chunk than the cipher does.
 */
export const payloadKey = (fileKey: Uint8Array, nonce: Uint8Array): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync('sha256', fileKey, nonce, 'payload', 32)));

/** 11 bytes of big-endian chunk number, then 1 on the last chunk, else 0. */
function chunkNonce(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(index, 5, 6);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

/** One sealed chunk, in pieces to be laid end to end. */
function sealChunk(key: KeyObject, index: number, isLast: boolean, chunk: LentBuffer): Buffer[] {
  const cipher = createCipheriv(cipherName, key, chunkNonce(index, isLast), cipherOptions);
  const sealed = cipher.update(inPlace(chunk));
  cipher.final();
  return [sealed, cipher.getAuthTag()];
}

/** The plain bytes of one sealed chunk; null when it is not that chunk of that file, unchanged. */
export function openChunk(key: KeyObject, index: number, isLast: boolean, sealed: LentBuffer): Buffer | null {
  if (sealed.length < tagBytes) return null;
  const decipher = createDecipheriv(cipherName, key, chunkNonce(index, isLast), cipherOptions);
  decipher.setAuthTag(inPlace(sealed.subarray(-tagBytes)));
  const chunk = decipher.update(inPlace(sealed.subarray(0, -tagBytes)));
  try {
    decipher.final();
  } catch {
    return null;
  }
  return chunk;
}

/** Bytes of the payload for so many plain bytes, without the nonce. */
export const sealedBytes = (plainBytes: number): number =>
  plainBytes + tagBytes * Math.max(1, Math.ceil(plainBytes / chunkBytes));

/** Plain bytes and number of chunks in so many payload bytes; null when no payload has that length. */
export function plainSize(payloadBytes: number): { plainBytes: number; chunks: number } | null {
  const chunks = Math.max(1, Math.ceil(payloadBytes / sealedChunkBytes));
  const plainBytes = payloadBytes - chunks * tagBytes;
  return plainBytes >= 0 && sealedBytes(plainBytes) === payloadBytes ? { plainBytes, chunks } : null;
}

/**
 * Cuts arbitrary pieces into chunks of one size. A chunk is handed on once a byte beyond it is seen, as only then it is
 * known not to be the last.
 */
function chunker(sizeBytes: number, onChunk: (chunk: LentBuffer, isLast: boolean) => void) {
  const held = Buffer.allocUnsafeSlow(sizeBytes);
  let filled = 0;
  return {
    feed(bytes: LentBuffer): void {
      for (let at = 0; at < bytes.length; ) {
        if (filled === sizeBytes) {
          onChunk(held, false);
          filled = 0;
        }
        if (filled === 0 && bytes.length - at > sizeBytes) {
          onChunk(bytes.subarray(at, at + sizeBytes), false);
          at += sizeBytes;
        } else {
          const taken = bytes.copy(held, filled, at);
          filled += taken;
          at += taken;
        }
      }
    },
    end(): void {
      onChunk(held.subarray(0, filled), true);
    },
  };
}

/** One direction of a payload: the pieces that each fed piece, and at last the end, sets free. Nothing is copied. */
export interface PayloadCoder {
  readonly feed: (bytes: LentBuffer) => Buffer[];
  end(): Buffer[];
}

function coder(
  sizeBytes: number,
  code: (index: number, isLast: boolean, chunk: LentBuffer) => Buffer[],
): PayloadCoder {
  let out: Buffer[] = [];
  let index = 0;
  const chunks = chunker(sizeBytes, (chunk, isLast) => {
    for (const piece of code(index, isLast, chunk)) if (piece.length > 0) out.push(piece);
    index += 1;
  });
  const taken = (): Buffer[] => {
    const pieces = out;
    out = [];
    return pieces;
  };
  return {
    feed(bytes) {
      chunks.feed(bytes);
      return taken();
    },
    end() {
      chunks.end();
      return taken();
    },
  };
}

const sealer = (key: KeyObject): PayloadCoder =>
  coder(chunkBytes, (index, isLast, chunk) => sealChunk(key, index, isLast, chunk));

/**
 * Opens a payload in order. Gives out nothing that is not authenticated; what `asError` makes of the finding is thrown
 * at the first chunk that is not as it was sealed, at a cut, and at bytes after the end.
 */
export const opener = (key: KeyObject, asError: (what: Text) => Error): PayloadCoder =>
  coder(sealedChunkBytes, (index, isLast, sealed) => {
    const chunk = openChunk(key, index, isLast, sealed);
    if (chunk === null) {
      const wasOther = openChunk(key, index, !isLast, sealed) !== null;
      if (!wasOther && sealed.length >= tagBytes) throw asError(chunkChanged(index));
      throw asError(isLast ? cutOff : goesOn);
    }
    if (isLast && chunk.length === 0 && index > 0) throw asError(lastChunkEmpty);
    return [chunk];
  });

/** A new age file before its first byte of content: header and nonce, and the payload's key. */
export interface NewAgeFile {
  readonly start: Uint8Array;
  readonly key: KeyObject;
}

/** All bytes of an age file of these plain bytes. Keeps at most one chunk of 64 KiB beyond what passes through. */
export async function* sealFile(
  plain: AsyncIterable<LentBuffer>,
  { start, key }: NewAgeFile,
): AsyncGenerator<Buffer> {
  yield Buffer.from(start);
  const payload = sealer(key);
  for await (const bytes of plain) for (const piece of payload.feed(bytes)) yield piece;
  for (const piece of payload.end()) yield piece;
}

/** As {@link sealFile}, of bytes in memory. */
export async function sealBytes(plain: Buffer, file: NewAgeFile): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of sealFile(onePiece(plain), file)) parts.push(part);
  return Buffer.concat(parts);
}

async function* onePiece(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

/** What opens a payload: where in the age file it begins, nonce not included, and its key. */
export interface PayloadStart {
  readonly offsetBytes: number;
  readonly key: KeyObject;
}

/** The plain bytes of a whole age file. Fails as {@link opener} does; a cut shows at the end only. */
export async function* openPayload(
  file: AsyncIterable<LentBuffer>,
  { offsetBytes, key }: PayloadStart,
  asError: (what: Text) => Error,
): AsyncGenerator<Buffer> {
  const payload = opener(key, asError);
  let toSkip = offsetBytes;
  for await (const bytes of file) {
    const skipped = Math.min(toSkip, bytes.length);
    toSkip -= skipped;
    for (const piece of payload.feed(bytes.subarray(skipped))) yield piece;
  }
  for (const piece of payload.end()) yield piece;
}
