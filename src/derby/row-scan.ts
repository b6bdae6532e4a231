/*
 * The rows in a table's pages as they pass: counted, their places and values summed up, and each followed to wherever it
 * goes on.
 */
import { type ChainRecord, chainNotes } from './chain-notes.ts';
import { parseConglomerate } from './conglomerate.ts';
import { brokenPages, type ContentFacts, type ContentScan, slotTable } from './content.ts';
import {
  compressedInt,
  compressedIntSize,
  compressedLong,
  compressedLongSize,
  type RecordPointer,
  recordSpaceAt,
  slotBytes,
  u16,
} from './page.ts';
import { placeSums } from './place-sums.ts';
import { followRows } from './row-chains.ts';
import {
  blanksAtEnd,
  hashA,
  hashB,
  hashPiece,
  isHashed,
  isTextKey,
  mayBeLongKey,
  takeValue,
} from './value-check.ts';

/** Bits of the first byte of a record, and of a field. */
const [recordDeleted, recordGoesOn, recordFirstField] = [1, 2, 4];
const [fieldNull, fieldInPieces] = [1, 2];

/** The record at hand. One object serves for all of a scan. */
interface RecordAtHand extends ChainRecord {
  page: number;
  id: number;
  isHead: boolean;
  next: RecordPointer | null;
  firstField: number;
  fieldCount: number;
  fieldsAt: number;
  end: number;
  isNoted: boolean;
  /** Each value that lies in it can be one of its column. */
  isSound: boolean;
}

const noRecord = (): RecordAtHand => ({
  page: 0,
  id: 0,
  isHead: false,
  next: null,
  firstField: 0,
  fieldCount: 0,
  fieldsAt: 0,
  end: 0,
  isNoted: false,
  isSound: true,
});

/** Reads the rows of a table. */
export const scanRowPages = (pageSize: number): ContentScan => new RowScan(pageSize);

class RowScan implements ContentScan {
  readonly #pageSize: number;
  #conglomerate: ReturnType<typeof parseConglomerate> = null;
  #kinds = new Uint8Array(0);
  #sums = placeSums(0);
  #hasLongKeys = false;
  readonly #record = noRecord();
  readonly #notes = chainNotes();
  readonly #broken = brokenPages();

  constructor(pageSize: number) {
    this.#pageSize = pageSize;
  }

