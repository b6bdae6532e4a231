/*
 * A container is one file of `seg0`: a table, an index or a system table. Page 0 holds its header and the first
 * allocation extent. Layout: Derby's AllocPage, AllocExtent and FileContainer; see docs/FORMAT.md for what was checked.
 */
import { crc32 } from 'node:zlib';
import { u16 } from './page.ts';

/** The page sizes Derby makes. */
const pageSizes = new Set([4096, 8192, 16384, 32768]);

/** Bytes of page 0 that {@link parseContainerHeader} needs. */
export const containerHeaderBytes = 256;

export const allocPageFormat = 118;

const borrowedAt = 109;
const borrowedBytes = 80;
const headerCrcAt = 181;
const zeros = Buffer.alloc(borrowedBytes);

export interface ContainerHeader {
  readonly pageSize: number;
  /** The table or index was dropped for good: everything but this header means nothing any more. */
  readonly committedDrop: boolean;
  readonly crcOk: boolean;
}

/** What one allocation page says about the pages it manages. */
export interface AllocExtent {
  /** -1 when this is the last one. */
  readonly nextAllocPage: number;
  /** Pages in use: without them rows are lost. */
  readonly usedPages: number;
  /** Together with those that are only reserved. Derby writes both, but its own backup leaves the reserved ones out. */
  readonly demandPages: number;
}

const i64 = (b: Buffer, at: number): number => b.readInt32BE(at) * 0x1_0000_0000 + b.readUInt32BE(at + 4);

/** `c1a0.dat` is container 0x1a0, `d1a0.dat` what is left of it after a drop; null for any other name. */
export function parseContainerName(name: string): { readonly id: number; readonly dropped: boolean } | null {
  const m = /^([cd])([0-9a-f]{1,12})\.dat$/.exec(name);
  return m ? { id: Number.parseInt(m[2] ?? '', 16), dropped: m[1] === 'd' } : null;
}

export const containerFileName = (id: number): string => `c${id.toString(16)}.dat`;

/** Derby's factories number containers so: heaps (tables) end in 0, B-trees (indexes) in 1. */
export const isIndexContainer = (id: number): boolean => id % 16 === 1;

/** Reads the header from the first {@link containerHeaderBytes} of the file; null when no Derby container begins so. */
export function parseContainerHeader(start: Buffer): ContainerHeader | null {
  if (start.length < containerHeaderBytes) return null;
  const pageSize = start.readInt32BE(117);
  const committedDrop = (start.readInt32BE(113) & 2) !== 0;
  if (!pageSizes.has(pageSize)) return null;
  // A stub is the header alone, in an otherwise empty page.
  if (u16(start, 0) !== allocPageFormat && !committedDrop) return null;
  const crcOk =
    start[108] === borrowedBytes &&
    start.readInt32BE(borrowedAt) === 116 &&
    start.readInt32BE(headerCrcAt) === 0 &&
    start.readUInt32BE(headerCrcAt + 4) === crc32(start.subarray(borrowedAt, headerCrcAt));
  return { pageSize, committedDrop, crcOk };
}

/** Reads an allocation page, the first one (page 0) or a later one; null when its numbers cannot be true. */
export function parseAllocPage(page: Buffer, pageNumber: number): AllocExtent | null {
  if (page.length < containerHeaderBytes || u16(page, 0) !== allocPageFormat) return null;
  const extentAt = borrowedAt + (page[108] ?? 0);
  if (extentAt + 36 > page.length) return null;
  const nextAllocPage = i64(page, 60);
  const firstPage = i64(page, extentAt + 8);
  const lastPage = i64(page, extentAt + 16);
  const length = page.readInt32BE(extentAt + 24);
  const status = page.readInt32BE(extentAt + 28);
  const preallocated = page.readInt32BE(extentAt + 32);
  if (firstPage <= pageNumber || lastPage < firstPage || length < 0 || preallocated < 0) return null;
  if (nextAllocPage !== -1 && nextAllocPage <= pageNumber) return null;
  // A retired extent blots out page numbers that exist no longer.
  const isRetired = (status & 8) !== 0;
  return {
    nextAllocPage,
    usedPages: isRetired ? 0 : firstPage + length,
    demandPages: isRetired ? 0 : firstPage + Math.max(length, preallocated),
  };
}

/** The checksum in the page's last 8 bytes against its bytes. Page 0 needs {@link firstPageChecksumOk}. */
export function pageChecksumOk(chunk: Buffer, at: number, pageSize: number): boolean {
  const end = at + pageSize - 8;
  return storedChecksum(chunk, end) === crc32(chunk.subarray(at, end));
}

/** As {@link pageChecksumOk}; the container header in page 0 is left out, because it is written at other times. */
export function firstPageChecksumOk(page: Buffer): boolean {
  const end = page.length - 8;
  const headerEnd = borrowedAt + borrowedBytes;
  const head = crc32(zeros, crc32(page.subarray(0, borrowedAt)));
  return (
    page[108] === borrowedBytes && storedChecksum(page, end) === crc32(page.subarray(headerEnd, end), head)
  );
}

/** -1 when the upper half is not zero, which no checksum is. */
const storedChecksum = (b: Buffer, at: number): number =>
  b.readInt32BE(at) === 0 ? b.readUInt32BE(at + 4) : -1;

/** True when nothing was ever written to the page: what a filesystem leaves after a power cut. */
export function isZeroPage(chunk: Buffer, at: number, pageSize: number): boolean {
  for (let i = at; i < at + pageSize; i++) if (chunk[i] !== 0) return false;
  return true;
}
