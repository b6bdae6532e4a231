/*
 * One stored value as it passes by: whether it can be a value of its type, and a hash of what it says. An index keeps a
 * copy of its rows' values, and the same value may be stored in two ways (a text that came as a stream has no length
 * before it), so the hash is of the value and not of its bytes. To Derby two texts or strings of bytes that differ in blanks
 * at their end alone are the same value (SQLChar.stringCompare, SQLBinary.compare), and an index keeps the entry that it has
 * when a row changes from one to the other (IndexChanger): such blanks are no part of the hash. Layout: the writeExternal of
 * Derby's types.
 */
import { u16 } from './page.ts';

/**
 * How a type is stored: {@link fixedSize} plus its bytes, or one of the others. Long types can be no key of an index, so
 * their values get no hash.
 */
export type ValueKind = number;
export const opaque: ValueKind = 0;
const text: ValueKind = 1;
const bytes: ValueKind = 2;
const decimal: ValueKind = 3;
const longText: ValueKind = 4;
const longBytes: ValueKind = 5;
const fixedSize: ValueKind = 16;

/** By Derby's StoredFormatIds; a container's first page names the format of each of its columns. */
const kinds: ReadonlyMap<number, ValueKind> = new Map([
  [77, fixedSize + 1],
  [199, fixedSize + 1],
  [83, fixedSize + 2],
  [80, fixedSize + 4],
  [81, fixedSize + 4],
  [298, fixedSize + 4],
  [79, fixedSize + 8],
  [84, fixedSize + 8],
  [299, fixedSize + 8],
  [31, fixedSize + 12],
  [78, text],
  [85, text],
  [87, bytes],
  [88, bytes],
  [200, decimal],
  [235, longText],
  [234, longBytes],
  [443, longBytes],
]);

export const valueKind = (formatId: number): ValueKind => kinds.get(formatId) ?? opaque;

export const isHashed = (kind: ValueKind): boolean =>
  kind >= fixedSize || kind === text || kind === bytes || kind === decimal;

/** True for a text that may be the key of an index. */
export const isTextKey = (kind: ValueKind): boolean => kind === text;

/** True for a value that may be longer than a page of its table and still the key of an index. */
export const mayBeLongKey = (kind: ValueKind): boolean => kind === text || kind === bytes;

/** Two 32-bit hashes of the value last given to {@link takeValue}: module state, as an object for each would cost more. */
export let hashA = 0;
export let hashB = 0;

/**
 * Hashes the value at `from`..`to`, if its kind is one that is hashed; false when it is no value of that kind. Derby would
 * fail to read it.
 */
export function takeValue(kind: ValueKind, b: Uint8Array, from: number, to: number): boolean {
  const length = to - from;
  if (kind >= fixedSize) {
    if (length !== kind - fixedSize) return false;
    if (length === 4) hashWord(b, from);
    else hash(b, from, to, 0);
    return true;
  }
  switch (kind) {
    case text: {
      const header = length < 2 ? -1 : u16(b, from);
      if (header !== 0 && header !== length - 2) return false;
      const end = header === 0 && endsInMark(b, from + 2, to) ? to - 3 : to;
      return hash(b, from + 2, unpadded(b, from + 2, end), 1) || isText(b, from + 2, end);
    }
    case bytes: {
      const at = bytesAt(b, from, length);
      if (at < 0) return false;
      hash(b, from + at, unpadded(b, from + at, to), 2);
      return true;
    }
    case decimal:
      hash(b, from, to, 0);
      return length >= 3 && b[from + 1] === length - 2;
    case longText: {
      const header = length < 2 ? -1 : u16(b, from);
      return header === 0 || header === length - 2;
    }
    case longBytes:
      return bytesAt(b, from, length) >= 0;
    default:
      return true;
  }
}

const blank = 0x20;
const markBytes = 3;

/** Where the value ends without the blanks at its end. */
function unpadded(b: Uint8Array, from: number, to: number): number {
  let end = to;
  while (end > from && b[end - 1] === blank) end--;
  return end;
}

const endsInMark = (b: Uint8Array, from: number, to: number): boolean =>
  to - from >= 3 && b[to - 3] === 0xe0 && b[to - 2] === 0 && b[to - 1] === 0;