  page(b: Buffer, pageAt: number, number: number): boolean {
    if (number === 1) this.#learn(b.subarray(pageAt, pageAt + this.#pageSize));
    const slots = slotTable(b, pageAt, this.#pageSize);
    if (!slots) return false;
    const isOverflow = b[pageAt + 4] !== 0;
    // Records that lay over each other could make one page cost the work of thousands.
    let room = slots.lastAt - pageAt - recordSpaceAt;
    // The first record of page 1 describes the table itself.
    for (let slot = number === 1 ? 1 : 0; slot < slots.count; slot++) {
      const slotAt = slots.firstAt - slot * slotBytes;
      const from = pageAt + u16(b, slotAt);
      const length = u16(b, slotAt + 2);
      const end = from + length;
      room -= length;
      if (from < pageAt + recordSpaceAt || length < 3 || end > slots.lastAt || room < 0) return false;
      if ((b[from] as number) & recordDeleted && !isOverflow) continue;
      if (!readHead(this.#record, b, from, end, number, isOverflow) || !this.#takeRecord(b)) return false;
    }
    return true;
  }

  end(): ContentFacts {
    const [conglomerate, kinds, sums, broken] = [this.#conglomerate, this.#kinds, this.#sums, this.#broken];
    // An index keeps its entry when a text changes to one that is equal in the language's order.
    const isCollated = conglomerate?.isCollated === true;
    const hashed = [...kinds].map((kind) => isHashed(kind) && !(isCollated && isTextKey(kind)));
    const unhashed = (column: number): void => {
      hashed[column] = false;
    };
    const isFollowed = followRows(this.#notes, kinds, sums, { broken: broken.add, unhashed });
    const isKnown = conglomerate !== null && conglomerate.table === null;
    return {
      places: sums.places,
      values: isKnown && isFollowed ? sums.values : null,
      hashed,
      container: conglomerate?.container ?? null,
      table: conglomerate?.table ?? null,
      columns: isKnown ? kinds.length : null,
      brokenPages: broken.pages,
      brokenCount: broken.count(),
      isFollowed,
    };
  }

  /** Page 1 says which columns there are. */
  #learn(page: Buffer): void {
    this.#conglomerate = parseConglomerate(page);
    if (!this.#conglomerate || this.#conglomerate.table !== null) return;
    const { kinds } = this.#conglomerate;
    this.#kinds = Uint8Array.from(kinds);
    this.#sums = placeSums(kinds.length);
    // Where pages are longest, a value that is longer than one is too long for a key.
    this.#hasLongKeys = this.#pageSize < 32768 && kinds.some(mayBeLongKey);
  }

  #takeRecord(b: Buffer): boolean {
    const record = this.#record;
    if (record.isHead) this.#sums.addPlace(record.page, record.id);
    if (record.isNoted) this.#notes.record(record);
    if (!this.#takeFields(b)) return false;
    if (mayBePiece(record)) this.#takePiece(b);
    if (!record.isSound) this.#broken.add(record.page);
    return true;
  }

  #takeFields(b: Buffer): boolean {
    const { firstField, fieldCount, fieldsAt, end } = this.#record;
    let at = fieldsAt;
    for (let column = firstField; column < firstField + fieldCount; column++) {
      if (at >= end) return false;
      const status = b[at++] as number;
      if (status & fieldNull) continue;
      if (at >= end) return false;
      const length = compressedInt(b, at);
      at += compressedIntSize(b[at] as number);
      const to = at + length;
      if (to > end) return false;
      if (status & fieldInPieces) {
        if (at + pointerBytes(b, at) > to) return false;
        this.#takeLong(column, pointerAt(b, at));
      } else {
        this.#takeValue(column, b, at, to);
      }
      at = to;
    }
    return true;
  }

  #takeValue(column: number, b: Buffer, from: number, to: number): void {
    const kind = this.#kinds[column] ?? 0;
    if (kind === 0) return;
    const isValue = takeValue(kind, b, from, to);
    const isSummed = isHashed(kind);
    if (!this.#record.isHead) {
      if (isSummed || !isValue) this.#notes.value(column, isValue, hashA, hashB);
    } else if (!isValue) {
      this.#record.isSound = false;
    } else if (isSummed) {
      this.#sums.addValue(column);
    }
  }

  #takeLong(column: number, first: RecordPointer): void {
    if (!this.#record.isNoted) this.#notes.record(this.#record);
    this.#record.isNoted = true;
    this.#notes.long(column, first);
  }

  /** A piece has a field with its bytes, and one that leads to the next piece. Its fields were found to be inside of it. */
  #takePiece(b: Buffer): void {
    const { fieldsAt, fieldCount } = this.#record;
    const status = b[fieldsAt] as number;
    if (status & (fieldNull | fieldInPieces)) return;
    const length = compressedInt(b, fieldsAt + 1);
    const from = fieldsAt + 1 + compressedIntSize(b[fieldsAt + 1] as number);
    const to = from + length;
    const nextStatus = fieldCount === 2 ? (b[to] as number) : fieldNull;
    const leadsOn = (nextStatus & (fieldNull | fieldInPieces)) === fieldInPieces;
    const next = leadsOn ? pointerAt(b, to + 1 + compressedIntSize(b[to + 1] as number)) : null;
    const front = b.subarray(from, Math.min(from + 5, to));
    const tail = b.subarray(Math.max(to - 3, from), to);
    if (this.#hasLongKeys) {
      hashPiece(b, from, to);
      this.#notes.piece({ length, a: hashA, b: hashB, blanks: blanksAtEnd(b, from, to), front, tail, next });
    } else {
      this.#notes.piece({ length, a: 0, b: 0, blanks: 0, front, tail, next });
    }
  }
}

/** Reads the front of a record that lies at `from`..`end`; false when it takes more than that. */
function readHead(
  record: RecordAtHand,
  b: Buffer,
  from: number,
  end: number,
  page: number,
  isOverflow: boolean,
): boolean {
  const status = b[from] as number;
  let at = from + 1;
  record.page = page;
  record.id = compressedInt(b, at);
  at += compressedIntSize(b[at] as number);
  record.next = null;
  if (status & recordGoesOn) {
    record.next = pointerAt(b, at);
    at += pointerBytes(b, at);
  }
  record.firstField = 0;
  if (status & recordFirstField) {
    record.firstField = compressedInt(b, at);
    at += compressedIntSize(b[at] as number);
  }
  record.fieldCount = 0;
  // Without fields of its own it is only a pointer.
  if ((status & (recordGoesOn | recordFirstField)) !== recordGoesOn) {
    record.fieldCount = compressedInt(b, at);
    at += compressedIntSize(b[at] as number);
  }
  record.fieldsAt = at;
  record.end = end;
  // Only the first record of a row stands for it.
  record.isHead = !isOverflow && record.firstField === 0;
  record.isNoted = !record.isHead || record.next !== null;
  record.isSound = true;
  // A field takes a byte at least.
  return at + record.fieldCount <= end;
}

const mayBePiece = ({ isHead, next, firstField, fieldCount }: RecordAtHand): boolean =>
  !isHead && !next && firstField === 0 && (fieldCount === 1 || fieldCount === 2);

function pointerAt(b: Buffer, at: number): RecordPointer {
  return {
    page: compressedLong(b, at),
    id: compressedInt(b, at + compressedLongSize(b[at] as number)),
  };
}

function pointerBytes(b: Buffer, at: number): number {
  const pageBytes = compressedLongSize(b[at] as number);
  return pageBytes + compressedIntSize(b[at + pageBytes] as number);
}
