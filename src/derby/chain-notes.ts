/*
 * What is met in a table's pages of rows that go on elsewhere and of values in pieces: a few numbers each, as there may be
 * millions.
 */
import type { RecordPointer } from './page.ts';

/** Numbers that grow in number. */
export interface Numbers {
  readonly length: number;
  push(...values: number[]): void;
  at(index: number): number;
  set(index: number, value: number): void;
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
    set(index, value) {
      values[index] = value;
    },
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
  /** Its first five bytes and its last three; less where it is shorter. */
  readonly front: Uint8Array;
  readonly tail: Uint8Array;
  readonly next: RecordPointer | null;
}

/** Places of the numbers of one record. `firstValue` counts values, and `piece` is a place; -1 when it can be none. */
export const ofRecord = {
  page: 0,
  id: 1,
  isHead: 2,
  nextPage: 3,
  nextId: 4,
  firstField: 5,
  fieldCount: 6,
  firstValue: 7,
  valueCount: 8,
  piece: 9,
} as const;
export const recordNotes = 10;

/** Of a value: two hashes, or where its first piece lies. */
export const ofValue = { column: 0, state: 1, a: 2, b: 3, page: 2, id: 3 } as const;
export const valueNotes = 4;
export const [sound, unsound, inPieces] = [0, 1, 2];

/** Of a piece: `word` is its first four bytes, `mixed` the fifth and its last three. */
export const ofPiece = {
  length: 0,
  a: 1,
  b: 2,
  word: 3,
  mixed: 4,
  blanks: 5,
  nextPage: 6,
  nextId: 7,
} as const;

/** 64 MB of notes; a table in which more rows go on elsewhere than fit is not followed. */
const maxNotes = 16 << 20;

export interface ChainNotes {
  readonly records: Numbers;
  readonly values: Numbers;
  readonly pieces: Numbers;
  /** There were more than are kept. */
  isFull(): boolean;
  /** Notes a record; pages come in their order. What is told next, until the next record, is of its fields. */
  record(record: ChainRecord): void;
  /** A value that lies whole in the record, with its hashes; `isSound` when it can be a value of its column. */
  value(column: number, isSound: boolean, a: number, b: number): void;
  /** A value in pieces. */
  long(column: number, first: RecordPointer): void;
  /** The record may be a piece. */
  piece(piece: ChainPiece): void;
}

export function chainNotes(): ChainNotes {
  const [records, values, pieces] = [numbers(), numbers(), numbers()];
  let isFull = false;

  const addValue = (column: number, state: number, a: number, b: number): void => {
    if (isFull) return;
    values.push(column, state, a, b);
    const counted = records.length - recordNotes + ofRecord.valueCount;
    records.set(counted, records.at(counted) + 1);
  };

  return {
    records,
    values,
    pieces,
    isFull: () => isFull,
    record({ page, id, isHead, next, firstField, fieldCount }) {
      if (records.length + values.length + pieces.length > maxNotes) isFull = true;
      if (isFull) return;
      records.push(page, id, isHead ? 1 : 0, next?.page ?? -1, next?.id ?? -1);
      records.push(firstField, fieldCount, values.length / valueNotes, 0, -1);
    },
    value: (column, isSound, a, b) => addValue(column, isSound ? sound : unsound, a, b),
    long: (column, first) => addValue(column, inPieces, first.page, first.id),
    piece({ length, a, b, blanks, front, tail, next }) {
      if (isFull) return;
      records.set(records.length - recordNotes + ofRecord.piece, pieces.length);
      const word =
        ((front[0] ?? 0) << 24) | ((front[1] ?? 0) << 16) | ((front[2] ?? 0) << 8) | (front[3] ?? 0);
      const last = ((tail[0] ?? 0) << 16) | ((tail[1] ?? 0) << 8) | (tail[2] ?? 0);
      const mixed = ((front[4] ?? 0) << 24) | last;
      pieces.push(length, a, b, word, mixed, blanks, next?.page ?? -1, next?.id ?? -1);
    },
  };
}
