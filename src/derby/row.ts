/*
 * Rows put together from their records. A row that grew goes on in other pages, and a long value lies in a chain of
 * pieces. The functions are generators that yield the number of a page they need and are given its bytes (null: there
 * is no such page), so that one reader serves a container in memory and one behind a network.
 */
import {
  findRecord,
  isOverflowPage,
  isUsedDataPage,
  type RecordHead,
  type RecordPointer,
  readFields,
  readRecordHead,
  slotCount,
} from './page.ts';

/** Work that asks for pages as it goes; the result is null when the container contradicts itself. */
export type PageWork<T> = Generator<number, T | null, Buffer | null>;

/** Where one column's bytes lie. */
export interface StoredValue {
  readonly page: Buffer;
  readonly from: number;
  readonly to: number;
  readonly isNull: boolean;
  /** The value lies in pieces that begin there; `from`..`to` is empty. */
  readonly next: RecordPointer | null;
}

/** Derby allows 1,012 columns and needs a record for each at worst, and one for a row that moved. */
const maxRecordsOfRow = 1100;

/** The heads of the live rows in one page of a table; null when a record does not lie inside the page. */
export function liveHeads(page: Buffer, pageNumber: number): RecordHead[] | null {
  if (!isUsedDataPage(page) || isOverflowPage(page)) return [];
  const slots = slotCount(page);
  if (slots === null) return null;
  const heads: RecordHead[] = [];
  // The first record of page 1 describes the table itself.
  for (let slot = pageNumber === 1 ? 1 : 0; slot < slots; slot++) {
    const head = readRecordHead(page, slot);
    if (!head) return null;
    if (!head.deleted && head.firstField === 0) heads.push(head);
  }
  return heads;
}

/** The stored columns of the row that begins with this record; columns added to the table later may be absent. */
export function* assembleRow(page: Buffer, head: RecordHead): PageWork<StoredValue[]> {
  const values: StoredValue[] = [];
  let record = head;
  let at = page;
  for (let turn = 0; turn < maxRecordsOfRow; turn++) {
    const fields = readFields(at, record);
    if (!fields || record.firstField !== (record.fieldCount === 0 ? record.firstField : values.length))
      return null;
    for (const { from, to, isNull, next } of fields) values.push({ page: at, from, to, isNull, next });
    if (!record.next) return values;
    const nextPage: Buffer | null = yield record.next.page;
    const nextRecord: RecordHead | null = nextPage && findRecord(nextPage, record.next.id);
    if (!nextPage || !nextRecord) return null;
    at = nextPage;
    record = nextRecord;
  }
  return null;
}

/** One piece of a long value and where the next one is. */
export interface Piece {
  readonly data: Buffer;
  readonly next: RecordPointer | null;
}

/** Reads the piece at the pointer. The data stays in its page's buffer. */
export function* readPiece(pointer: RecordPointer): PageWork<Piece> {
  const page: Buffer | null = yield pointer.page;
  const record = page && findRecord(page, pointer.id);
  const fields = record && readFields(page, record);
  const [first, second] = fields ?? [];
  if (!page || !fields || !first || first.isNull || first.next || fields.length > 2) return null;
  return { data: page.subarray(first.from, first.to), next: second?.next ?? null };
}

/** The bytes of a value wherever they lie. */
export function* readWholeValue(value: StoredValue, limitBytes: number): PageWork<Buffer | 'too-long'> {
  if (!value.next) {
    return value.to - value.from > limitBytes ? 'too-long' : value.page.subarray(value.from, value.to);
  }
  const pieces: Buffer[] = [];
  // Each piece of a value has a page of its own; a chain that comes back to one runs in a circle.
  const seen = new Set<number>();
  let bytes = 0;
  let pointer: RecordPointer | null = value.next;
  while (pointer) {
    if (seen.has(pointer.page)) return null;
    seen.add(pointer.page);
    const piece: Piece | null = yield* readPiece(pointer);
    if (!piece) return null;
    bytes += piece.data.length;
    if (bytes > limitBytes) return 'too-long';
    pieces.push(piece.data);
    pointer = piece.next;
  }
  return Buffer.concat(pieces, bytes);
}

/** Runs page work on a container that is in memory as a whole. */
export function workInMemory<T>(work: PageWork<T>, container: Buffer, pageSize: number): T | null {
  let step = work.next();
  while (!step.done) step = work.next(pageOf(container, pageSize, step.value));
  return step.value;
}

export function pageOf(container: Buffer, pageSize: number, number: number): Buffer | null {
  const at = number * pageSize;
  return number >= 1 && at + pageSize <= container.length ? container.subarray(at, at + pageSize) : null;
}
