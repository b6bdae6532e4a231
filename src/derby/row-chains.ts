/*
 * Rows that go on in other pages, and long values that lie in pieces, followed without reading anything twice: what is met
 * of them in a table's pages is noted in a few numbers each, and put together when all pages have passed.
 */
import type { RecordPointer } from './page.ts';
import type { PlaceSums } from './place-sums.ts';
import { isHashed, joinPiece, type PieceSum, takePieces, type ValueKind } from './value-check.ts';

/** Numbers that grow in number. */
interface Numbers {
  readonly length: number;
  push(...values: number[]): void;
  at(index: number): number;
}

function numbers(): Numbers {
  let values = new Int32Array(256);
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(...more) {
      if (length + more.length > values.length) {
        const longer = new Int32Array(values.length * 2);
        longer.set(values);
        values = longer;
      }
      for (const value of more) values[length++] = value;
    },
    at: (index) => values[index] as number,
  };
}

/** A record of a row, or a piece of a value: only what leads to it tells which. */
export interface ChainRecord {
  readonly page: number;
  readonly id: number;
  /** The row begins here. */
  readonly isHead: boolean;
  readonly next: RecordPointer | null;
  readonly firstField: number;
  readonly fieldCount: number;
}

export interface ChainPiece {
  readonly length: number;
  readonly a: number;
  readonly b: number;
  readonly blanks: number;
  readonly front: Uint8Array;
  readonly tail: Uint8Array;
  readonly next: RecordPointer | null;
}

export interface RowChains {
  /** Notes a record; pages come in their order. What is told next, until the next record, is of its fields. */
  record(record: ChainRecord): void;
  /** A value that lies whole in the record, with its hashes; `isSound` when it can be a value of its column. */
  value(column: number, isSound: boolean, a: number, b: number): void;
  /** A value in pieces. */
  long(column: number, first: RecordPointer): void;
  /** The record may be a piece. */
  piece(piece: ChainPiece): void;
  /**
   * Follows every row that began in a record noted as a head, and adds its values to the sums. Calls `broken` with the page
   * of each that does not hold together, and `unhashed` with the column of a value that has no hash. False when there were
   * too many to keep.
   */
  follow(
    kinds: ArrayLike<ValueKind>,
    sums: PlaceSums,
    on: { broken(page: number): void; unhashed(column: number): void },
  ): boolean;
}

/** 64 MB of notes; a table in which more rows go on elsewhere than fit is not followed. */
const maxNotes = 16 << 20;
const recordNotes = 10;
const valueNotes = 4;
const [sound, unsound, inPieces] = [0, 1, 2];
/** Derby allows 1,012 columns and needs a record for each at worst, and one for a row that moved. */
const maxRecordsOfRow = 1100;

