/*
 * Rows that go on in other pages, and long values that lie in pieces, followed without reading anything twice: what was
 * noted of them while a table's pages passed is put together when all have.
 */
import {
  type ChainNotes,
  inPieces,
  ofPiece,
  ofRecord,
  ofValue,
  recordNotes,
  unsound,
  valueNotes,
} from './chain-notes.ts';
import type { PlaceSums } from './place-sums.ts';
import { isHashed, joinPiece, type PieceSum, takePieces, type ValueKind } from './value-check.ts';

/** What is told of the rows that were followed. */
export interface FollowEvents {
  /** With the page of a row that does not hold together. */
  broken(page: number): void;
  /** With the column of a value that has no hash. */
  unhashed(column: number): void;
}

/** Derby allows 1,012 columns and needs a record for each at worst, and one for a row that moved. */
const maxRecordsOfRow = 1100;

interface Walk {
  readonly notes: ChainNotes;
  readonly kinds: ArrayLike<ValueKind>;
  readonly sums: PlaceSums;
  readonly on: FollowEvents;
  /** By the number of the record: nothing belongs to two rows. */
  readonly taken: Uint8Array;
}

/**
 * Follows every row that began in a record noted as a head, and adds its values to the sums. False when there were too many
 * notes to keep.
 */
export function followRows(
  notes: ChainNotes,
  kinds: ArrayLike<ValueKind>,
  sums: PlaceSums,
  on: FollowEvents,
): boolean {
  if (notes.isFull()) return false;
  const { records } = notes;
  const walk: Walk = { notes, kinds, sums, on, taken: new Uint8Array(records.length / recordNotes) };
  for (let at = 0; at < records.length; at += recordNotes)
    if (records.at(at + ofRecord.isHead) === 1 && !followRow(walk, at))
      on.broken(records.at(at + ofRecord.page));
  return true;
}

/** From record to record, each of which holds the columns after those of the one before it. */
function followRow(walk: Walk, head: number): boolean {
  const { records } = walk.notes;
  walk.sums.resume(records.at(head + ofRecord.page), records.at(head + ofRecord.id));
  if (!followValues(walk, head)) return false;
  let count = records.at(head + ofRecord.fieldCount);
  let at = head;
  for (let turn = 0; records.at(at + ofRecord.nextPage) >= 0; turn++) {
    const next = take(walk, records.at(at + ofRecord.nextPage), records.at(at + ofRecord.nextId));
    if (next < 0 || records.at(next + ofRecord.isHead) === 1 || turn > maxRecordsOfRow) return false;
    const fields = records.at(next + ofRecord.fieldCount);
    if (fields > 0 && records.at(next + ofRecord.firstField) !== count) return false;
    if (!followValues(walk, next)) return false;
    count += fields;
    at = next;
  }
  return true;
}

function followValues(walk: Walk, record: number): boolean {
  const { records, values } = walk.notes;
  const from = records.at(record + ofRecord.firstValue) * valueNotes;
  const end = from + records.at(record + ofRecord.valueCount) * valueNotes;
  for (let at = from; at < end; at += valueNotes) {
    const column = values.at(at + ofValue.column);
    const state = values.at(at + ofValue.state);
    if (state === unsound) return false;
    if (state === inPieces) {
      if (!followPieces(walk, column, values.at(at + ofValue.page), values.at(at + ofValue.id))) return false;
    } else {
      walk.sums.addHashed(column, values.at(at + ofValue.a) | 1, values.at(at + ofValue.b));
    }
  }
  return true;
}

/** From piece to piece of one value, which is then taken as a whole. */
function followPieces(walk: Walk, column: number, firstPage: number, firstId: number): boolean {
  const { records, pieces } = walk.notes;
  const sum: PieceSum = {
    a: 0,
    b: 0,
    length: 0,
    blanks: 0,
    front: new Uint8Array(5),
    tail: new Uint8Array(3),
  };
  let hasTail = true;
  for (let page = firstPage, id = firstId; page >= 0; ) {
    const record = take(walk, page, id);
    const at = record < 0 ? -1 : records.at(record + ofRecord.piece);
    if (at < 0 || records.at(record + ofRecord.isHead) === 1) return false;
    addPiece(sum, walk.notes, at);
    hasTail = pieces.at(at + ofPiece.length) >= 3;
    page = pieces.at(at + ofPiece.nextPage);
    id = pieces.at(at + ofPiece.nextId);
  }
  const kind = walk.kinds[column] ?? 0;
  const isValue = takePieces(kind, sum);
  if (isValue === false) return false;
  if (!isHashed(kind)) return true;
  if (isValue && hasTail) walk.sums.addValue(column);
  else walk.on.unhashed(column);
  return true;
}

function addPiece(sum: PieceSum, { pieces }: ChainNotes, at: number): void {
  const mixed = pieces.at(at + ofPiece.mixed);
  if (sum.length === 0) {
    const word = pieces.at(at + ofPiece.word);
    sum.front.set([word >>> 24, word >>> 16, word >>> 8, word, mixed >>> 24]);
  }
  joinPiece(sum, {
    length: pieces.at(at + ofPiece.length),
    a: pieces.at(at + ofPiece.a),
    b: pieces.at(at + ofPiece.b),
    blanks: pieces.at(at + ofPiece.blanks),
    tail: [mixed >>> 16, mixed >>> 8, mixed],
  });
}

/** The record of that place, once; -1 when there is none, or it belongs to another row. */
function take({ notes, taken }: Walk, page: number, id: number): number {
  const at = find(notes, page, id);
  if (at < 0 || taken[at / recordNotes] !== 0) return -1;
  taken[at / recordNotes] = 1;
  return at;
}

/** The place of a record in the notes; -1 when there is none. */
function find({ records }: ChainNotes, page: number, id: number): number {
  let low = 0;
  let high = records.length / recordNotes;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (records.at(middle * recordNotes + ofRecord.page) < page) low = middle + 1;
    else high = middle;
  }
  for (
    let at = low * recordNotes;
    at < records.length && records.at(at + ofRecord.page) === page;
    at += recordNotes
  )
    if (records.at(at + ofRecord.id) === id) return at;
  return -1;
}