/** Length of the header before a value of bytes, of which the first five are enough to see it; -1 when it is none. */
function bytesAt(b: Uint8Array, from: number, length: number): number {
  const first = b[from] as number;
  if (length < 1) return -1;
  if (first === 0xc0)
    return length >= 5 && u16(b, from + 1) * 0x1_0000 + u16(b, from + 3) === length - 5 ? 5 : -1;
  if (first === 0xa0) return length >= 3 && u16(b, from + 1) === length - 3 ? 3 : -1;
  if (first & 0x80) return (first & 0x1f) === length - 1 ? 1 : -1;
  // Four bytes, in bits: of old releases, or 0 for a stream whose length was not known.
  if (length < 4) return -1;
  const bits = u16(b, from) * 0x1_0000 + u16(b, from + 2);
  return bits === 0 || Math.ceil(bits / 8) === length - 4 ? 4 : -1;
}

/** Values above it are hashed byte by byte, so that one in pieces has the hash of its pieces together. */
const wordBytes = 1024;
const baseA = 0x01000193;
const baseB = 0x5bd1e995;
const power = (base: number, exponent: number): number => {
  let result = 1;
  for (let square = base, left = exponent; left > 0; left >>>= 1, square = Math.imul(square, square))
    if (left & 1) result = Math.imul(result, square);
  return result;
};
const [a2, a3, a4] = [power(baseA, 2), power(baseA, 3), power(baseA, 4)] as const;
const [b2, b3, b4] = [power(baseB, 2), power(baseB, 3), power(baseB, 4)] as const;

function hashWord(b: Uint8Array, at: number): void {
  const word =
    ((b[at] as number) << 24) |
    ((b[at + 1] as number) << 16) |
    ((b[at + 2] as number) << 8) |
    (b[at + 3] as number);
  hashA = Math.imul(word ^ 0x165667b1, 0x9e3779b1);
  hashB = Math.imul(word ^ 0x27d4eb2f, 0x85ebca6b);
}

/** Sets the hashes; true when no byte has its upper bit set, so that a text is one beyond doubt. */
function hash(b: Uint8Array, from: number, to: number, tag: number): boolean {
  const length = to - from;
  if (length > wordBytes) {
    const isPlain = hashPiece(b, from, to);
    hashA = finished(hashA, length, tag);
    hashB = finished(hashB, length, tag);
    return isPlain;
  }
  let x = length + (tag << 16);
  let y = ~x;
  let any = 0;
  let at = from;
  for (const last = to - 3; at < last; at += 4) {
    const word =
      ((b[at] as number) << 24) |
      ((b[at + 1] as number) << 16) |
      ((b[at + 2] as number) << 8) |
      (b[at + 3] as number);
    any |= word;
    x = (Math.imul(x, 0x9e3779b1) + word) | 0;
    y = Math.imul(y ^ word, 0x85ebca6b);
    y = (y << 13) | (y >>> 19);
  }
  let rest = 0;
  for (; at < to; at++) rest = (rest << 8) | (b[at] as number);
  any |= rest;
  hashA = (Math.imul(x, 0x9e3779b1) + rest) | 0;
  hashB = Math.imul(y ^ rest, 0x85ebca6b);
  return (any & 0x80808080) === 0;
}

const finished = (x: number, length: number, tag: number): number =>
  Math.imul(x ^ (length + (tag << 28)), 0x2c1b3c6d);

/** Sets the hashes of a part of a long value; see {@link joinPiece}. */
export function hashPiece(b: Uint8Array, from: number, to: number): boolean {
  let x = 0;
  let y = 0;
  let any = 0;
  let at = from;
  for (const last = to - 3; at < last; at += 4) {
    const p = b[at] as number;
    const q = b[at + 1] as number;
    const r = b[at + 2] as number;
    const s = b[at + 3] as number;
    any |= p | q | r | s;
    x = (Math.imul(x, a4) + Math.imul(p, a3) + Math.imul(q, a2) + Math.imul(r, baseA) + s) | 0;
    y = (Math.imul(y, b4) + Math.imul(p, b3) + Math.imul(q, b2) + Math.imul(r, baseB) + s) | 0;
  }
  for (; at < to; at++) {
    const byte = b[at] as number;
    any |= byte;
    x = (Math.imul(x, baseA) + byte) | 0;
    y = (Math.imul(y, baseB) + byte) | 0;
  }
  hashA = x;
  hashB = y;
  return (any & 0x80) === 0;
}

