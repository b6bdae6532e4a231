/*
 * Where a zip begins and ends in its file. Bytes behind its end and before its beginning are passed over, as Java, Python
 * and unzip do: downloads are padded, and what a mailer adds is no damage. Formats by APPNOTE.TXT 4.3.
 */
import type { FileHandle } from 'node:fs/promises';
import { openToRead } from '../base/held-files.ts';
import type { ForeignFormat } from './zip-texts.ts';

export type ZipExtent =
  | { readonly kind: 'whole'; readonly start: number; readonly end: number }
  /** One part of several. */
  | { readonly kind: 'split' }
  /** No end record that fits: cut off, or no zip; `format` is what it begins as, null for what is not known. */
  | { readonly kind: 'none'; readonly format: 'zip' | ForeignFormat | null };

const endRecord = 0x06054b50;
const endRecordBytes = 22;
const locator64 = 0x07064b50;
const locator64Bytes = 20;
const endRecord64 = 0x06064b50;
const entryRecord = 0x02014b50;
/** In a field of 4 or 2 bytes: the truth stands in the zip64 record. */
const elsewhere32 = 0xffffffff;
const elsewhere16 = 0xffff;
/** A comment has at most 64 KiB; as much again for what was added. */
const nearBytes = (1 << 17) + endRecordBytes;
const farBytes = 1 << 22;

/** Finds the last end record that leads to a table of contents. System errors come out as they are. */
export async function findZip(path: string): Promise<ZipExtent> {
  const file = await openToRead(path);
  try {
    const { size } = await file.stat();
    for (const tailBytes of [nearBytes, farBytes]) {
      const found = await findIn(file, size, Math.min(size, tailBytes));
      if (found !== 'none') return found;
      if (tailBytes >= size) break;
    }
    return { kind: 'none', format: formatOf(await readAt(file, 0, Math.min(size, startBytes))) };
  } finally {
    await file.close();
  }
}

async function findIn(file: FileHandle, size: number, tailBytes: number): Promise<ZipExtent | 'none'> {
  const tail = await readAt(file, size - tailBytes, tailBytes);
  let isSplit = false;
  for (let at = tail.length - endRecordBytes; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== endRecord) continue;
    const end = at + endRecordBytes + tail.readUInt16LE(at + 20);
    if (end > tail.length) continue;
    const place = size - tailBytes + at;
    const start = await startOf(file, tail, at, place);
    if (start !== null) return { kind: 'whole', start, end: size - tailBytes + end };
    const disk = tail.readUInt16LE(at + 4);
    isSplit ||= disk > 0 && disk < elsewhere16 && end === tail.length;
  }
  return isSplit ? { kind: 'split' } : 'none';
}

const startBytes = 512;

/** How other files begin that get the name of a zip. */
const beginnings: readonly (readonly [format: 'zip' | ForeignFormat, at: number, hex: string])[] = [
  ['zip', 0, '504b0304'],
  ['7z', 0, '377abcaf271c'],
  ['rar', 0, '526172211a07'],
  ['gzip', 0, '1f8b'],
  ['xz', 0, 'fd377a585a00'],
  ['zstd', 0, '28b52ffd'],
  ['bzip2', 0, '425a68'],
  ['tar', 257, '7573746172'],
  ['cabinet', 0, '4d534346'],
  ['html', 0, '3c21444f4354595045'],
  ['html', 0, '3c68746d6c'],
];

const formatOf = (start: Buffer): 'zip' | ForeignFormat | null =>
  beginnings.find(
    ([, at, hex]) => start.toString('hex', at, at + hex.length / 2).toLowerCase() === hex,
  )?.[0] ?? null;

/** Where the zip with this end record begins; null when its table of contents is not where the record says. */
async function startOf(file: FileHandle, tail: Buffer, at: number, place: number): Promise<number | null> {
  const [disk, tableDisk] = [tail.readUInt16LE(at + 4), tail.readUInt16LE(at + 6)];
  const entries = tail.readUInt16LE(at + 10);
  const [tableBytes, tableOffset] = [tail.readUInt32LE(at + 12), tail.readUInt32LE(at + 16)];
  const is64 = at >= locator64Bytes && tail.readUInt32LE(at - locator64Bytes) === locator64;
  if (is64 && (tableOffset === elsewhere32 || entries === elsewhere16 || tableBytes === elsewhere32)) {
    const record = Number(tail.readBigUInt64LE(at - locator64Bytes + 8));
    const there = await readAt(file, record, 4);
    return there.length === 4 && there.readUInt32LE(0) === endRecord64 ? 0 : null;
  }
  if (disk !== 0 || tableDisk !== 0) return null;
  const table = place - tableBytes;
  const start = table - tableOffset;
  if (start < 0) return null;
  if (entries === 0) return tableBytes === 0 && start === 0 ? start : null;
  const first = await readAt(file, table, 4);
  return first.length === 4 && first.readUInt32LE(0) === entryRecord ? start : null;
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await file.read(bytes, read, length - read, position + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return bytes.subarray(0, read);
}
