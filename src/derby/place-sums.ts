/*
 * Sets of rows, whatever their order, in a few numbers: how many, and sums of hashes of their places. For each column
 * there are sums of hashes of place and value, so that an index can be held against its table column by column, by whoever
 * saw both pass in any order.
 */
import { hashA, hashB } from './value-check.ts';

/** How many places, and two sums of 32-bit hashes of page and record id. */
export interface RowPlaces {
  count: number;
  low: number;
  high: number;
}

export interface PlaceSums {
  readonly places: RowPlaces;
  /** Two sums for each column; what is null adds nothing. */
  readonly values: Int32Array;
  /** Adds a row. The values that follow are its. */
  addPlace(page: number, id: number): void;
  /** Takes up a row that was added before, for more of its values. */
  resume(page: number, id: number): void;
  /** Adds the value last taken by value-check.ts. */
  addValue(column: number): void;
  /** The same with hashes that were kept. */
  addHashed(column: number, a: number, b: number): void;
}

export function placeSums(columns: number): PlaceSums {
  const places: RowPlaces = { count: 0, low: 0, high: 0 };
  const values = new Int32Array(columns * 2);
  let placeA = 0;
  let placeB = 0;

  /** The two lanes are independent, so that the sums behave as one of 64 bits. */
  const resume = (page: number, id: number): void => {
    let a = Math.imul(page ^ 0x9e3779b9, 0x85ebca6b);
    a ^= a >>> 15;
    a = Math.imul(a + id, 0xc2b2ae35);
    placeA = a ^ (a >>> 13);
    let b = Math.imul(id ^ 0x7feb352d, 0x846ca68b);
    b ^= b >>> 16;
    b = Math.imul(b + page, 0x9e485565);
    placeB = b ^ (b >>> 14);
  };
  const addHashed = (column: number, valueA: number, valueB: number): void => {
    const at = column * 2;
    if (at >= values.length) return;
    let a = Math.imul(valueA ^ placeA, 0x7feb352d);
    a ^= a >>> 15;
    let b = Math.imul(valueB ^ placeB, 0x2c1b3c6d);
    b ^= b >>> 16;
    values[at] = ((values[at] as number) + Math.imul(a, 0x846ca68b)) | 0;
    values[at + 1] = ((values[at + 1] as number) + Math.imul(b, 0x297a2d39)) | 0;
  };
  return {
    places,
    values,
    resume,
    addHashed,
    addPlace(page, id) {
      resume(page, id);
      places.count++;
      places.low = (places.low + Math.imul(placeA, 0x27d4eb2f)) | 0;
      places.high = (places.high + Math.imul(placeB, 0x165667b1)) | 0;
    },
    addValue: (column) => addHashed(column, hashA | 1, hashB),
  };
}