/** A long value that is put together from its pieces, in order. */
export interface PieceSum {
  a: number;
  b: number;
  length: number;
  /** How many blanks it ends in, before the mark where one is its end. */
  blanks: number;
  /** Its first five bytes and its last three. */
  readonly front: Uint8Array;
  readonly tail: Uint8Array;
}

/** The blanks that a piece ends in, before the mark where one is its end. */
export function blanksAtEnd(b: Uint8Array, from: number, to: number): number {
  const end = endsInMark(b, from, to) ? to - markBytes : to;
  return end - unpadded(b, from, end);
}

const isMarked = ({ tail }: PieceSum): boolean => endsInMark(tail, 0, markBytes);

/** Adds the next piece. */
export function joinPiece(
  sum: PieceSum,
  {
    a,
    b,
    length,
    blanks,
    tail,
  }: Pick<PieceSum, 'a' | 'b' | 'length' | 'blanks'> & { tail: Iterable<number> },
): void {
  // What looked like a mark was none, as more follows.
  const before = isMarked(sum) ? 0 : sum.blanks;
  sum.tail.set([...tail]);
  const isBlank = blanks === length - (length >= markBytes && isMarked(sum) ? markBytes : 0);
  sum.blanks = blanks + (isBlank ? before : 0);
  sum.a = (Math.imul(sum.a, power(baseA, length)) + a) | 0;
  sum.b = (Math.imul(sum.b, power(baseB, length)) + b) | 0;
  sum.length += length;
}

/**
 * As {@link takeValue} for a value in pieces. Whether all its bytes are those of a text is not seen. Null when it may be a
 * value, but has no hash.
 */
export function takePieces(kind: ValueKind, sum: PieceSum): boolean | null {
  const { front, length } = sum;
  if (kind === longText || kind === text) {
    const header = u16(front, 0);
    if (header !== 0 && header !== length - 2) return false;
    if (kind === longText) return true;
    return hashPart(sum, 2, header === 0 && isMarked(sum) ? markBytes : 0, 1);
  }
  if (kind === longBytes || kind === bytes) {
    const at = bytesAt(front, 0, length);
    if (at < 0) return false;
    return kind === longBytes || hashPart(sum, at, 0, 2);
  }
  return kind === opaque ? true : null;
}

/** Takes what stands before and after the value, the blanks at its end included, off the hash of the whole. */
function hashPart(sum: PieceSum, before: number, mark: number, tag: number): true | null {
  const left = sum.length - before;
  // What is no text has no mark, though it may end as one.
  const after = mark + (mark > 0 || !isMarked(sum) ? sum.blanks : 0);
  const length = left - after;
  if (length <= wordBytes) return null;
  const { a, b } = sum;
  hashPiece(sum.front, 0, before);
  let x = (a - Math.imul(hashA, power(baseA, left))) | 0;
  let y = (b - Math.imul(hashB, power(baseB, left))) | 0;
  if (after > 0) {
    const end = Buffer.alloc(after, blank);
    if (mark > 0) end.set(sum.tail, after - mark);
    hashPiece(end, 0, after);
    x = Math.imul((x - hashA) | 0, inverse(power(baseA, after)));
    y = Math.imul((y - hashB) | 0, inverse(power(baseB, after)));
  }
  hashA = finished(x, length, tag);
  hashB = finished(y, length, tag);
  return true;
}

/** Of an odd number modulo 2^32, by Newton's iteration. */
function inverse(odd: number): number {
  let x = odd;
  for (let i = 0; i < 5; i++) x = Math.imul(x, 2 - Math.imul(odd, x));
  return x;
}

/** Whether Derby would read the bytes as modified UTF-8 (SQLChar.readExternal). */
function isText(b: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; ) {
    const first = b[at] as number;
    if (first < 0x80) at += 1;
    else if ((first & 0xe0) === 0xc0) {
      if (at + 2 > to || ((b[at + 1] as number) & 0xc0) !== 0x80) return false;
      at += 2;
    } else if ((first & 0xf0) === 0xe0) {
      if (at + 3 > to || ((b[at + 1] as number) & 0xc0) !== 0x80 || ((b[at + 2] as number) & 0xc0) !== 0x80)
        return false;
      at += 3;
    } else return false;
  }
  return true;
}