export function rowChains(): RowChains {
  // Page, id, head, next page and id, first field, fields, first value, values, piece.
  const records = numbers();
  // Column, state, two hashes or a pointer.
  const values = numbers();
  // Length, hashes, first five bytes, last three, blanks at the end, next page and id.
  const pieces = numbers();
  let open: ChainRecord | null = null;
  let valuesFrom = 0;
  let piece = -1;
  let isFull = false;

  const close = (): void => {
    if (!open) return;
    const { page, id, isHead, next, firstField, fieldCount } = open;
    const count = values.length / valueNotes - valuesFrom;
    open = null;
    // A row that lies whole in its page was added as it passed.
    if (isHead && !next && count === 0) return;
    records.push(page, id, isHead ? 1 : 0, next?.page ?? -1, next?.id ?? -1);
    records.push(firstField, fieldCount, valuesFrom, count, piece);
  };

  /** The place of a record in the notes; -1 when there is none. */
  const find = (page: number, id: number): number => {
    let low = 0;
    let high = records.length / recordNotes;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (records.at(middle * recordNotes) < page) low = middle + 1;
      else high = middle;
    }
    for (let at = low * recordNotes; at < records.length && records.at(at) === page; at += recordNotes)
      if (records.at(at + 1) === id) return at;
    return -1;
  };

  return {
    record(record) {
      close();
      if (records.length + values.length + pieces.length > maxNotes) isFull = true;
      if (isFull) return;
      open = record;
      valuesFrom = values.length / valueNotes;
      piece = -1;
    },
    value(column, isSound, a, b) {
      if (open) values.push(column, isSound ? sound : unsound, a, b);
    },
    long(column, first) {
      if (open) values.push(column, inPieces, first.page, first.id);
    },
    piece({ length, a, b, blanks, front, tail, next }) {
      if (!open) return;
      piece = pieces.length;
      const word =
        ((front[0] ?? 0) << 24) | ((front[1] ?? 0) << 16) | ((front[2] ?? 0) << 8) | (front[3] ?? 0);
      const last = ((tail[0] ?? 0) << 16) | ((tail[1] ?? 0) << 8) | (tail[2] ?? 0);
      const mixed = ((front[4] ?? 0) << 24) | last;
      pieces.push(length, a, b, word, mixed, blanks, next?.page ?? -1, next?.id ?? -1);
    },
    follow(kinds, sums, { broken, unhashed }) {
      close();
      if (isFull) return false;
      // Nothing belongs to two rows.
      const taken = new Uint8Array(records.length / recordNotes);
      const take = (page: number, id: number): number => {
        const at = find(page, id);
        if (at < 0 || taken[at / recordNotes] !== 0) return -1;
        taken[at / recordNotes] = 1;
        return at;
      };
      const followPieces = (column: number, firstPage: number, firstId: number): boolean => {
        const [front, tail] = [new Uint8Array(5), new Uint8Array(3)];
        const sum: PieceSum = { a: 0, b: 0, length: 0, blanks: 0, front, tail };
        let hasTail = true;
        for (let page = firstPage, id = firstId; page >= 0; ) {
          const record = take(page, id);
          const at = record < 0 ? -1 : records.at(record + 9);
          if (at < 0 || records.at(record + 2) === 1) return false;
          const length = pieces.at(at);
          const mixed = pieces.at(at + 4);
          if (sum.length === 0) {
            const word = pieces.at(at + 3);
            front.set([word >>> 24, word >>> 16, word >>> 8, word, mixed >>> 24]);
          }
          hasTail = length >= 3;
          joinPiece(sum, {
            length,
            a: pieces.at(at + 1),
            b: pieces.at(at + 2),
            blanks: pieces.at(at + 5),
            tail: [mixed >>> 16, mixed >>> 8, mixed],
          });
          page = pieces.at(at + 6);
          id = pieces.at(at + 7);
        }
        const kind = kinds[column] ?? 0;
        const isValue = takePieces(kind, sum);
        if (isValue === false) return false;
        if (!isHashed(kind)) return true;
        if (isValue && hasTail) sums.addValue(column);
        else unhashed(column);
        return true;
      };
      const followValues = (at: number): boolean => {
        const from = records.at(at + 7) * valueNotes;
        const end = from + records.at(at + 8) * valueNotes;
        for (let v = from; v < end; v += valueNotes) {
          const column = values.at(v);
          const state = values.at(v + 1);
          if (state === unsound) return false;
          if (state === inPieces) {
            if (!followPieces(column, values.at(v + 2), values.at(v + 3))) return false;
          } else {
            sums.addHashed(column, values.at(v + 2) | 1, values.at(v + 3));
          }
        }
        return true;
      };
      const followRow = (head: number): boolean => {
        const [page, id] = [records.at(head), records.at(head + 1)];
        let count = records.at(head + 6);
        sums.resume(page, id);
        if (!followValues(head)) return false;
        let at = head;
        for (let turn = 0; records.at(at + 3) >= 0; turn++) {
          const next = take(records.at(at + 3), records.at(at + 4));
          if (next < 0 || records.at(next + 2) === 1 || turn > maxRecordsOfRow) return false;
          const fields = records.at(next + 6);
          if (fields > 0 && records.at(next + 5) !== count) return false;
          if (!followValues(next)) return false;
          count += fields;
          at = next;
        }
        return true;
      };
      for (let at = 0; at < records.length; at += recordNotes)
        if (records.at(at + 2) === 1 && !followRow(at)) broken(records.at(at));
      return true;
    },
  };
}
