/*
 * Which keys were seen, and with what rows, for many rows in a few typed arrays: 128 bits of a SHA-256 for a key and 64
 * for its row, so that two of a million keys are taken for one once in 10^26 databases.
 */
import { hash } from 'node:crypto';

/** A SHA-256 of a key or a row. */
export type Digest = Buffer;

export const digestOf = (text: string): Digest => hash('sha256', text, 'buffer');

/** Which of so many parts (a power of two) a key falls into; part n is parts 2n and 2n+1 of twice as many. */
export const partOf = (key: Digest, parts: number): number =>
  Math.floor((key.readUInt32LE(20) / 0x1_0000_0000) * parts);

/** Keys with a mark and a row's digest each. A place is good until the next key is added. */
export interface KeyTable {
  /** The place of a key, new with mark 0; null when the table is full. */
  add(key: Digest): number | null;
  /** -1 when the key is not there. */
  find(key: Digest): number;
  mark(place: number): number;
  setMark(place: number, mark: number): void;
  setRow(place: number, row: Digest): void;
  isRow(place: number, row: Digest): boolean;
  /** The marks of all keys; places without a key have 0. */
  marks(): Int32Array;
}

const fillLimit = 0.75;

/** An empty table that grows up to so many keys; a key takes 40 to 80 bytes. */
export function createKeyTable(maxKeys: number): KeyTable {
  let slots = 1 << 12;
  let size = 0;
  let keys = new Uint32Array(slots * 4);
  let used = new Uint8Array(slots);
  let marks = new Int32Array(slots);
  let rows = new Uint32Array(slots * 2);

  /** The place of the key, or minus one less the free one where it would go. */
  const search = (a: number, b: number, c: number, d: number): number => {
    for (let slot = a & (slots - 1); ; slot = (slot + 1) & (slots - 1)) {
      if (!used[slot]) return -1 - slot;
      const at = slot * 4;
      if (keys[at] === a && keys[at + 1] === b && keys[at + 2] === c && keys[at + 3] === d) return slot;
    }
  };
  const put = (slot: number, a: number, b: number, c: number, d: number): void => {
    used[slot] = 1;
    keys.set([a, b, c, d], slot * 4);
  };
  const grow = (): void => {
    const [oldKeys, oldUsed, oldMarks, oldRows] = [keys, used, marks, rows];
    slots *= 2;
    keys = new Uint32Array(slots * 4);
    used = new Uint8Array(slots);
    marks = new Int32Array(slots);
    rows = new Uint32Array(slots * 2);
    for (let old = 0; old < oldUsed.length; old++) {
      if (!oldUsed[old]) continue;
      const [a = 0, b = 0, c = 0, d = 0] = oldKeys.subarray(old * 4, old * 4 + 4);
      const slot = -1 - search(a, b, c, d);
      put(slot, a, b, c, d);
      marks[slot] = oldMarks[old] as number;
      rows.set(oldRows.subarray(old * 2, old * 2 + 2), slot * 2);
    }
  };
  const searchKey = (key: Digest): number =>
    search(key.readUInt32LE(0), key.readUInt32LE(4), key.readUInt32LE(8), key.readUInt32LE(12));

  return {
    add(key) {
      let slot = searchKey(key);
      if (slot >= 0) return slot;
      if (size >= maxKeys) return null;
      if (size >= slots * fillLimit) {
        grow();
        slot = searchKey(key);
      }
      size++;
      put(-1 - slot, key.readUInt32LE(0), key.readUInt32LE(4), key.readUInt32LE(8), key.readUInt32LE(12));
      return -1 - slot;
    },
    find: (key) => Math.max(-1, searchKey(key)),
    mark: (place) => marks[place] as number,
    setMark(place, mark) {
      marks[place] = mark;
    },
    setRow(place, row) {
      rows[place * 2] = row.readUInt32LE(0);
      rows[place * 2 + 1] = row.readUInt32LE(4);
    },
    isRow: (place, row) =>
      rows[place * 2] === row.readUInt32LE(0) && rows[place * 2 + 1] === row.readUInt32LE(4),
    marks: () => marks,
  };
}
