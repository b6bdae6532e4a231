/*
 * Slots, records and fields of a Derby data page, with every read held inside the page: bytes from outside give null,
 * never an exception or an endless loop. Layout: Derby's StoredPage, StoredRecordHeader and StoredFieldHeader.
 */

/** Where another record lies: what Derby calls a record handle. */
export interface RecordPointer {
  readonly page: number;
  readonly id: number;
}

/** The front of a record. A record whose `next` is set goes on there; without fields of its own it is only a pointer. */
export interface RecordHead {
  readonly id: number;
  readonly deleted: boolean;
  readonly next: RecordPointer | null;
  /** Number of the row's column that is the first field here. */
  readonly firstField: number;
  readonly fieldCount: number;
  readonly fieldsAt: number;
  /** Offset after the last byte the record may use. */
  readonly end: number;
}

/** One stored column value: bytes `from`..`to` of its page. */
export interface FieldSpan {
  readonly from: number;
  readonly to: number;
  readonly isNull: boolean;
  /** The value goes on in pieces there (a long column). */
  readonly next: RecordPointer | null;
}

const statusDeleted = 1;
const statusOverflow = 2;
const statusFirstField = 4;
const fieldNull = 1;
const fieldOverflow = 2;

/** First byte of the record space, and the size of one entry of the slot table and of the checksum after it. */
export const recordSpaceAt = 60;
export const slotBytes = 6;
export const checksumBytes = 8;

export const dataPageFormat = 117;

/** Unsigned 16 bits; bytes outside the buffer count as zero. */
export const u16 = (b: Uint8Array, at: number): number => ((b[at] as number) << 8) | (b[at + 1] as number);

/** How many bytes a compressed int takes, from its first byte: 1 (6 bits), 2 (14 bits) or 4 (31 bits). */
export const compressedIntSize = (first: number): 1 | 2 | 4 => (first < 0x40 ? 1 : first < 0x80 ? 2 : 4);

/** How many bytes a compressed long takes, from its first byte: 2 (14 bits), 4 (30 bits) or 8 (63 bits). */
export const compressedLongSize = (first: number): 2 | 4 | 8 => (first < 0x40 ? 2 : first < 0x80 ? 4 : 8);

export function compressedInt(b: Uint8Array, at: number): number {
  const first = b[at] as number;
  if (first < 0x40) return first;
  if (first < 0x80) return ((first & 0x3f) << 8) | (b[at + 1] as number);
  return (
    ((first & 0x7f) << 24) |
    ((b[at + 1] as number) << 16) |
    ((b[at + 2] as number) << 8) |
    (b[at + 3] as number)
  );
}

/** Page numbers and other longs below 2^53; larger ones lose their last bits. */
export function compressedLong(b: Uint8Array, at: number): number {
  const first = b[at] as number;
  if (first < 0x40) return (first << 8) | (b[at + 1] as number);
  const low = ((b[at + 1] as number) << 16) | ((b[at + 2] as number) << 8) | (b[at + 3] as number);
  if (first < 0x80) return ((first & 0x3f) << 24) | low;
  const high = ((first & 0x7f) << 24) | low;
  return (
    high * 0x1_0000_0000 +
    ((((b[at + 4] as number) << 24) | ((b[at + 5] as number) << 16) | u16(b, at + 6)) >>> 0)
  );
}

/**
 * The number of slots in use, or null when the slot table or the records would not fit into the page. Records that lay
 * over each other could make one page cost the work of thousands.
 */
export function slotCount(page: Uint8Array): number | null {
  const slots = u16(page, 14);
  const slotTableAt = page.length - checksumBytes - slots * slotBytes;
  let room = slotTableAt - recordSpaceAt;
  if (room < 0) return null;
  for (let at = slotTableAt; at < page.length - checksumBytes; at += slotBytes) room -= u16(page, at + 2);
  return room >= 0 ? slots : null;
}

/** True for a data page in use (not a freed, preallocated or allocation page). */
export const isUsedDataPage = (page: Uint8Array): boolean => u16(page, 0) === dataPageFormat && page[5] === 1;

/** True for a page that holds only continuations of rows that begin elsewhere. */
export const isOverflowPage = (page: Uint8Array): boolean => page[4] !== 0;

/** Reads a compressed long and int at `at`; null when they reach over `end`. */
function pointerAt(
  page: Uint8Array,
  at: number,
  end: number,
): { pointer: RecordPointer; after: number } | null {
  if (at >= end) return null;
  const idAt = at + compressedLongSize(page[at] as number);
  if (idAt >= end) return null;
  const after = idAt + compressedIntSize(page[idAt] as number);
  if (after > end) return null;
  return { pointer: { page: compressedLong(page, at), id: compressedInt(page, idAt) }, after };
}

/** The front of the record in that slot, or null when it does not lie inside the page. */
export function readRecordHead(page: Uint8Array, slot: number): RecordHead | null {
  const slotAt = page.length - checksumBytes - slotBytes * (slot + 1);
  if (slot < 0 || slotAt < recordSpaceAt) return null;
  const from = u16(page, slotAt);
  const end = from + u16(page, slotAt + 2);
  if (from < recordSpaceAt || end > slotAt || from + 2 > end) return null;
  const status = page[from] as number;
  let at = from + 1;
  const id = compressedInt(page, at);
  at += compressedIntSize(page[at] as number);
  let next: RecordPointer | null = null;
  let firstField = 0;
  let fieldCount = 0;
  if (status & statusOverflow) {
    const read = pointerAt(page, at, end);
    if (!read) return null;
    next = read.pointer;
    at = read.after;
  }
  if (status & statusFirstField) {
    if (at >= end) return null;
    firstField = compressedInt(page, at);
    at += compressedIntSize(page[at] as number);
  }
  if (!(status & statusOverflow) || status & statusFirstField) {
    if (at >= end) return null;
    fieldCount = compressedInt(page, at);
    at += compressedIntSize(page[at] as number);
  }
  // A field takes a byte at least.
  if (at + fieldCount > end) return null;
  return { id, deleted: (status & statusDeleted) !== 0, next, firstField, fieldCount, fieldsAt: at, end };
}

/** The record's fields in order, or null when one reaches out of the record. */
export function readFields(page: Uint8Array, head: RecordHead): FieldSpan[] | null {
  const fields: FieldSpan[] = [];
  let at = head.fieldsAt;
  for (let i = 0; i < head.fieldCount; i++) {
    if (at >= head.end) return null;
    const status = page[at++] as number;
    if (status & fieldNull) {
      fields.push({ from: at, to: at, isNull: true, next: null });
      continue;
    }
    if (at >= head.end) return null;
    const length = compressedInt(page, at);
    at += compressedIntSize(page[at] as number);
    const to = at + length;
    if (to > head.end) return null;
    if (status & fieldOverflow) {
      const read = pointerAt(page, at, to);
      if (!read) return null;
      fields.push({ from: to, to, isNull: false, next: read.pointer });
    } else {
      fields.push({ from: at, to, isNull: false, next: null });
    }
    at = to;
  }
  return fields;
}

/** Finds a record by its id, which unlike its slot never changes. */
export function findRecord(page: Uint8Array, id: number): RecordHead | null {
  const slots = slotCount(page);
  if (slots === null || u16(page, 0) !== dataPageFormat) return null;
  for (let slot = 0; slot < slots; slot++) {
    const at = u16(page, page.length - checksumBytes - slotBytes * (slot + 1));
    if (at < recordSpaceAt || compressedInt(page, at + 1) !== id) continue;
    return readRecordHead(page, slot);
  }
  return null;
}
